"""What goes out of a graph: summaries."""
