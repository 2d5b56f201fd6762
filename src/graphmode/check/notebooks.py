"""The cells of a notebook's file, without Jupyter's packages."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path


def read_cells(path: Path) -> list[str]:
    """The texts of the code cells that are not empty, in the order in which they run.

    Parameters
    ----------
    path : Path

    Returns
    -------
    list of str

    Raises
    ------
    OSError
        If the file cannot be read.
    ValueError
        If it is no notebook, or one of another language.
    """
    try:
        notebook: Any = json.loads(path.read_bytes())
        metadata = notebook.get("metadata", {})
        language = metadata.get("language_info", {}).get("name") or metadata.get(
            "kernelspec", {}
        ).get("language", "python")
        if not language.lower().startswith(("python", "ipython")):
            raise ValueError(f"a notebook of {language}, not of Python")
        sheets = notebook.get("worksheets", [notebook])  # of before 2015
        cells = [cell for sheet in sheets for cell in sheet["cells"]]
        texts = [_text(cell) for cell in cells if cell["cell_type"] == "code"]
    except (AttributeError, KeyError, TypeError, UnicodeDecodeError) as error:
        raise ValueError(f"not a notebook: {error}") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"not a notebook: {error}") from None
    return [text for text in texts if text.strip()]


def _text(cell: dict[str, Any]) -> str:
    source = cell.get("source", cell.get("input", ""))
    return source if isinstance(source, str) else "".join(source)
