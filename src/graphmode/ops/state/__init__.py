"""State: variables as the graph sees them, and what writes to them."""
