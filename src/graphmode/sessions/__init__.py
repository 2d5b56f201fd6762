"""Sessions that train for hours: hooks, checkpoints, threads, and going on after a failure."""
