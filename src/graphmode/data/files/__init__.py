"""Data sets that lie in files: lines, records, tables, what a pass has kept."""
