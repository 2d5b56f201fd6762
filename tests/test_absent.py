"""What is absent says what to use; no such hint names what is not there, or is out of date."""

import importlib
import re
import subprocess
import sys
from operator import attrgetter

import pytest

import graphmode as gm
from graphmode._addresses import absent, modules


def is_there(address):
    """Whether a dotted name below the package can be imported or reached."""
    try:
        attrgetter(address)(gm)
    except AttributeError:
        try:
            importlib.import_module(f"graphmode.{address}")
        except ModuleNotFoundError:
            return False
    return True


@pytest.mark.parametrize("address", absent.INSTEAD)
def test_a_hint_is_for_what_is_absent(address):
    """Where a package is imported for nothing, or part of it is here, its other names count."""
    below = address if address in (*modules.DOCS, "models") else None
    assert below or not is_there(address)
    with pytest.raises((AttributeError, ModuleNotFoundError)) as raised:
        attrgetter(f"{address}.nothing_of_that_name" if below else address)(gm)
    assert str(raised.value).endswith(absent.INSTEAD[address]) or "." in address


@pytest.mark.parametrize("hint", sorted(set(absent.INSTEAD.values())))
def test_what_a_hint_names_is_there(hint):
    for name in re.findall(r"\btf\.([\w.]+\w)", hint):
        assert is_there(name), name
    for name in re.findall(r"\bsklearn\.[\w.]+\w", hint):
        module, _, attribute = name.rpartition(".")
        pytest.importorskip("sklearn")
        owner = importlib.import_module(module)
        assert hasattr(owner, attribute) or importlib.import_module(name)
    if "Session." in hint:
        assert all(hasattr(gm.Session, name) for name in re.findall(r"Session\.(\w+)", hint))


def test_the_error_of_an_absent_symbol():
    with pytest.raises(AttributeError) as raised:
        gm.contrib.eager.Iterator  # noqa: B018
    assert str(raised.value) == (
        "module 'graphmode.contrib.eager' has no attribute 'Iterator': "
        "graphmode runs graphs only: fetch with Session.run"
    )
    with pytest.raises(AttributeError, match=r"'load_op_library': compiled kernels cannot be load"):
        gm.load_op_library("zero_out.so")


def test_a_package_of_which_nothing_is_used_can_be_imported():
    code = (
        "from graphmode.compat import alias\nalias.install()\n"
        "import tensorflow.contrib.eager as tfe\n"
        "from tensorflow.contrib import lookup, opt, staging\n"
        "print(tfe.__name__, lookup.__name__)\n"
        "from tensorflow.contrib.tensor_forest.python import tensor_forest\n"
        "import tensorflow.contrib.learn.python.learn.run_config\n"
        "try:\n    from tensorflow.contrib.tensor_forest import client2\n"
        "except ImportError as error:\n    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.splitlines() == [
        "graphmode.contrib.eager graphmode.contrib.lookup",
        "graphmode has no tensorflow.contrib.tensor_forest.client2: "
        "use sklearn.ensemble.RandomForestClassifier",
    ], done.stderr


@pytest.mark.parametrize("address", absent.EMPTY_BELOW.split())
def test_a_module_of_which_nothing_is_used_can_be_imported(address):
    module = importlib.import_module(f"graphmode.{address}")
    assert module.__all__ == []
    with pytest.raises(AttributeError, match=r"has no attribute 'SomeName'"):
        module.SomeName  # noqa: B018


@pytest.mark.parametrize("package", absent.EMPTY.split())
def test_an_empty_package_holds_nothing(package):
    """One that has names by now is left out of the list."""
    module = importlib.import_module(f"graphmode.contrib.{package}")
    below = {f"contrib.{package}.{name}" for name in module.__all__}
    assert all(f"{name}." in absent.EMPTY_BELOW for name in below)
