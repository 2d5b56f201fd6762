"""The floor plan: each module imports only from its own floor and from those below it."""

import ast
import functools
import graphlib
import importlib
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from graphmode import _addresses

SOURCE = Path(__file__).resolve().parents[1] / "src" / "graphmode"

FLOORS = {
    0: ["framework", "_addresses"],  # _addresses: tables of names, for every floor
    1: ["ops", "graph_io", "files", "launch"],
    2: ["variables", "autodiff"],
    3: ["runtime", "cluster"],
    4: [
        "training",
        "sessions",
        "profiling",
        "saved_models",
        "input",
        "data",
        "layers",
        "rnn",
        "seq2seq",
        "linear_operators",
        "losses",
        "metrics",
        "ragged",
        "summary",
        "datasets",
        "distributions",
        "platform",
    ],
    5: ["contrib_layers", "replication"],
    6: ["compat", "period", "gan", "graph_tools", "deploy", "horovod"],
    7: ["check", "viz", "notebook"],
    9: ["models"],  # programs written with the names at the top
    10: ["serve"],
    11: ["cli"],
}
FLOOR_OF = {folder: floor for floor, folders in FLOORS.items() for folder in folders}
# What is at the top of the package (`graphmode`, `graphmode.raw_ops`) and what has no file
# (`graphmode.nn`): it may import from everywhere, and nothing below imports it.
NAMESPACES = 8

MOST_FILES = 25
# Folders that hold more than that, and how many they may hold until they are divided.
CROWDED: dict[str, int] = {}

MODULES = sorted(SOURCE.rglob("*.py"))


def module_name(path):
    parts = ("graphmode", *path.relative_to(SOURCE).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def floor_of(module):
    """The floor of a dotted name below graphmode."""
    parts = module.split(".")
    if parts[1:] == ["__main__"]:
        return FLOOR_OF["cli"]
    if len(parts) == 1 or parts[1] not in FLOOR_OF:
        is_folder = len(parts) > 1 and any((SOURCE / parts[1]).rglob("*.py"))
        assert not is_folder, f"the folder {parts[1]} has no floor: add it to FLOORS"
        return NAMESPACES
    return FLOOR_OF[parts[1]]


@functools.cache
def found_imports(path):
    """The names of what a file imports, each with whether a function's body imports it.

    Imports under ``if TYPE_CHECKING:`` are left out: they do not run. What `late` names is imported
    in a declared way: it counts as an import of the file.
    """
    return list(_imports(path, ast.parse(path.read_text())))


def _imports(path, tree):
    yield from ((name, False) for name in late_names(tree))
    package = module_name(path).split(".")
    if path.name != "__init__.py":
        package = package[:-1]
    waiting = [(node, False) for node in tree.body]
    while waiting:
        node, is_local = waiting.pop()
        if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING":
            waiting += [(child, is_local) for child in node.orelse]
            continue
        if isinstance(node, ast.Import):
            yield from ((alias.name, is_local) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*start, *([node.module] if node.module else [])])
            yield from ((f"{base}.{alias.name}", is_local) for alias in node.names)
        is_function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        children = ast.iter_child_nodes(node)
        waiting += [(child, is_local or is_function) for child in children]


def late_names(tree):
    """What ``late(module, name)`` names in a file, the module written out or a constant of it."""
    constants = {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "late":
            module, name = node.args
            address = module.value if isinstance(module, ast.Constant) else constants[module.id]
            yield f"{address}.{name.value}"


def is_ours(name):
    return name.partition(".")[0] == "graphmode"


def floor_of_import(name):
    """`from graphmode import ops` imports the folder ops, not the names at the top."""
    head = name.split(".")[1:2]
    return NAMESPACES if not head else floor_of(f"graphmode.{head[0]}")


def wrong_imports(path):
    floor = floor_of(module_name(path))
    return [
        name for name, _ in found_imports(path) if is_ours(name) and floor_of_import(name) > floor
    ]


def test_imports_go_down():
    assert {path: wrong for path in MODULES if (wrong := wrong_imports(path))} == {}


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
        "_SESSION = 'graphmode.runtime.session'\n"
        "run = late(_SESSION, 'run')\n"
        "node_def = late('graphmode.framework.proto', 'node_def')\n"
        "def lazily():\n"
        "    from graphmode import runtime, nn\n"
        "    from ..autodiff import rules\n"
        "    import graphmode as tf\n"
    )
    monkeypatch.setattr(sys.modules[__name__], "SOURCE", tmp_path)
    assert sorted(wrong_imports(path)) == [
        "graphmode",
        "graphmode.autodiff.rules",
        "graphmode.nn",
        "graphmode.ops.math",
        "graphmode.runtime",
        "graphmode.runtime.session.run",
    ]


