"""What Python processes find that a program under `graphmode run` starts: `sitecustomize`."""

from pathlib import Path

CHILDREN = str(Path(__file__).parent)
"""The folder that is first on their path."""
