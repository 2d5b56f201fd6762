"""What TF1 gave programs beside the graph: flags, app, logging, files, test cases."""
