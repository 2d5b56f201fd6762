"""The programs of the two seed texts, taken out of them at test time as a reader would type them.

A text prints a notebook: its cells, what they printed, pages that the scanner took twice. The
cells of a lab are the fenced blocks between two lines; what a block shows of its output is left
out by rule (`_code_of`), and what typesetting broke is mended by the table in `faults`, each with
its reason. The texts themselves are no part of this project.
"""

import ast
import os
import re
import warnings
from pathlib import Path
from typing import NamedTuple

import pytest
from IPython.core.inputtransformer2 import TransformerManager
from nbformat import v4

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("GRAPHMODE_DATA", ROOT.parent / "shared" / "data"))
COURSE = DATA.parent / "seeds" / "000_fe8a9e21a89b7023.txt"
NOTES = DATA.parent / "seeds" / "003_a240f75e552c6097.txt"

needs_seeds = pytest.mark.skipif(
    not COURSE.is_file() or not NOTES.is_file(),
    reason="the seed texts do not lie beside the data: ../seeds of GRAPHMODE_DATA",
)


class Said(NamedTuple):
    """One or more characters of a line that are other ones."""

    line: int
    pattern: str
    """A regular expression that has to fit there."""
    new: str
    why: str


class Moved(NamedTuple):
    """Lines with more or less before them than the listing has."""

    first: int
    last: int
    by: int
    why: str


class Dropped(NamedTuple):
    """Lines that are no code, or stand there twice."""

    first: int
    last: int
    why: str


class Added(NamedTuple):
    """A line that the text has lost; it comes after another one."""

    after: int
    text: str
    why: str


class Joined(NamedTuple):
    """Blocks between two lines that are one cell."""

    first: int
    last: int
    why: str


# What stands in front of a cell where the page shows the notebook's margin.
_PROMPT = re.compile(r"^(?:(?:In )?\[[\s\d]*\]\s*:|\]\s*:?|:)(?:\s|$|(?=#))")
# What no program begins a line with: the rest of the paragraph is output.
_OUTPUT = re.compile(
    r"^\s*(?:array\(|\(LSTMStateTuple\(|<tf\.|<matplotlib|\[<|\*\*\*|WARNING:|--20\d\d|Resolving "
    r"|Archive:|GRADIENT|\d+ +\d+\.)"
)
# A sentence between two cells that the page put into one block
_PROSE = re.compile(r"[A-Z][\w']* [\w']+ [\w']+ ")


class Listing(NamedTuple):
    """The lab between two lines of a text."""

    text: Path
    first: int
    last: int
    faults: tuple = ()

    def cells(self, shorter: dict[str, str]) -> list[str]:
        """The cells; for each of `shorter`, text that stands there once or more is replaced."""
        cells = [code for code in map(_code_of, self.blocks()) if code]
        for old, new in shorter.items():
            assert any(old in cell for cell in cells), f"nothing says {old!r}"
            cells = [cell.replace(old, new) for cell in cells]
        return cells

    def blocks(self):
        """The lines of each block, mended, with what it shows of its output."""
        lines = dict(enumerate(self.text.read_text(encoding="utf-8").split("\n"), 1))
        for fault in self.faults:
            _mend(lines, fault)
        block, within = [], False
        joined = [fault for fault in self.faults if isinstance(fault, Joined)]
        for number in range(self.first, self.last + 1):
            line = lines[number]
            if line is None:
                continue
            if line.startswith("```"):
                within = not within
                if not within and not any(j.first <= number < j.last for j in joined):
                    yield block
                    block = []
            elif within:
                block += line.split("\n")

    def notebook(self, shorter: dict[str, str]):
        """The cells as a notebook."""
        cells = [v4.new_code_cell(code) for code in self.cells(shorter)]
        return v4.new_notebook(cells=cells)


def _mend(lines, fault):
    if isinstance(fault, Said):
        lines[fault.line], n = re.subn(fault.pattern, fault.new, lines[fault.line])
        assert n, f"line {fault.line} does not say {fault.pattern!r}"
    elif isinstance(fault, Added):
        lines[fault.after] += f"\n{fault.text}"
    elif isinstance(fault, (Moved, Dropped)):
        for number in range(fault.first, fault.last + 1):
            if lines[number].startswith("```"):
                continue
            if isinstance(fault, Dropped):
                lines[number] = None
            elif lines[number].strip():
                kept = (
                    lines[number] if fault.by > 0 else lines[number].removeprefix(" " * -fault.by)
                )
                lines[number] = " " * max(fault.by, 0) + kept


def _code_of(block):
    """A block without prompts and without what the notebook printed."""
    if len(block) == 1 and r"\n" in block[0]:
        block = block[0].split(r"\n")  # a page that was quoted as one string
    lines = [_PROMPT.sub("", line) for line in block]
    paragraphs, within_output = [[]], False
    for line in lines:
        if not line.strip():
            paragraphs.append([])
            within_output = False
        within_output = within_output or bool(_OUTPUT.match(line))
        if not within_output:
            paragraphs[-1].append(line)
    kept = []
    rest = [line for paragraph in paragraphs for line in paragraph]
    if _is_code(rest):
        return "\n".join(rest).strip("\n")
    waiting = []
    for paragraph in paragraphs:
        if len(list(filter(None, paragraph))) == 1 and _PROSE.match("".join(paragraph)):
            continue
        # A function may have blank lines inside: it is code together with what comes.
        waiting += paragraph
        if _is_code(kept + waiting):
            kept, waiting = kept + waiting, []
    while waiting and not _is_code(kept + waiting):
        waiting.pop()
    code = "\n".join(kept + waiting).strip("\n")
    return code if code.strip() else ""


def _is_code(lines):
    text = TransformerManager().transform_cell("\n".join(lines))
    text = re.sub(r"^(\s*)print (?!\()(.+)$", r"\1print(\2)", text, flags=re.MULTILINE)  # Python 2
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            ast.parse(text)
    except SyntaxError:
        return False
    return True
