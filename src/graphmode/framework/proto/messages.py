"""`protobuf`: TensorFlow's messages, as TensorBoard compiled them."""

from __future__ import annotations

import importlib
from typing import Any


def protobuf(module: str) -> Any:
    """TensorBoard's module of `module`.proto; loaded on first use, since it is slow to import."""
    return importlib.import_module(f"tensorboard.compat.proto.{module}_pb2")
