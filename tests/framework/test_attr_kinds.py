"""The kinds of attributes: what a node accepts for each, and what is written of it."""

import inspect

import numpy as np
import pytest

import graphmode as tf
from graphmode.framework.attr_kinds import kind_of
from graphmode.framework.dtypes import FLOATS
from graphmode.framework.op import op
from graphmode.framework.op_def import registered_ops
from graphmode.ops import load_all

raw = tf.raw_ops


def image():
    return tf.placeholder(tf.float32, [1, 2, 3, 4])


def test_every_attribute_of_every_op_has_a_kind():
    load_all()
    without = {
        (op_type, attribute)
        for op_type, op_def in registered_ops().items()
        for attribute in op_def.attrs
        if attribute not in op_def.kinds
    }
    assert without == set()
    defaults = {
        (op_type, attribute): (op_def.kinds[attribute], default)
        for op_type, op_def in registered_ops().items()
        for attribute, default in op_def.attrs.items()
        if default is not None and default is not inspect.Parameter.empty
    }
    types = {"int": int, "float": float, "bool": bool, "string": str, "type": tf.DType}
    for where, (kind, default) in defaults.items():
        assert type(default) is types.get(kind, type(default)), where


def test_kinds_are_tensorflows():
    load_all()
    registry = pytest.importorskip("tensorflow.python.framework.op_def_registry")
    differing = {}
    for op_type, op_def in registered_ops().items():
        theirs = registry.get(op_type)
        if theirs is None:
            continue
        kinds = {attribute.name: attribute.type for attribute in theirs.attr}
        ours = {key: kind for key, kind in op_def.kinds.items() if key[0] != "_"}
        differing.update(
            {
                (op_type, key): (kind, kinds.get(key))
                for key, kind in ours.items()
                if kinds.get(key) != kind
            }
        )
    assert differing == {}


@pytest.mark.parametrize(
    ("attribute", "value", "text"),
    [
        ("alpha", "a", "Expected float for argument 'alpha' not 'a'."),
        ("alpha", [1.0], "Expected float for argument 'alpha' not [1.0]."),
        ("depth_radius", "a", "Expected int for argument 'depth_radius' not 'a'."),
        ("depth_radius", [2], "Expected int for argument 'depth_radius' not [2]."),
    ],
)
def test_a_value_of_another_kind_is_refused(oracle, attribute, value, text):
    for library in (oracle, tf):
        with library.Graph().as_default(), pytest.raises(TypeError) as caught:
            x = library.placeholder(library.float32, [1, 2, 3, 4])
            library.raw_ops.LRN(input=x, **{attribute: value})
        assert text in str(caught.value)
    assert f"attribute '{attribute}' of 'LRN' Op" in str(caught.value)


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (
            lambda x: raw.Sum(input=x, reduction_indices=0, keep_dims=1),
            "Expected bool for argument 'keep_dims'",
        ),
        (
            lambda x: raw.CheckNumerics(tensor=x, message=3),
            "Expected string for argument 'message'",
        ),
        (lambda x: raw.CheckNumerics(tensor=x, message=None), "not None"),
        (lambda x: raw.Cast(x=x, DstT="foo"), "Expected DataType for argument 'DstT' not 'foo'"),
        (
            lambda x: raw.MaxPool(input=x, ksize=1, strides=[1, 1, 1, 1], padding="SAME"),
            "Expected list for 'ksize' argument to 'MaxPool' Op, not 1.",
        ),
        (
            lambda x: raw.MaxPool(input=x, ksize=[1, "a"], strides=[1, 1, 1, 1], padding="SAME"),
            "Expected int for argument 'ksize' not 'a'.",
        ),
        (lambda x: raw.MaxPool(input=x, ksize=[1, 1, 1, 1]), "needs the attribute 'strides'"),
        (lambda x: x.graph.create_op("LRN", [x], attrs={"gamma": 1.0}), "no attribute 'gamma'"),
    ],
)
def test_every_kind_is_checked(make, text):
    with pytest.raises((TypeError, ValueError)) as caught:
        make(image())
    assert text in str(caught.value)


