"""What of data sets lies in files: lines, records, tables, kept elements, where iterators are."""
