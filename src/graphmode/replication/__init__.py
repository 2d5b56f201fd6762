"""Training by replicas of a model, on several devices or machines."""
