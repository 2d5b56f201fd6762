"""Branches, loops and the lists of tensors that carry their values."""

import numpy as np
from tests.ops.record import Record, normal

OWN = {
    "names_differ": "loops are While ops and lists TensorLists, as TensorFlow 2 has them",
    "tf_lacks_second": "loops and TensorArrays have none",
    "one_dtype": "branches and loops do not look at dtypes",
}
GRADIENT = {**OWN, "tf_lacks_gradient": "of a gradient, the second of a TensorArray"}


def _chosen(tf, x, flag):
    return tf.cond(tf.reduce_any(flag), lambda: x * 2.0, lambda: tf.exp(x))


def _repeated(tf, x):
    return tf.while_loop(lambda i, y: i < 3, lambda i, y: (i + 1, tf.sin(y) * x), (0, x))[1]


def _rows(tf, x):
    return tf.TensorArray(x.dtype, size=3, clear_after_read=False).unstack(x)


def _kept(tf, x):
    def body(i, y, out):
        y = tf.tanh(y) * x[0]
        return i + 1, y, out.write(i, y)

    return tf.while_loop(lambda i, *_: i < 3, body, (0, x[0], tf.TensorArray(x.dtype, size=3)))[
        2
    ].stack()


def _pieces(tf, x):
    array = tf.TensorArray(x.dtype, size=2, infer_shape=False)
    return array.split(x, [2, 3])


def _summed(tf, x):
    rows = _rows(tf, x)
    (gradient,) = tf.gradients(tf.reduce_sum(rows.read(1) * rows.read(1) + rows.read(0)), x)
    return gradient


def _two_paths(tf, x):
    rows = _rows(tf, x)
    (gradient,) = tf.gradients([rows.stack(), tf.square(rows.gather([2, 0]))], x)
    return gradient


def _read_only_at_one(tf, x):
    (gradient,) = tf.gradients(tf.square(_rows(tf, x).read(1)), x)
    return gradient


def _stacked(tf, x):
    raw, dtype = tf.raw_ops, x.dtype.base_dtype
    rows = raw.EmptyTensorList(element_shape=-1, max_num_elements=-1, element_dtype=dtype)
    for row in (x, tf.sin(x)):
        rows = raw.TensorListPushBack(input_handle=rows, tensor=row)
    rows, last = raw.TensorListPopBack(input_handle=rows, element_shape=-1, element_dtype=dtype)
    _, first = raw.TensorListPopBack(input_handle=rows, element_shape=-1, element_dtype=dtype)
    return last * first


def _made_longer(tf, x):
    raw = tf.raw_ops
    rows = raw.TensorListFromTensor(tensor=x, element_shape=x.shape.as_list()[1:])
    rows = raw.TensorListResize(input_handle=rows, size=4)
    return raw.TensorListStack(
        input_handle=rows, element_shape=x.shape.as_list()[1:], element_dtype=x.dtype.base_dtype
    )


def _element_shape(tf, x):
    raw = tf.raw_ops
    rows = raw.TensorListFromTensor(tensor=x, element_shape=x.shape.as_list()[1:])
    return raw.TensorListElementShape(input_handle=rows, shape_type=tf.int64)


def _optional(tf, x):
    raw = tf.raw_ops
    there = raw.OptionalFromValue(components=[x, tf.sin(x)])
    dims = x.shape.as_list()
    first, second = raw.OptionalGetValue(
        optional=there, output_types=[tf.float32] * 2, output_shapes=[dims] * 2
    )
    return tf.stop_gradient(first * second), raw.OptionalHasValue(optional=there)


STACK = {"one_dtype": OWN["one_dtype"]}
FLAGS = np.array([True, False])

RECORDS = [
    Record("If", _chosen, [normal(3, 4), FLAGS], one_dtype="the condition is bool",
           names_differ="one op, of which TensorFlow 1 makes Switch and Merge"),
    Record("While", _repeated, [normal(3, 4)], **OWN),
    Record("LoopVariable", _repeated, [normal(2, 3)], **OWN),
    Record("LoopCount", _repeated, [normal(2, 5)], **OWN),
    Record(
        "TensorListReserve",
        lambda tf, x: tf.TensorArray(x.dtype, size=2).write(0, x).write(1, x * x).stack(),
        [normal(3, 4)],
        **OWN,
    ),
    Record(
        "TensorListSetItem",
        lambda tf, x: tf.TensorArray(x.dtype, size=2).write(1, x).write(0, x * x).stack(),
        [normal(3, 4)],
        **OWN,
    ),
    Record("TensorListFromTensor", lambda tf, x: _rows(tf, x).read(1), [normal(3, 4)], **OWN),
    Record(
        "TensorListFitted",
        lambda tf, x: tf.TensorArray(x.dtype, size=5).unstack(x).stack(),
        [normal(3, 4)],
        **OWN,
    ),
    Record("TensorListGetItem", lambda tf, x: _rows(tf, x).read(2), [normal(3, 4)], **OWN),
    Record("TensorListStack", _kept, [normal(3, 4)], **OWN),
    Record("TensorListLength", lambda tf, x: _rows(tf, x).size(), [normal(3, 4)], **OWN),
    Record(
        "TensorListGather",
        lambda tf, x: _rows(tf, x).gather([2, 0]),
        [normal(3, 4)],
        shape_differs="the number of indices is known",
        **OWN,
    ),
    Record(
        "TensorListScatterIntoExistingList",
        lambda tf, x: tf.TensorArray(x.dtype, size=3).scatter([2, 0, 1], x).stack(),
        [normal(3, 4)],
        **OWN,
    ),
    Record("TensorListSplit", lambda tf, x: _pieces(tf, x).read(1), [normal(5, 4)], **OWN),
    Record("TensorListConcatV2", lambda tf, x: _pieces(tf, x).concat(), [normal(5, 4)], **OWN),
    Record("EmptyTensorList", _stacked, [normal(3, 4)], **STACK),
    Record("TensorListPushBack", _stacked, [normal(3, 4)], **STACK),
    Record("TensorListResize", _made_longer, [normal(3, 2)], **STACK),
    Record("TensorListElementShape", _element_shape, [normal(3, 2)], one_dtype=OWN["one_dtype"],
           shape_differs="TensorFlow knows the shape of the elements"),
    Record("OptionalFromValue", _optional, [normal(3, 2)], **STACK),
    Record("OptionalGetValue", _optional, [normal(3, 2)], **STACK),
    Record("OptionalHasValue", _optional, [normal(3, 2)], **STACK),
    Record("OptionalNone", lambda tf: tf.raw_ops.OptionalHasValue(
        optional=tf.raw_ops.OptionalNone())),
    Record("TensorListPopBack", _stacked, [normal(3, 4)], **STACK),
    Record("TensorListLike", _read_only_at_one, [normal(3, 4)], **GRADIENT),
    Record("TensorListAccumulate", _summed, [normal(3, 4)], **GRADIENT),
    Record("TensorListAdd", _two_paths, [normal(3, 2)], **GRADIENT),
]  # fmt: skip
