"""Each model has a page, and what a page says can be pasted."""

import ast
import importlib
import inspect
import re

import pytest
from docs.models import __main__ as pages

from graphmode import models, viz
from graphmode._addresses.models import TABLE

pytest.importorskip("matplotlib")

PAGES = {path.stem: path for path in pages.FOLDER.glob("*.md") if path.stem != "README"}
CLASSES = {name for row in TABLE.values() for name in row.get("models", "").split()}
CLASSES -= {"Model", "load"}
NUMBER = re.compile(r"-?\d+\.?\d*")


def test_each_class_has_a_page_and_each_page_is_listed():
    assert set(PAGES) == CLASSES, "write docs/models/NAME.md, then python -m docs.models NAME"
    listed = re.findall(r"\]\((\w+)\.md\)", (pages.FOLDER / "README.md").read_text())
    assert sorted(listed) == sorted(PAGES)


@pytest.mark.parametrize("name", sorted(PAGES))
def test_a_page_is_whole_and_small(name):
    page = PAGES[name].read_text()
    blocks = pages.BLOCK.findall(page)
    assert {kind for kind, _ in blocks} == {"python", "text", "mermaid"}
    assert all(text for _, text in blocks), f"python -m docs.models {name}"
    assert "/tmp" not in page and "Traceback" not in page
    assert f"](pictures/{name}.png)" in page
    assert (pages.PICTURES / f"{name}.png").stat().st_size < 60_000
    for linked in re.findall(r"\]\((\w+)\.md\)", page):
        assert linked in PAGES


@pytest.mark.parametrize("name", sorted(PAGES))
def test_the_names_in_the_code_exist(name):
    """Modules, functions, parameters of models, and what is asked of the model."""
    cls = getattr(models, name)
    asked_of_model = set(dir(cls)).union(*(inspect.get_annotations(c) for c in cls.__mro__))
    code = "".join(pages.code_of(PAGES[name].read_text()))
    assert f"models.{name}(" in code
    for node in ast.walk(ast.parse(code)):
        match node:
            case ast.ImportFrom(module=module, names=names):
                for alias in names:
                    assert hasattr(importlib.import_module(module), alias.name)
            case ast.Call(func=ast.Attribute(ast.Name("models"), called), keywords=keywords):
                parameters = inspect.signature(getattr(models, called)).parameters
                assert {keyword.arg for keyword in keywords} <= set(parameters)
            case ast.Attribute(ast.Name("viz"), function):
                assert hasattr(viz, function)
            case ast.Attribute(ast.Name("model"), attribute):
                assert attribute in asked_of_model


def check_what_is_printed(name, folder):
    written = PAGES[name].read_text()
    again = pages.run(written, folder)
    assert NUMBER.sub("#", again) == NUMBER.sub("#", written), f"python -m docs.models {name}"
    numbers = [[float(n) for n in NUMBER.findall(page)] for page in (again, written)]
    assert numbers[0] == pytest.approx(numbers[1], rel=0.05, abs=0.05)
    assert (folder / f"{name}.png").exists()


@pytest.mark.parametrize("name", ["LogisticRegression", "MLPClassifier"])
def test_a_page_says_what_its_code_prints(name, tmp_path):
    check_what_is_printed(name, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted({*PAGES} - {"LogisticRegression", "MLPClassifier"}))
def test_every_page_says_what_its_code_prints(name, tmp_path):
    check_what_is_printed(name, tmp_path)
