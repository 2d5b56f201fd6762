"""`Dimension` and `TensorShape` against TensorFlow's; what differs on purpose stands at the end."""

import itertools
import pickle
from types import SimpleNamespace

import numpy as np
import pytest

from graphmode.framework import shapes
from graphmode.framework.dimension import Dimension
from graphmode.python.framework import tensor_shape

BINARY = ["+", "-", "*", "//", "%", "/", "<", "<=", ">", ">=", "==", "!="]
OPERANDS = ["D(7)", "D(2)", "D(0)", "D(None)", "5", "None", "np.int64(3)"]


@pytest.fixture(scope="module")
def same(oracle, outcome):
    """Give a function that checks that an expression gives here what it gives in TensorFlow."""

    def check(expression):
        ours = outcome(expression, tf=tensor_shape, S=shapes.TensorShape, D=Dimension, np=np)
        theirs = outcome(expression, tf=oracle, S=oracle.TensorShape, D=oracle.Dimension, np=np)
        assert ours == theirs, expression

    return check


@pytest.mark.parametrize("op", BINARY)
def test_dimension_arithmetic_and_comparison(same, op):
    for left, right in itertools.product(OPERANDS, repeat=2):
        if "D(" in left + right:
            same(f"{left} {op} {right}")


@pytest.mark.parametrize("op", BINARY)
@pytest.mark.parametrize("other", ["'a'", "2.5", "[]"])
def test_dimension_with_what_is_no_size(oracle, outcome, op, other):
    for expression in (f"D(7) {op} {other}", f"{other} {op} D(7)"):
        ours = outcome(expression, D=Dimension)
        theirs = outcome(expression, D=oracle.Dimension)
        assert ours[:2] == theirs[:2], expression  # of an exception the type, not Python's text


@pytest.mark.parametrize(
    "expression",
    [
        "D(-1)",
        "D('3')",
        "D(2.5)",
        "D(D(4))",
        "D(np.int64(4))",
        "D(None)",
        "str(D(None)), str(D(3))",
        "int(D(3)), [10, 11, 12, 13][D(3)], list(range(D(2)))",
        "int(D(None))",
        "[1, 2][D(None)]",
        "bool(D(0)), bool(D(3)), bool(D(None))",
        "hash(D(3))",
        "D(3).value, D(None).value",
        "D(2).merge_with(3)",
        "D(2).merge_with(None)",
        "D(None).merge_with(2)",
        "D(None).merge_with(None)",
        "D(2).is_compatible_with(None), D(2).is_compatible_with(2), D(2).is_compatible_with(3)",
        "D(2).assert_is_compatible_with(3)",
        "tf.dimension_value(D(3)), tf.dimension_value(None), tf.dimension_value(3)",
        "tf.dimension_at_index(S(None), 3), tf.dimension_at_index(S([2, 3]), 1)",
    ],
)
def test_dimension(same, expression):
    same(expression)


SHAPES = [
    "None",
    "[]",
    "[None]",
    "[3]",
    "[2, 3]",
    "[2, None]",
    "[None, 3]",
    "[4, None]",
    "[2, 3, 4]",
]


@pytest.mark.parametrize(
    "template",
    [
        "S({a})",
        "S({a}).dims",
        "S({a}).rank, S({a}).ndims",
        "S({a}).as_list()",
        "S({a}).num_elements()",
        "S({a}).is_fully_defined()",
        "S({a}).assert_is_fully_defined()",
        "len(S({a}))",
        "list(S({a}))",
        "bool(S({a}))",
        "hash(S({a}))",
        "S({a}).with_rank(2)",
        "S({a}).with_rank_at_least(2)",
        "S({a}).with_rank_at_most(1)",
        "S({a}).assert_has_rank(2)",
        "S({a})[0]",
        "S({a})[-1]",
        "S({a})[1:]",
        "S({a})[:1]",
        "S({a})[1:3]",
        "S({a})[:-1]",
        "S({a})[-2:]",
        "S({a})[3:1]",
        "S({a})[::2]",
        "str(S({a}).as_proto()), S({a}).as_proto().SerializeToString()",
        "S(S({a}).as_proto())",
        "S(S({a}))",
    ],
)
def test_shape(same, template):
    for a in SHAPES:
        if not (a == "[]" and template in ("S({a})[0]", "S({a})[-1]")):
            same(template.format(a=a))


