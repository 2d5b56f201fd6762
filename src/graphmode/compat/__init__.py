"""Where graphmode meets programs written for TensorFlow: its name, its versioned addresses."""
