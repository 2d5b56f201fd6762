"""Data on its way into a graph: queues, messages of features."""
