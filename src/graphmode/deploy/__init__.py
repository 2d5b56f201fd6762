"""Trained graphs on their way to other systems: StableHLO, ONNX, frozen graphs, SavedModels."""
