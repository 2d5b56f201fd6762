"""Programs: made of a stage by XLA, found again by what the stage does."""
