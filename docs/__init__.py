"""Documents that are generated: `make docs`."""
