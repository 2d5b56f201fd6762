"""`graphmode train` and what is asked of trained networks: words around `graphmode.models`."""
