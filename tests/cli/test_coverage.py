"""`graphmode coverage`: it reads, counts, says why, and its page is fresh."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from graphmode.cli import coverage
from graphmode.cli.commands import app

PAGE = Path(__file__).parents[2] / "docs" / "coverage.md"
TABLE = """symbol,files,repos,occurrences,files_research,files_all,in_tf2.21_compat_v1,family
tf.nn.relu,7,2,9,1,8,yes,core
tf.contrib.eager.Iterator,1,1,1,1,2,no,other tf.contrib
tf.load_op_library,3,1,3,0,3,yes,core
tf.Session.run,2,1,3,0,2,yes,core
tf.used_once,1,1,1,0,1,no,core
tf.python.ops.math_ops,2,1,3,0,2,yes,internals
"""


@pytest.fixture
def counts(tmp_path):
    (tmp_path / "api_usage.csv").write_text(TABLE)
    return tmp_path


def test_what_is_used_is_counted_by_family(counts):
    symbols = coverage.read_symbols(counts)
    assert [(s.name, s.files, s.present) for s in symbols] == [
        ("tf.nn.relu", 8, True),
        ("tf.load_op_library", 3, False),
        ("tf.Session.run", 2, True),
        ("tf.contrib.eager.Iterator", 2, False),
        ("tf.python.ops.math_ops", 2, True),
    ]
    lines = coverage.coverage_page(symbols).splitlines()
    assert "3 of 5 symbols (60.0 %) in all;" in lines
    assert lines[lines.index("3 of 5 symbols (60.0 %) in all;") + 1].startswith("3 of 4 symbols")
    assert "| core | 3 | 2 |" in lines
    absent = lines[lines.index("## Absent") + 4 :]
    assert absent == [
        "| `tf.load_op_library` | 3 | compiled kernels cannot be loaded: write the op with "
        "tf.py_func |",
        "| `tf.contrib.eager.Iterator` | 2 | graphmode runs graphs only: fetch with Session.run |",
    ]


def test_the_command_prints_or_writes_the_page(counts, tmp_path, monkeypatch):
    printed = CliRunner().invoke(app, ["coverage", "--api", str(counts)])
    assert printed.exit_code == 0 and printed.output.startswith("# Coverage")
    monkeypatch.setenv("GRAPHMODE_API", str(counts))
    written = CliRunner().invoke(app, ["coverage", "--output", str(tmp_path / "page.md")])
    assert (written.exit_code, written.output) == (0, "")
    assert (tmp_path / "page.md").read_text() == printed.output


@pytest.mark.parametrize(
    ("table", "text"),
    [
        (None, "there is no "),
        ("symbol,files\ntf.nn,1\n", "is no table of symbol, files_all and family"),
        ("symbol,files_all,family\ntf.nn,many,core\n", "is no table of symbol, files_all and"),
    ],
)
def test_a_folder_without_counts_is_refused_by_name(table, text, tmp_path):
    if table is not None:
        (tmp_path / "api_usage.csv").write_text(table)
    done = CliRunner().invoke(app, ["coverage", "--api", str(tmp_path)])
    assert done.exit_code == 1
    assert "graphmode coverage: " in str(done.exception) + done.output
    assert text in str(done.exception) + done.output


def test_the_page_is_fresh():
    folder = coverage.default_folder()
    if not folder.is_absolute():
        folder = PAGE.parents[1] / folder
    if not (folder / "api_usage.csv").is_file():
        pytest.skip("the counts are not here (GRAPHMODE_API)")
    page = coverage.coverage_page(coverage.read_symbols(folder))
    assert PAGE.read_text() == page, "write it again: make docs"
