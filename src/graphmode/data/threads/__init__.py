"""What data sets do in threads: elements made ahead, several at once."""
