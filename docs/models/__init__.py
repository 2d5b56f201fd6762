"""A page for each model: `python -m docs.models`."""
