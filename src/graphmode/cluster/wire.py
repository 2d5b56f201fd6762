"""gRPC, which says on stderr what goes wrong, and not what goes as it should.

Unless told otherwise it notes each connection that ends ("Got goaway"), as all do when a task ends.
Who has set ``GRPC_VERBOSITY``, or has imported gRPC before, has chosen.
"""

from __future__ import annotations

import os
import sys

if "grpc" not in sys.modules:
    os.environ.setdefault("GRPC_VERBOSITY", "ERROR")
import grpc

__all__ = ["grpc"]
