"""What ONNX calls JAX's primitives: a rule takes the graph, the equation and its inputs' names."""
