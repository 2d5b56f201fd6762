"""What a model has and does: its parameters, its floating-point operations, its times."""