# ---- no circles ----------------------------------------------------------------------------------

LATE = {
    "graphmode._addresses": "no table is read before a name is asked for",
    "graphmode.cli": "a program starts before Typer is imported",
    "graphmode.cli.run": "a program that is no notebook needs nothing of Jupyter's",
    "graphmode.cli.commands": "the same",
    "graphmode.cli.child.sitecustomize": "every Python process of a program imports it",
}
"""Modules that import others of ours inside a function, and why."""


def import_graph():
    """Module -> the modules that it imports; what only names others imports all that it names.

    A package above the names at the top is a child of theirs that they do not import.
    """
    modules = {module_name(path): path for path in MODULES}
    graph = {}
    for module, path in modules.items():
        names = [name for name, _ in found_imports(path)]
        targets = {name if name in modules else name.rpartition(".")[0] for name in names}
        address = _addresses.address_of(module)
        if address in _addresses.rows():
            named = {source for source, _ in _addresses.names_at(address).values()}
            above = floor_of(module) == NAMESPACES
            targets |= {name for name in named if not above or floor_of(name) <= NAMESPACES}
        graph[module] = targets & set(modules) - {module}
    return graph


def a_circle(graph):
    """The modules of one circle of imports, or nothing."""
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        return error.args[1]
    return []


def test_no_module_imports_itself_by_way_of_others():
    assert a_circle(import_graph()) == []


def test_no_import_of_ours_hides_in_a_function():
    """Inside a function only what is heavy is imported: jax, protocol buffers, pictures."""
    hidden = [
        (module_name(path), name)
        for path in MODULES
        for name, is_local in found_imports(path)
        if is_local and is_ours(name) and module_name(path) not in LATE
    ]
    assert hidden == []


def test_circles_through_functions_and_tables_are_found(monkeypatch, tmp_path):
    folder = tmp_path / "ops" / "math"
    folder.mkdir(parents=True)
    (folder / "__init__.py").touch()
    (folder / "casts.py").write_text("def cast():\n    from graphmode.ops import math\n")
    (folder / "clip.py").write_text(
        "if TYPE_CHECKING:\n    from graphmode.ops.math.sums import add_n\n"
    )
    (folder / "sums.py").write_text("from graphmode.ops.math.clip import clip_by_value\n")
    monkeypatch.setattr(sys.modules[__name__], "SOURCE", tmp_path)
    monkeypatch.setattr(sys.modules[__name__], "MODULES", sorted(tmp_path.rglob("*.py")))
    monkeypatch.setattr(
        _addresses,
        "rows",
        lambda: {"ops.math": [("graphmode.ops.math.casts", "cast")]},
    )
    graph = import_graph()
    assert graph["graphmode.ops.math.clip"] == set()
    assert graph["graphmode.ops.math.sums"] == {"graphmode.ops.math.clip"}
    assert set(a_circle(graph)) == {"graphmode.ops.math", "graphmode.ops.math.casts"}


def test_what_is_imported_late_is_there():
    for path in MODULES:
        text = path.read_text()
        for name in late_names(ast.parse(text)) if "late(" in text else ():
            module, _, function = name.rpartition(".")
            assert callable(getattr(importlib.import_module(module), function)), (path, name)


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
    heavy = {"jax", "jaxlib", "scipy", "google.protobuf", "tensorboard", "pooch", "rich", "typer"}
    heavy |= {"matplotlib", "sklearn", "pandas", "tensorflow", "starlette", "grpc"}
    code = f"import sys, graphmode\nprint(sorted({heavy!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "[]\n", done.stderr
