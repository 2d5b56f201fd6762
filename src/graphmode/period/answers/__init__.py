"""What answers for a name that is gone, where that takes more than a line."""
