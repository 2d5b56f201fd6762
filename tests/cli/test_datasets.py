"""`graphmode datasets`: plain lines in a pipe, tables on a terminal, statuses."""

import pytest
from tests.datasets import small
from typer.testing import CliRunner

from graphmode.cli.commands import app
from graphmode.datasets import catalog, fetch


@pytest.fixture
def data(tmp_path, monkeypatch):
    def refuse(url, directory, checksum, name=None):
        raise OSError("no route to host")

    monkeypatch.setattr(fetch, "fetch", refuse)
    monkeypatch.setenv("GRAPHMODE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return small.write(tmp_path / "data")


def invoke(*arguments):
    return CliRunner().invoke(app, ["datasets", *map(str, arguments)])


def test_list(data):
    (data / "movielens-1m" / "users.dat").unlink()
    for file in (data / "cifar10").iterdir():
        file.unlink()
    rows = [line.split("\t") for line in invoke("list").stdout.splitlines()]
    here = {name: state for name, state, *_ in rows}
    assert list(here) == list(catalog.DATA_SETS)
    assert (here["mnist"], here["iris"], here["cifar10"]) == ("yes", "yes", "no")
    assert here["movielens_1m"] == "3 of 4"
    size = {name: size for name, _, size, _ in rows}
    assert (size["mnist"], size["cifar10"], size["digits"]) == ("11.6 MB", "170.1 MB", "?")
    assert rows[0][3] == "60,000 and 10,000 images uint8 28 x 28; labels 0 to 9"


def test_info(data):
    lines = invoke("info", "movielens-1m").stdout.splitlines()
    assert "title\tMovieLens 1M, ratings of films" in lines
    assert "load\tgraphmode.datasets.movielens_1m.load()" in lines
    assert "file\tratings.dat, 24594131 bytes, checksum not known" in lines
    assert "mirror\thttps://files.grouplens.org/datasets/movielens/ml-1m.zip" in lines
    assert any(line.startswith("licence\tGroupLens: research use") for line in lines)


def test_where(data):
    found = invoke("where", "ptb", "movielens_1m")
    rows = [line.split("\t") for line in found.stdout.splitlines()]
    assert found.exit_code == 0
    train = data / "ptb" / "ptb.train.txt"
    assert rows[0] == ["ptb", "ptb.train.txt", str(train), "another one"]
    assert rows[3][3] == "not known"
    train.unlink()
    missing = invoke("where", "ptb")
    assert missing.exit_code == 1
    assert missing.stdout.splitlines()[0].split("\t") == ["ptb", "ptb.train.txt", "missing", ""]
    assert invoke("where", "iris").stdout.rstrip().endswith("iris.csv\tas published")


def test_fetch(data, tmp_path):
    (data / "tinyshakespeare" / "input.txt").unlink()
    found = invoke("fetch", "fuel_consumption", "tiny_shakespeare", "--to", tmp_path / "copy")
    copy = tmp_path / "copy" / "fuel-consumption" / "FuelConsumption.csv"
    assert found.exit_code == 1
    assert found.stdout == f"fuel_consumption\t{copy}\n"
    kept = data / "fuel-consumption" / "FuelConsumption.csv"
    assert copy.read_bytes() == kept.read_bytes()
    assert [path.name for path in copy.parent.iterdir()] == ["FuelConsumption.csv"]
    assert "put input.txt (1115394 bytes" in found.stderr
    assert invoke("fetch", "all").exit_code == 1
    (data / "tinyshakespeare" / "input.txt").write_text("x")
    assert invoke("fetch", "tiny-shakespeare").exit_code == 0


def test_a_name_that_is_none(data):
    found = invoke("info", "imagenet")
    assert found.exit_code == 2
    assert found.stderr.startswith("graphmode datasets: there is no data set 'imagenet'; there are")


def test_a_terminal_gets_a_table(data, monkeypatch, capsys):
    import sys

    from graphmode.cli import datasets

    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", "120")
    datasets.list_()
    text = capsys.readouterr().out
    assert "name" in text and "───" in text and "\t" not in text
    assert "60,000 and 10,000 images uint8 28 x 28; labels 0 to 9" in text
