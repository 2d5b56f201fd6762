"""Graphs as protobufs: TensorFlow's messages, and what is written to them."""
