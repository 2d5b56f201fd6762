"""`ServerDef`, the message that says which task a server is."""

from __future__ import annotations

from typing import Any

from graphmode.cluster.messages import message

ServerDef: Any = message("ServerDef")
ServerDef.__module__ = __name__
ServerDef.__doc__ = "Which task of which cluster a server is, and how its sessions run."
