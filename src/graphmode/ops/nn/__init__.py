"""Networks: activations, convolutions, pooling, normalization, losses."""
