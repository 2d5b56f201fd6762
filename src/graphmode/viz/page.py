"""`embedding_page`: named points in the plane as one HTML file."""

from __future__ import annotations

import html
import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from graphmode.files.whole import write_whole
from graphmode.viz.words import in_the_plane

_SIDE = 900
_MARGIN = 40
_STYLE = """
body { font: 16px/1.4 sans-serif; margin: 1em auto; max-width: 960px }
body { color: #222; background: #fff }
svg { width: 100%; height: auto; border: 1px solid #bbb }
circle { fill: #1f6fb2; fill-opacity: .75 }
g text { display: none; font-size: 17px; paint-order: stroke; stroke: #fff; stroke-width: 5px }
g:hover text, g:focus text, g.found text { display: inline }
g:hover circle, g:focus circle, g.found circle { fill: #b3261e; fill-opacity: 1 }
g:focus { outline: none }
label { display: block; margin: .6em 0 }
input { font: inherit }
"""
_SCRIPT = """
const points = [...document.querySelectorAll("g")], told = document.getElementById("told");
document.getElementById("asked").addEventListener("input", event => {
  const asked = event.target.value.trim().toLowerCase();
  let n = 0;
  for (const point of points) {
    const isFound = asked !== "" && point.dataset.name.toLowerCase().startsWith(asked);
    point.classList.toggle("found", isFound);
    n += isFound;
  }
  told.textContent = asked === "" ? "" : n + " found";
});
"""


def embedding_page(
    vectors: Any,
    names: Sequence[str],
    *,
    method: str = "tsne",
    seed: int = 0,
    title: str = "Words in the plane",
    path: str | os.PathLike[str] | None = None,
) -> str:
    """Points where vectors lie in the plane, as a page: the name of each shows under the pointer.

    The page is one file and asks no address. Points can be reached by the keyboard, are read out
    by name, and are found by the beginning of their names.

    Parameters
    ----------
    vectors : array, float [n, size]
        At least 3, of size 2 or more. Only directions count.
    names : sequence of str
        Their n names.
    method : {"tsne", "pca"}
        As of `plot_words`.
    seed : int
        Of t-SNE.
    title : str
    path : str or path, optional
        Where to write the page.

    Returns
    -------
    str
        The page, HTML.

    Raises
    ------
    ValueError
        If the numbers of vectors and names differ, there are fewer than 3, or there is no such
        method.
    """
    points = in_the_plane(vectors, names, method, seed)
    low, high = points.min(0), points.max(0)
    spread = np.where(high > low, high - low, 1)
    places = _MARGIN + (points - low) / spread * (_SIDE - 2 * _MARGIN)
    drawn = "\n".join(
        _point(x, _SIDE - y, str(name)) for (x, y), name in zip(places, names, strict=True)
    )
    head = html.escape(title)
    page = (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{head}</title>\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"<style>{_STYLE}</style></head>\n<body><main><h1>{head}</h1>\n"
        f"<p>{len(names)} points; near ones have vectors of about one direction. Point at one, "
        "move to it with the Tab key, or type how its name begins.</p>\n"
        '<label>Name: <input id="asked" type="search" autocomplete="off"></label> '
        '<span id="told" role="status"></span>\n'
        f'<svg viewBox="0 0 {_SIDE} {_SIDE}" role="group" aria-label="{head}">\n{drawn}\n</svg>\n'
        f"</main><script>{_SCRIPT}</script></body></html>\n"
    )
    if path is not None:
        write_whole(path, page.encode())
    return page


def _point(x: float, y: float, name: str) -> str:
    shown = html.escape(name, quote=True)
    is_right = x > _SIDE / 2
    anchor, shift = ("end", -10) if is_right else ("start", 10)
    return (
        f'<g tabindex="0" role="img" aria-label="{shown}" data-name="{shown}">'
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5"/>'
        f'<text x="{x + shift:.1f}" y="{y + 5:.1f}" text-anchor="{anchor}">{shown}</text></g>'
    )
