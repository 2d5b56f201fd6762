"""What one row of a library's table says, and how a message is said once."""

from __future__ import annotations

import importlib
import sys
from typing import Any, NamedTuple


class Row(NamedTuple):
    """One thing that programs of the period say and a library no longer knows.

    Attributes
    ----------
    module : str
        Where programs find it: "numpy". Empty: in the language.
    name : str
        "asscalar"; of a class "DataFrame.ix"; empty: the module itself.
    now : str
        What to write today.
    gone : str
        Where it was removed: "NumPy 1.23".
    value : str
        What answers: "module:name", imported when the name is first asked for. Of a row for a
        module, the module that answers for it. Empty: a function of the table's `CHANGES` does it.
    refused : str
        Why it cannot be answered, and what to use.
    example : str
        How a program says it, where that is more than ``module.name``.
    install : str
        Of a row for a module: what to install if what answers is not there.
    """

    module: str
    name: str
    now: str
    gone: str
    value: str = ""
    refused: str = ""
    example: str = ""
    install: str = ""

    @property
    def said(self) -> str:
        """What a program says."""
        return self.example or ".".join(part for part in (self.module, self.name) if part)

    def answer(self) -> Any:
        """Import what answers.

        Raises
        ------
        ImportError
            If the row is a refusal: programs that can do without catch it.
        """
        if self.refused:
            raise ImportError(f"{self.said} is gone since {self.gone}: {self.refused}")
        module, _, name = self.value.partition(":")
        answer = importlib.import_module(module)
        for part in name.split(".") if name else ():
            answer = getattr(answer, part)
        return answer


_SAID: set[str] = set()


def say_once(text: str) -> None:
    """Write a line about `text` to stderr, the first time that it is said in this process."""
    if text not in _SAID:
        _SAID.add(text)
        sys.stderr.write(f"graphmode: {text}\n")