def attributes(tensor):
    return {key: str(value).strip() for key, value in tensor.op.node_def.attr.items()}


def test_an_int_for_a_float_is_written_as_a_float():
    y = tf.nn.local_response_normalization(image(), alpha=1, bias=2)
    assert y.op.get_attr("alpha") == 1.0
    assert type(y.op.get_attr("alpha")) is float
    found = attributes(y)
    assert found["alpha"] == "f: 1"
    assert found["bias"] == "f: 2"
    assert found["depth_radius"] == "i: 5"


def test_numpy_scalars_become_pythons():
    y = raw.LRN(input=image(), alpha=np.float32(0.5), depth_radius=np.int64(3))
    assert (y.op.get_attr("alpha"), y.op.get_attr("depth_radius")) == (0.5, 3)
    assert type(y.op.get_attr("depth_radius")) is int
    pooled = raw.MaxPool(
        input=image(), ksize=np.array([1, 1, 1, 1]), strides=[1, np.int32(1), 1, 1], padding=b"SAME"
    )
    assert pooled.op.get_attr("ksize") == [1, 1, 1, 1]
    assert attributes(pooled)["padding"] == 's: "SAME"'


def test_what_is_not_given_is_the_default():
    x = image()
    made = x.graph.create_op("LRN", [x], attrs={"beta": 1})
    assert (made.get_attr("beta"), made.get_attr("alpha")) == (1.0, 1.0)
    with pytest.raises(TypeError, match="'Cast' Op needs the attribute 'DstT'"):
        x.graph.create_op("Cast", [x])


def test_none_is_the_default():
    assert raw.LRN(input=image(), alpha=None).op.get_attr("alpha") == 1.0


def test_an_empty_list_keeps_its_kind():
    x = image()
    kernel = tf.ones([1, 1, x.shape[-1], 2])
    convolved = raw.Conv2D(input=x, filter=kernel, strides=[1] * 4, padding="SAME")
    assert attributes(convolved)["explicit_paddings"] == "list {\n}"
    nothing = tf.py_func(lambda a: None, [x], [])
    assert str(nothing.node_def.attr["Tout"]).strip() == "list {\n}"


def test_a_shape_that_is_not_known_is_written():
    assert attributes(tf.placeholder(tf.float32))["shape"] == "shape {\n  unknown_rank: true\n}"


def test_a_python_object_is_described_by_name():
    x = tf.placeholder(tf.float32, [2])
    (gradient,) = tf.gradients(tf.igammac(tf.constant([2.0, 3.0]), x), [x])
    ops = {op.type: op for op in x.graph.get_operations()}
    assert gradient is not None
    token = tf.py_func(lambda a: a, [x], tf.float32).op.node_def.attr["token"].s
    assert token.startswith(b"pyfunc_")
    for operation in ops.values():
        assert b"0x" not in operation.node_def.SerializeToString()


def test_a_type_is_registered_once():
    @op("RegisteredTwice", "T -> T", T=FLOATS)
    def first(x, *, scale: float = 1.0):
        return x * scale

    with pytest.raises(ValueError, match=r"'RegisteredTwice' is registered twice: by .*first"):

        @op("RegisteredTwice", "T -> T", T=FLOATS)
        def second(x):
            return x


def test_a_parameter_without_a_kind_names_op_and_attribute():
    with pytest.raises(TypeError, match="NoKind, attribute 'scale': 'complex' is the annotation"):

        @op("NoKind", "T -> T", T=FLOATS)
        def without(x, *, scale: "complex" = 1j):
            return x


def test_annotations_and_kinds():
    assert kind_of("Sequence[dtypes.DType]") == "list(type)"
    assert kind_of("TensorShape | None") == "shape"
    assert kind_of("np.ndarray") == "tensor"
    with pytest.raises(TypeError):
        kind_of("Sequence[complex]")