@pytest.mark.parametrize(
    "template",
    [
        "S({a}).merge_with({b})",
        "S({a}).concatenate({b})",
        "S({a}) + S({b})",
        "{b} + S({a})",
        "S({a}).is_compatible_with({b})",
        "S({a}).assert_is_compatible_with({b})",
        "S({a}).assert_is_compatible_with(S({b}))",
        "S({a}).assert_same_rank({b})",
        "S({a}).most_specific_compatible_shape({b})",
        "S({a}) == S({b})",
        "S({a}) != S({b})",
        "S({a}) == {b}",
    ],
)
def test_two_shapes(same, template):
    for a, b in itertools.product(SHAPES, repeat=2):
        same(template.format(a=a, b=b))


@pytest.mark.parametrize(
    "expression",
    [
        "S(3)",
        "S([-1, 2])",
        "S([2.0])",
        "S([2.5, 'a'])",
        "S([[1, 2]])",
        "S((2, D(3), None, np.int32(4)))",
        "S(D(3))",
        "S(np.array([2, 3]))",
        "S(np.int64(3))",
        "S(range(2, 5))",
        "S(dims=[2])",
        "S([2]) == 'a'",
        "S([2]) != 'a'",
        "S([2]) == 2.5",
        "S([2]) == 2",
        "{S([2, 3]): 'x'}[S((2, 3))]",
    ],
)
def test_shape_construction(same, expression):
    same(expression)


@pytest.mark.parametrize("sizes", [(None, 0, 1), (1, 2, None), (2, 3, 1)], ids=str)
def test_broadcast_dims(oracle, sizes):
    candidates = [None, *itertools.chain(*(itertools.product(sizes, repeat=r) for r in range(3)))]
    for a, b in itertools.product(candidates, repeat=2):
        try:
            expected = oracle.broadcast_static_shape(oracle.TensorShape(a), oracle.TensorShape(b))
        except ValueError as error:
            with pytest.raises(ValueError) as ours:
                shapes.broadcast_dims(a, b)
            assert str(ours.value) == str(error)
        else:
            expected = None if expected.rank is None else tuple(expected.as_list())
            assert shapes.broadcast_dims(a, b) == expected, (a, b)


def test_three_axes_broadcast_against_one():
    assert shapes.broadcast_dims((5, None, 1), (7,)) == (5, None, 7)
    assert shapes.broadcast_dims((None,), (5, 6, 1)) == (5, 6, None)


def test_ready_made_shapes():
    made = [shapes.unknown_shape(), shapes.unknown_shape(2), shapes.scalar(), shapes.vector(3)]
    made.append(shapes.matrix(4, None))
    assert list(map(str, made)) == ["<unknown>", "(?, ?)", "()", "(3,)", "(4, ?)"]


@pytest.mark.parametrize("dims", [None, (), (2, None, 3)], ids=str)
def test_pickle(dims):
    assert pickle.loads(pickle.dumps(shapes.TensorShape(dims))) == shapes.TensorShape(dims)
    assert shapes.TensorShape._of(dims) == shapes.TensorShape(dims)


def test_sizes_are_plain_integers():
    sizes = shapes.TensorShape([np.int64(2), True, Dimension(3)]).as_list()
    assert [(type(size), size) for size in sizes] == [(int, 2), (int, 1), (int, 3)]


@pytest.mark.parametrize(
    ("expression", "size"),
    [("D(7) + -1", -1), ("-2 * D(7)", -2), ("D(7) % -3", -3), ("4 - D(9)", -5)],
)
def test_a_negative_size_is_named(outcome, expression, size):
    # TensorFlow says so for some operators and "unsupported operand type(s)" for others
    expected = ("raises", "ValueError", f"Dimension {size} must be >= 0")
    assert outcome(expression, D=Dimension) == expected


def test_what_is_no_shape_is_quoted():
    with pytest.raises(TypeError) as error:
        shapes.TensorShape("abc")
    assert str(error.value) == (
        "Failed to convert ''abc'' to a shape: ''a'' could not be converted to a dimension. A "
        "shape should either be single dimension (e.g. 10), or an iterable of dimensions (e.g. "
        "[1, 10, None])."
    )


def test_an_axis_that_is_not_there_is_named():
    with pytest.raises(IndexError, match=r"^axis 5 of shape \(3, \?\), which has 2 axes$"):
        shapes.TensorShape([3, None])[5]


def test_a_shape_message_needs_no_tensorboard():
    message = SimpleNamespace(unknown_rank=False, dim=[SimpleNamespace(size=-1)])
    assert shapes.TensorShape(message) == [None]
