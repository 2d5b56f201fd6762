"""The command lines of TensorFlow's tools: flags that may say ``--frozen_graph`` or ``=False``."""

from __future__ import annotations

import argparse
from typing import Any


class ToolFlags(argparse.ArgumentParser):
    """The flags of a tool; what is unknown is left to nobody, as the tools do."""

    def text(self, name: str, help: str, default: str = "") -> None:
        """Add a flag that holds text."""
        self.add_argument(f"--{name}", default=default, help=help)

    def switch(self, name: str, help: str, default: bool = False) -> None:
        """Add a flag that is on or off."""
        self.add_argument(
            f"--{name}", nargs="?", const=True, default=default, type=_as_bool, help=help
        )

    def parsed(self) -> Any:
        """What the command line says."""
        return self.parse_known_args()[0]


def _as_bool(text: str) -> bool:
    return text.lower() == "true"


def names(text: str) -> list[str]:
    """The names of a text that has commas between them."""
    return [name for name in text.replace(" ", "").split(",") if name]


def placeholder_types(text: str) -> int | list[int]:
    """The numbers of dtypes: one for all placeholders, or one for each."""
    numbers = [int(number) for number in text.split(",")]
    return numbers if len(numbers) > 1 else numbers[0]
