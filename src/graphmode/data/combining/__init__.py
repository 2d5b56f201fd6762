"""Several data sets as one: side by side, one after the other, in turns, by choice."""
