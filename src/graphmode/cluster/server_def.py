"""`ServerDef`, the message that says which task a server is."""

from __future__ import annotations

from typing import Any

from graphmode.cluster.messages import message

ServerDef: Any = message("ServerDef")
