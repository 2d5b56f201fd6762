"""SavedModels: a graph, its variables, its files and its signatures in one folder."""
