"""Error classes and codes against TensorFlow's; the text that points at the user's lines."""

import pickle
import textwrap
from types import SimpleNamespace

import pytest

from graphmode.framework import errors
from graphmode.framework.site import Site, user_site

CLASSES = [
    "CancelledError",
    "UnknownError",
    "InvalidArgumentError",
    "DeadlineExceededError",
    "NotFoundError",
    "AlreadyExistsError",
    "PermissionDeniedError",
    "UnauthenticatedError",
    "ResourceExhaustedError",
    "FailedPreconditionError",
    "AbortedError",
    "OutOfRangeError",
    "UnimplementedError",
    "InternalError",
    "UnavailableError",
    "DataLossError",
]
CNN = """\
    import graphmode as tf
    flat = tf.reshape(pool2, [-1, 7 * 7 * 64])

    W_fc2 = tf.Variable(tf.truncated_normal([1024, 10]))
    y = tf.matmul(flat, W_fc2)
    """


@pytest.fixture
def matmul(tmp_path):
    """Give a stand-in for an op made in cnn.py, line 5, from tensors made in lines 2 and 4."""
    program = tmp_path / "cnn.py"
    program.write_text(textwrap.dedent(CNN))

    def tensor(name, line):
        site = None if line is None else Site(str(program), line, "<module>")
        return SimpleNamespace(name=name, op=SimpleNamespace(site=site))

    return SimpleNamespace(
        name="hidden/MatMul",
        type="MatMul",
        site=Site(str(program), 5, "<module>"),
        inputs=[tensor("Reshape_1:0", 2), tensor("Variable_3:0", 4)],
        input_names=("a", "b"),
        tensor=tensor,
    )


def test_every_class_and_code_is_tensorflows(oracle):
    theirs = [n for n in dir(oracle.errors) if n.endswith("Error") and n != "OpError"]
    assert sorted(CLASSES) == sorted(theirs)
    codes = {n: getattr(oracle.errors, n) for n in dir(oracle.errors) if n.isupper()}
    assert len(codes) == 17
    assert {name: getattr(errors, name) for name in codes} == codes


@pytest.mark.parametrize("name", CLASSES)
def test_class_and_code(oracle, name):
    cls = getattr(errors, name)
    error = cls(None, None, "it broke")
    expected = getattr(oracle.errors, name)(None, None, "it broke")
    assert (error.node_def, error.op, error.message) == (None, None, "it broke")
    assert error.error_code == expected.error_code
    assert str(error) == str(expected)
    assert isinstance(error, errors.OpError)
    assert errors.exception_type_from_error_code(error.error_code) is cls
    assert errors.error_code_from_exception_type(cls) == expected.error_code


def test_codes_and_classes_that_are_not_there():
    with pytest.raises(KeyError):
        errors.exception_type_from_error_code(errors.OK)
    with pytest.raises(KeyError):
        errors.error_code_from_exception_type(ValueError)


def test_text_shows_the_users_lines(matmul):
    error = errors.InvalidArgumentError(None, matmul, "MatMul 'hidden/MatMul': inner dims differ")
    assert error.message == "MatMul 'hidden/MatMul': inner dims differ"
    assert str(error) == (
        "MatMul 'hidden/MatMul': inner dims differ\n"
        "  created at cnn.py:5   y = tf.matmul(flat, W_fc2)\n"
        "  a  'Reshape_1:0'      cnn.py:2   flat = tf.reshape(pool2, [-1, 7 * 7 * 64])\n"
        "  b  'Variable_3:0'     cnn.py:4   W_fc2 = tf.Variable(tf.truncated_normal([1024, 10]))"
    )


def test_columns_fit_the_longest_name(matmul):
    matmul.inputs[0] = matmul.tensor("a/much/longer/name:0", 2)
    matmul.inputs[1].op.site.lineno = 11  # past the end of the file: no text
    matmul.input_names = ("lhs", "b")
    assert errors.describe_op(matmul) == (
        "  created at cnn.py:5           y = tf.matmul(flat, W_fc2)\n"
        "  lhs  'a/much/longer/name:0'   cnn.py:2    flat = tf.reshape(pool2, [-1, 7 * 7 * 64])\n"
        "  b    'Variable_3:0'           cnn.py:11"
    )


def test_inputs_without_a_line_are_left_out_and_six_are_shown(matmul):
    matmul.inputs = [matmul.tensor(f"t{i}:0", None if i == 1 else 2) for i in range(9)]
    matmul.input_names = ("values",)
    lines = errors.describe_op(matmul).splitlines()
    assert [line.split("'")[1] for line in lines[1:]] == [f"t{i}:0" for i in (0, 2, 3, 4, 5, 6)]
    assert lines[1].startswith("  values  't0:0'   ")
    assert lines[2].startswith("          't2:0'   ")


def test_an_op_of_unknown_origin_adds_nothing(matmul):
    matmul.site = None
    assert str(errors.NotFoundError(None, matmul, "no file")) == "no file"


def test_pickle_keeps_text_and_leaves_the_graph(matmul):
    matmul.graph = lambda: None  # cannot be pickled
    error = errors.OutOfRangeError(None, matmul, "End of sequence")
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is errors.OutOfRangeError
    assert (copy.op, copy.message, copy.error_code) == (None, "End of sequence", 11)
    assert str(copy) == str(error)
    assert "cnn.py:5" in str(copy)
    general = pickle.loads(pickle.dumps(errors.OpError(None, None, "m", 9)))
    assert (type(general), general.error_code, str(general)) == (errors.OpError, 9, "m")


def test_site_of_this_line():
    site = user_site()
    assert site.short() == f"test_errors.py:{site.lineno}"
    assert site.source == "site = user_site()"
    assert site.function == "test_site_of_this_line"


def test_site_is_the_first_frame_outside_the_package():
    namespace = {"user_site": user_site}
    inside = errors.__file__  # a frame that claims to be the package's own
    exec(compile("def build():\n    return user_site()", inside, "exec"), namespace)
    site = namespace["build"]()
    assert site.source == 'site = namespace["build"]()'


def test_site_skips_contextlib():
    code = """
import contextlib

@contextlib.contextmanager
def scope():
    yield user_site()
"""
    namespace = {"user_site": user_site}
    exec(compile(code, errors.__file__, "exec"), namespace)
    with namespace["scope"]() as site:
        assert site.source == 'with namespace["scope"]() as site:'
