"""The tables: what one library no longer knows, a file a library."""
