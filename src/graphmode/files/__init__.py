"""TensorFlow's file formats: sorted tables, tensor bundles, checkpoints of version 1.

Nothing here knows of graphs. What is damaged raises DataLossError with the file and the byte.
"""
