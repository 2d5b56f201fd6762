"""Stubs for editors and type checkers, which cannot see that a row of a table is `tf.nn.relu`.

They are written when the package is built or installed, `python -m graphmode._addresses.stubs`
writes them into the package that is imported. Each is a folder with an ``__init__.pyi``: without
the folder a checker would miss the module's source.
"""

from __future__ import annotations

import textwrap
from pathlib import Path

from graphmode import _addresses
from graphmode._addresses import modules


def stub(address: str) -> str:
    """The text of the stub of an address.

    Parameters
    ----------
    address : str
        "tf", "nn", "contrib.layers".

    Returns
    -------
    str
        Imports, and `__all__`: without it an import is private in a stub.
    """
    names = _addresses.names_at(address)
    lines = [f'"""{modules.DOCS[address]}"""', ""] if address in modules.DOCS else []
    imports: dict[str, list[str]] = {}
    for name, (source, inner) in names.items():
        if not inner:
            source, _, inner = source.rpartition(".")
        elif not source.startswith("graphmode."):  # generated code, without types
            source, inner = "typing", "Any"
        imports.setdefault(source, []).append(name if name == inner else f"{inner} as {name}")
    for source, entries in imports.items():
        lines += _wrapped(f"from {source} import (", entries, ")")
    if address == "tf":
        lines += ["__version__: str", "VERSION: str", "release: str"]
    if ".gen_" in address:
        lines += ["import typing", "", "def __getattr__(name: str) -> typing.Any: ...", ""]
    lines += _wrapped("__all__ = [", [f'"{name}"' for name in names], "]")
    return "\n".join(lines) + "\n"


def _wrapped(start: str, entries: list[str], end: str) -> list[str]:
    indent = "    "
    text = textwrap.fill(", ".join(entries), 100, initial_indent=indent, subsequent_indent=indent)
    return [start, text, end]


def write(package: Path) -> None:
    """Write the stubs of all addresses into a copy of the package; older ones go.

    Parameters
    ----------
    package : Path
        The folder called graphmode.
    """
    for old in package.rglob("*.pyi"):
        old.unlink()
    for address in _addresses.addresses():
        is_empty = not _addresses.names_at(address) and address not in modules.DOCS
        is_public = not is_empty and not address.startswith("ops.")
        if is_public:
            folder = package if address == "tf" else package.joinpath(*address.split("."))
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "__init__.pyi").write_text(stub(address))


if __name__ == "__main__":
    write(Path(__file__).parents[1])
