"""``%load_ext graphmode``: in this notebook, `import tensorflow` is graphmode."""

from __future__ import annotations

import ast
import functools
import html
import linecache
import re
import sys
from typing import Any

from google.protobuf import text_format

from graphmode import period
from graphmode.compat import alias
from graphmode.datasets.addresses import hooks
from graphmode.datasets.addresses import shell as shell_lines
from graphmode.framework.graph import Graph
from graphmode.framework.proto.messages import protobuf
from graphmode.platform.user_traceback import known_class, user_traceback
from graphmode.viz.graph import graph_mermaid, graph_svg
from graphmode.viz.logs import curves

# What TensorFlow's notebooks of 2016 put into a page: the text of a GraphDef, quoted.
_PBTXT = re.compile(r"""\.pbtxt\s*=\s*('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")""", re.DOTALL)


def load(shell: Any) -> None:
    """Make `shell` (IPython's) a place where a TensorFlow 1 notebook runs as it is.

    `import tensorflow` is graphmode, Python 2 and names that other libraries have removed work as
    they did (`graphmode.period`), graphs draw themselves, errors show the user's lines alone. A
    second call changes nothing.
    """
    if getattr(shell, "_graphmode_is_loaded", False):
        return
    shell._graphmode_is_loaded = True
    alias.install()
    hooks.install()
    period.install()  # prepares the cells of this shell, too
    shell_lines.install(shell)
    shell.compile.get_code_name = lambda raw, code, number: f"In[{number}]"
    shell.compile.cache = _as_typed(shell.compile.cache)
    shell.set_custom_exc((Exception,), _show_error)
    for magic in (tensorflow_version, tensorboard):
        shell.register_magic_function(magic, "line")
    formatter = shell.display_formatter
    formatter.mimebundle_formatter.for_type(Graph, picture)
    formatter.formatters["text/html"].for_type_by_name(
        "IPython.core.display", "HTML", _html_with_own_graph
    )


_OTHERWISE: set[tuple[str, int]] = set()
"""Lines of cells that were translated before they ran: name of the cell, number of the line."""

_FRAME = re.compile(r'^  File "(In\[\d+\])", line (\d+)')


def _as_typed(cache: Any) -> Any:
    """IPython's `compile.cache`, which keeps a cell's text for tracebacks: the text as typed."""

    @functools.wraps(cache)
    def keep(transformed_code: str, number: int = 0, raw_code: str | None = None) -> str:
        name = cache(transformed_code, number, raw_code)
        typed, ran = (raw_code or "").splitlines(), transformed_code.splitlines()
        if raw_code is not None and len(typed) == len(ran):
            linecache.cache[name] = (len(raw_code), None, [f"{line}\n" for line in typed], name)
            _OTHERWISE.update((name, i) for i, line in enumerate(ran, 1) if line != typed[i - 1])
        return name

    return keep


def _lines_for_user(error: BaseException) -> list[str]:
    """The lines of a traceback; no ^^^ below a line that ran as another text."""
    kept: list[str] = []
    lines = "".join(user_traceback(error)).rstrip("\n").split("\n")
    was_otherwise = False
    for line in lines:
        if line.strip() and not line.strip(" ^~") and was_otherwise:
            continue
        frame = _FRAME.match(line)
        if frame or not line.startswith("    "):
            was_otherwise = frame is not None and (frame[1], int(frame[2])) in _OTHERWISE
        kept.append(line)
    return kept


def _show_error(
    shell: Any, kind: type[BaseException], error: BaseException, trace: Any, tb_offset: Any = None
) -> None:
    """Show an error of a cell: the user's frames, `In[7]` for a cell."""
    shell._showtraceback(known_class(kind), error, _lines_for_user(error))


def tensorflow_version(line: str) -> None:
    """``%tensorflow_version 1.x``, of Colab: that is what there is."""
    if line.strip().startswith("2"):
        sys.stderr.write("graphmode is TensorFlow 1: there is no version 2.x here\n")


def tensorboard(line: str) -> Any:
    """``%tensorboard --logdir DIR``: the curves of what was written there, as pictures."""
    words = line.split()
    if "--logdir" in words[:-1]:
        folder = words[words.index("--logdir") + 1]
    else:
        found = re.search(r"--logdir=(\S+)", line)
        folder = found[1] if found else "."
    return curves(folder.strip("'\""))


def picture(graph: Graph, include: Any = None, exclude: Any = None) -> dict[str, str]:
    """What a notebook shows of a graph: SVG, or Mermaid where pygraphviz is not installed."""
    # Without the address in memory: a notebook that is run again stays the same file.
    text = f"<graphmode Graph with {len(graph.get_operations())} operations>"
    try:
        return {"image/svg+xml": graph_svg(graph), "text/plain": text}
    except ImportError:
        return {"text/vnd.mermaid": graph_mermaid(graph), "text/plain": text}


def _html_with_own_graph(page: Any) -> str | None:
    """The HTML of `page`; the `show_graph` of old notebooks, whose page is gone, as our SVG."""
    text = page.data or ""
    if "tf-graph-basic" not in text:
        return page._repr_html_()
    found = _PBTXT.search(html.unescape(text))
    if not found:
        return page._repr_html_()
    graph_def = protobuf("graph").GraphDef()
    text_format.Parse(ast.literal_eval(found[1]), graph_def)
    try:
        return graph_svg(graph_def)
    except ImportError as error:
        return f"<pre>{html.escape(str(error))}</pre>"
