"""Where files lie, and TensorFlow's formats: records, tables, bundles, checkpoints of version 1.

Nothing here knows of graphs. What is damaged raises DataLossError with the file and the byte.
"""
