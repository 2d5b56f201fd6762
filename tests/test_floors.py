"""The floor plan: each module imports only from its own floor and from those below it."""

import ast
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from graphmode import _addresses

SOURCE = Path(__file__).resolve().parents[1] / "src" / "graphmode"

FLOORS = {
    0: ["framework", "_addresses"],  # _addresses: tables of names, for every floor
    1: ["ops"],
    2: ["variables", "autodiff"],
    3: ["runtime"],
    4: [
        "training",
        "layers",
        "rnn",
        "seq2seq",
        "losses",
        "metrics",
        "summary",
        "datasets",
        "platform",
    ],
    5: ["contrib_layers"],
    6: ["compat"],
    7: ["viz", "cli"],
}
FLOOR_OF = {folder: floor for floor, folders in FLOORS.items() for folder in folders}
# What is at the top of the package (`graphmode`, `graphmode.raw_ops`) and what has no file
# (`graphmode.nn`): it may import from everywhere, and nothing below imports it.
NAMESPACES = 8

MOST_FILES = 25
# Folders that hold more than that, and how many they may hold until they are divided.
CROWDED = {"framework": 28}

MODULES = sorted(SOURCE.rglob("*.py"))


def module_name(path):
    parts = ("graphmode", *path.relative_to(SOURCE).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def floor_of(module):
    """The floor of a dotted name below graphmode."""
    parts = module.split(".")
    if len(parts) == 1 or parts[1] not in FLOOR_OF:
        is_folder = len(parts) > 1 and any((SOURCE / parts[1]).rglob("*.py"))
        assert not is_folder, f"the folder {parts[1]} has no floor: add it to FLOORS"
        return NAMESPACES
    return FLOOR_OF[parts[1]]


def imported_modules(path):
    """Every graphmode module that a file imports, at its top or inside a function."""
    package = module_name(path).split(".")
    if path.name != "__init__.py":
        package = package[:-1]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*start, *([node.module] if node.module else [])])
            # `from graphmode import ops` imports the folder ops, not the names at the top.
            names = [
                f"{base}.{alias.name}" if base == "graphmode" else base for alias in node.names
            ]
        else:
            continue
        yield from (name for name in names if name.split(".")[0] == "graphmode")


def wrong_imports(path):
    floor = floor_of(module_name(path))
    return [name for name in imported_modules(path) if floor_of(name) > floor]


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_imports_go_down(path):
    assert wrong_imports(path) == []


@pytest.mark.parametrize(
    "address", ["compat", "layers", "losses", "metrics", "ops.array", "ops.math", "summary", "viz"]
)
def test_a_package_gives_no_names_from_floors_above(address):
    floor = floor_of(f"graphmode.{address}")
    sources = {source for source, inner in _addresses.names_at(address).values() if inner}
    ours = {source for source in sources if source.startswith("graphmode.")}
    assert ours
    assert [source for source in ours if floor_of(source) > floor] == []


def test_no_folder_is_crowded():
    counts = Counter(str(path.parent.relative_to(SOURCE)) for path in MODULES)
    assert {folder: n for folder, n in counts.items() if n > CROWDED.get(folder, MOST_FILES)} == {}
    assert [folder for folder in CROWDED if counts[folder] <= MOST_FILES] == []


def test_every_kind_of_import_upwards_is_found(monkeypatch, tmp_path):
    folder = tmp_path / "framework"
    folder.mkdir()
    (tmp_path / "nn.py").touch()
    path = folder / "graph.py"
    path.write_text(
        "from graphmode.framework import dtypes\n"
        "from . import shapes\n"
        "import graphmode.ops.math\n"
        "def lazily():\n"
        "    from graphmode import runtime, nn\n"
        "    from ..autodiff import rules\n"
        "    import graphmode as tf\n"
    )
    monkeypatch.setattr(sys.modules[__name__], "SOURCE", tmp_path)
    assert sorted(wrong_imports(path)) == [
        "graphmode",
        "graphmode.autodiff",
        "graphmode.nn",
        "graphmode.ops.math",
        "graphmode.runtime",
    ]


def test_framework_does_not_import_jax():
    names = [module_name(path) for path in MODULES if "framework" in path.parts]
    names = [name for name in names if name.startswith("graphmode.framework")]
    code = (
        f"import importlib, sys\nfor name in {names!r}:\n    importlib.import_module(name)\n"
        "print(sorted({'jax', 'jaxlib', 'tensorflow'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "[]\n", done.stderr


def test_importing_graphmode_imports_nothing_heavy():
    heavy = {"jax", "jaxlib", "google.protobuf", "tensorboard", "pooch", "rich", "typer"}
    heavy |= {"matplotlib", "sklearn", "pandas", "tensorflow"}
    code = f"import sys, graphmode\nprint(sorted({heavy!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "[]\n", done.stderr
