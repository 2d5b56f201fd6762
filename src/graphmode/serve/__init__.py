"""Models behind an address: TensorFlow Serving's REST and gRPC interfaces, over Starlette."""

from graphmode.serve.application import app
from graphmode.serve.library import ModelConfig, Policy
from graphmode.serve.settings import Settings

__all__ = ["ModelConfig", "Policy", "Settings", "app"]
