"""Run the code of the models' pages, and write into them what it printed, drew and built.

``python -m docs.models [NAME ...]``: all pages, or those of the classes named. In a page

- code (``python``) runs as one program, which writes the page's picture, NAME.png;
- what it prints comes into the next block of ``text``;
- the block of ``mermaid`` is the graph of what its `model` is asked for first; of its loss where
  ``<!-- graph of the loss -->`` stands.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import re
import tempfile
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
PICTURES = FOLDER / "pictures"
MOST_BOXES = 14
OF_LOSS = "<!-- graph of the loss -->"
BLOCK = re.compile(r"^```(python|text|mermaid)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def code_of(page: str) -> list[str]:
    """The blocks of code of a page, in order."""
    return [text for kind, text in BLOCK.findall(page) if kind == "python"]


def run(page: str, folder: str | Path) -> str:
    """The page with what its code prints and its model's graph; files are written to `folder`."""
    names: dict[str, Any] = {"__name__": "page"}
    printed = ""

    def filled(block: re.Match[str]) -> str:
        nonlocal printed
        kind, text = block.groups()
        if kind == "python":
            said = io.StringIO()
            with contextlib.chdir(folder), contextlib.redirect_stdout(said):
                exec(compile(text, "page", "exec"), names)
            printed += said.getvalue()
        elif kind == "text":
            text, printed = "".join(f"{line.rstrip()}\n" for line in printed.splitlines()), ""
        return f"```{kind}\n{text}```"

    page = BLOCK.sub(filled, page)
    graph = f"```mermaid\n{picture_of(names['model'], OF_LOSS in page)}```"
    return BLOCK.sub(lambda block: graph if block[1] == "mermaid" else block[0], page)


def picture_of(model: Any, of_loss: bool) -> str:
    """What the loss or the first output of a fitted model is computed from, for Mermaid."""
    import graphmode as tf
    from graphmode import viz

    network = model.network_
    asked = network.measures["loss"] if of_loss else next(iter(network.outputs.values()))
    definition = tf.graph_util.extract_sub_graph(model.graph_.as_graph_def(), [asked.op.name])
    return viz.graph_mermaid(definition, most=MOST_BOXES).rstrip() + "\n"


def shrink(picture: Path, to: Path) -> None:
    """Write a picture small: tiles 440 pixels wide in 16 grays, plots 800 in 128 colours, at most.

    A plot is mostly white.
    """
    from PIL import Image

    with Image.open(picture) as opened:
        small = opened.convert("RGB")
    n_white = small.convert("L").histogram()[255]
    is_plot = n_white > small.width * small.height / 2
    most, colours = (800, 128) if is_plot else (440, 16)
    if small.width > most:
        size = (most, round(small.height * most / small.width))
        small = small.resize(size, Image.Resampling.LANCZOS)
    small.quantize(colours).save(to, optimize=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m docs.models", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME")
    named = parser.parse_args().names
    os.environ["MPLBACKEND"] = "agg"
    for path in sorted(FOLDER.glob("*.md")):
        if path.stem == "README" or (named and path.stem not in named):
            continue
        with tempfile.TemporaryDirectory() as folder:
            page = run(path.read_text(), folder)
            shrink(Path(folder, f"{path.stem}.png"), PICTURES / f"{path.stem}.png")
        path.write_text(page)
        print(path.stem, flush=True)


if __name__ == "__main__":
    main()
