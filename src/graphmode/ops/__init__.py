"""The vocabulary: one module per family of operations, one pure function per operation."""
