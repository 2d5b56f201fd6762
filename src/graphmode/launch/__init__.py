"""Many processes that run one program: how they start, find each other, exchange and end."""
