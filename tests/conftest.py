"""What every test may ask for."""

import importlib.util
import os
import signal
import sys

import pytest

from graphmode.framework.default_graph import reset_default_graph
from graphmode.framework.defaults import defaults

# No test reads or writes the programs that are kept in the cache folder of who runs it.
os.environ["JAX_ENABLE_COMPILATION_CACHE"] = "0"

# A shell starts what it runs in the background deaf to Ctrl-C, which several tests press.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def oracle():
    """Give TensorFlow itself, as TF1: `tensorflow.compat.v1` with version 2 behaviour off."""
    if importlib.util.find_spec("tensorflow") is None:
        pytest.skip("tensorflow is not installed (pip install graphmode[oracle])")
    os.environ["TF_USE_LEGACY_KERAS"] = "1"  # Keras 3 removed layers, rnn_cell and dynamic_rnn
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import tensorflow.compat.v1 as tf

    if tf is sys.modules["graphmode"]:
        pytest.fail("an earlier test has put graphmode under the name of tensorflow")
    tf.logging.set_verbosity(tf.logging.ERROR)
    tf.disable_v2_behavior()
    return tf


@pytest.fixture(scope="session")
def outcome():
    """Give a function that evaluates an expression to what a user sees of it.

    ``outcome("tf.Dimension(3) < 'a'", tf=module)`` is the value's repr and str, or "raises", the
    exception's type name and its text.
    """

    def evaluate(expression, **names):
        try:
            value = eval(expression, names)
            return repr(value), str(value)
        except Exception as error:
            return "raises", type(error).__name__, str(error)

    return evaluate


@pytest.fixture(autouse=True)
def freshdefaults():
    """No test sees the default graph or session that another one left open."""
    defaults.graphs.clear()
    defaults.sessions.clear()
    reset_default_graph()
    yield
    defaults.graphs.clear()
    defaults.sessions.clear()


@pytest.fixture(params=["interpreted", "compiled"])
def mode(request, monkeypatch):
    """Run a test twice: its sessions interpret every run, then compile every run."""
    monkeypatch.setenv("GRAPHMODE_MODE", request.param)
    return request.param


@pytest.fixture
def compiled(monkeypatch):
    """The sessions of the test compile every run."""
    monkeypatch.setenv("GRAPHMODE_MODE", "compiled")
