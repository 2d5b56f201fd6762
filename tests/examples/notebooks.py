"""How the tests run a lab's notebook: as `graphmode run` does, in a process of its own."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import nbformat
from tests.examples.labs import DATA, ROOT

NOTEBOOKS = ROOT / "examples" / "notebooks"


class Shown(NamedTuple):
    """What a reader sees under the cells."""

    text: str
    """All that is printed and all values, one after the other."""
    n_pictures: int


def stored(name: str) -> Shown:
    """What the notebook shows as it lies in the project: the whole form, run before."""
    return _shown(nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4))


def executed(name: str, folder: Path, **parameters: object) -> Shown:
    """What it shows when it is run in `folder` with other values in its cell of parameters."""
    notebook = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
    for cell in notebook.cells:
        cell.pop("outputs", None) if cell.cell_type != "code" else cell.update(outputs=[])
    if parameters:
        (cell,) = [c for c in notebook.cells if "parameters" in c.metadata.get("tags", ())]
        for key, value in parameters.items():
            cell.source, n = re.subn(rf"^{key} = .*$", f"{key} = {value}", cell.source, flags=re.M)
            assert n == 1, f"{name} has no parameter {key}"
    path = folder / f"{name}.ipynb"
    nbformat.write(notebook, path)
    done = subprocess.run(
        [sys.executable, "-m", "graphmode", "run", "--inplace", path],
        capture_output=True,
        text=True,
        env={**os.environ, "GRAPHMODE_DATA": str(DATA)},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return _shown(nbformat.read(path, as_version=4))


def _shown(notebook) -> Shown:
    text, n_pictures = [], 0
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.output_type == "stream":
                assert output.name == "stdout", output.text
                text.append(output.text)
            else:
                data = output.data
                n_pictures += "image/png" in data or "image/svg+xml" in data
                text.append(data.get("text/html") or f"{data.get('text/plain', '')}\n")
    return Shown("".join(text), n_pictures)


def numbers_after(words: str, text: str) -> list[float]:
    """The number after each place where `words` (a pattern) stand."""
    return [float(number) for number in re.findall(words + r"(-?\d+\.?\d*(?:e-?\d+)?)", text)]
