"""Ragged tensors: how they are made, what is known of them, their parts, functions of them."""

import numpy as np

from golden.case import case


def names(tf):
    """What the expressions are written with, made in the default graph."""
    r = tf.ragged
    words = [["the", "cat"], [], ["sat", "on", "it"]]
    return {
        "tf": tf,
        "np": np,
        "R": tf.RaggedTensor,
        "v": tf.constant([3, 1, 4, 1, 5, 9, 2]),
        "pairs": tf.reshape(tf.range(14.0), [7, 2]),
        "x": r.constant([[3, 1, 4], [], [1, 5], [9]]),
        "f": r.constant([[0.3, -1.0, 4.0], [], [1.0, 0.5], [9.0]]),
        "y": r.constant([[1, 2, 3], [], [4, 5], [6]]),
        "b": r.constant([[True, False, True], [], [False, True], [True]]),
        "m": r.constant([[[1, 2], [3, 4]], [], [[5, 6]]], ragged_rank=1),
        "z": r.constant([[[1], [2, 3]], [], [[4, 5, 6], []]]),
        "narrow": r.constant([[3, 1], [4]], row_splits_dtype=tf.int32),
        "s": r.constant(words),
        "t": r.constant([["Gö", ""], [], ["a b  c"]]),
        "value": r.constant_value([[3, 1, 4], [], [1, 5], [9]], np.int32),
    }


MAKING = """
R.from_row_splits(v, [0, 4, 4, 7])
R.from_row_splits(v, np.array([0, 4, 4, 7], np.int32))
R.from_row_splits(pairs, [0, 4, 4, 7], validate=False)
R.from_row_lengths(v, [4, 0, 3])
R.from_value_rowids(v, [0, 0, 0, 0, 2, 2, 4])
R.from_value_rowids(v, [0, 0, 0, 0, 2, 2, 4], nrows=6)
R.from_value_rowids(v, tf.identity([0, 0, 0, 0, 2, 2, 4]))
R.from_row_starts(v, [0, 4, 4])
R.from_row_limits(v, [4, 4, 7])
R.from_nested_row_splits(v, [[0, 3, 3, 4], [0, 1, 3, 3, 7]])
R.from_nested_row_lengths(v, [[3, 0, 1], [1, 2, 0, 4]])
R.from_nested_value_rowids(v, [[0, 0, 2], [0, 0, 1, 1, 1, 2, 2]], [4, 3])
R.from_tensor([[5, 7, 0], [0, 3, 0], [6, 0, 0]])
R.from_tensor([[5, 7, 0], [0, 3, 0], [6, 0, 0]], lengths=[1, 0, 3])
R.from_tensor([[5, 7, 0], [0, 3, 0], [6, 0, 0]], lengths=[9, -2, 3], row_splits_dtype=tf.int32)
R.from_tensor([[5, 7, 0], [0, 3, 0], [6, 0, 0], [0, 0, 0]], padding=0)
R.from_tensor(tf.reshape(pairs[:6], [2, 3, 2]), ragged_rank=2)
R.from_tensor(tf.reshape(pairs[:6], [2, 3, 2]), padding=[10.0, 11.0])
R.from_tensor(tf.reshape(tf.range(12), [2, 2, 3]), lengths=([2, 1], [1, 3, 2]))
R.from_sparse(tf.SparseTensor([[0, 0], [0, 1], [2, 0]], [5, 6, 7], [4, 3]))
tf.ragged.constant([[[1, 2]], [[3, 4], [5, 6]]], inner_shape=(2,))
tf.ragged.constant([[1, 2], [3, 4]], ragged_rank=0)
tf.ragged.constant([])
tf.ragged.constant([[], [[]]])
tf.ragged.constant(5.5)
tf.ragged.range([0, 5, 8], [3, 3, 12])
tf.ragged.range([3, 0, 2])
tf.ragged.range([0, 5, 8], [9, 1, 8], [2, -1, 3], row_splits_dtype=tf.int32)
tf.ragged.range(0.0, [1.0, 2.0], 0.3)
tf.ragged.range(np.int64([3]), 10, 3)
tf.ragged.row_splits_to_segment_ids([0, 3, 3, 5, 6])
tf.ragged.segment_ids_to_row_splits([0, 0, 0, 2, 2, 3], 6)
tf.ragged.segment_ids_to_row_splits([0, 0, 0, 2, 2, 3])
"""

FACTS = """
x.value_rowids()
x.nrows()
x.nrows(tf.int32)
x.row_starts()
x.row_limits()
x.row_lengths()
z.row_lengths(2)
m.row_lengths(axis=2)
z.nested_row_lengths()
z.nested_value_rowids()
z.nested_row_splits
z.flat_values
z.values
x.bounding_shape()
m.bounding_shape()
m.bounding_shape(axis=[1, 2])
z.bounding_shape(axis=1)
x.to_tensor()
x.to_tensor(-1)
z.to_tensor(7)
m.to_tensor([8, 9])
s.to_tensor("-")
x.to_sparse()
z.to_sparse()
m.to_sparse()
x.with_values(pairs[:6])
z.with_flat_values(pairs[:6])
narrow.with_row_splits_dtype(tf.int64)
"""

KEYS = """
x[0]
x[1]
x[-1]
x[tf.constant(2)]
x[1:]
x[:2]
x[1:-1]
x[::2]
x[::-1]
x[:, 1:]
x[:, :2]
x[:, :-1]
x[:, -2:]
x[:, 0:2]
x[:, ::2]
x[:, tf.constant(1):]
x[0, 1]
x[2, :1]
x[...]
x[tf.newaxis]
x[:, tf.newaxis]
m[:, :, 1]
m[:, 1:, ::-1]
m[0, 1, 1]
m[..., 0]
z[0]
z[0, 1]
z[:, :1]
z[:, :, 1:]
z[2][0]
"""

ELEMENTWISE = """
x + 1
1 - x
x * y
x / y
x // y
x % 2
x ** 2
2 ** x
-x
abs(f)
x > y
x >= 3
x < y
x <= 3
b & True
b | False
b ^ b
~b
tf.constant(3) + x
tf.constant([[10], [20], [30], [40]]) + x
x + [[10], [20], [30], [40]]
tf.constant([10]) * x
m + [10, 20]
m + [[[10, 20]], [[30, 40]], [[50, 60]]]
m * [[[2]], [[3]], [[4]]]
z + [[[1]]]
z * tf.ragged.constant([[[10], [20]], [], [[30], [40]]], ragged_rank=1)
z + tf.ragged.constant([[10, 20], [], [30, 40]])[:, :, tf.newaxis]
narrow + [[1], [2]]
tf.add(x, y, name="sum")
tf.cast(x, tf.float32)
tf.exp(f)
tf.identity(x)
tf.zeros_like(f)
tf.ones_like(x)
tf.clip_by_value(x, 2, 4)
tf.add_n([x, y, x])
tf.equal(x, y)
tf.not_equal(x, 3)
tf.maximum(x, y)
tf.minimum(x, 3)
tf.squared_difference(x, y)
tf.math.log1p(tf.abs(f))
tf.round(f)
tf.sign(f)
tf.sqrt(tf.square(f))
tf.logical_xor(b, b)
tf.logical_not(b)
tf.atan2(f, f)
tf.floordiv(x, 2)
tf.bitwise.invert(x)
tf.bitwise.bitwise_and(x, y)
tf.saturate_cast(x, tf.uint8)
tf.as_string(x)
tf.strings.length(s)
tf.strings.substr(s, 0, 1)
tf.strings.join([s, s], "-")
tf.string_join([s, "!"])
tf.strings.regex_replace(s, "t", "T")
tf.strings.to_hash_bucket_fast(s, 10)
tf.ragged.map_flat_values(tf.one_hot, x, 4)
tf.ragged.map_flat_values(lambda a, b: a[0] - b["k"], [x], {"k": y})
tf.math.log_sigmoid(f)
tf.erf(f)
tf.div_no_nan(f, f)
"""

OTHERS = """
tf.concat([x, y], 0)
tf.concat([x, y], axis=1)
tf.concat([x, y], -1)
tf.concat([x, [[7, 8]]], 0)
tf.concat([x, [[7], [8], [9], [0]]], 1)
tf.concat([z, z], 1)
tf.concat([z, z], 2)
tf.concat([m, m], 2)
tf.concat([z, m], 0)
tf.stack([x, y])
tf.stack([x, y], 1)
tf.stack([x, y], axis=2)
tf.stack([x])
tf.ragged.stack([x, [[7, 8]]])
tf.ragged.stack([[1, 2], [3, 4]])
tf.gather(x, [2, 0, 0])
tf.gather(x, [[2, 0], [1, 3]])
tf.gather(pairs, x % 4)
tf.gather(z, [2, 0])
tf.gather(m, tf.ragged.constant([[0, 2], [1]]))
tf.gather_nd(x, [[0, 2], [2, 1]])
tf.gather_nd(x, [[2], [0]])
tf.gather_nd(z, [[0, 1, 1], [2, 0, 2]])
tf.gather_nd(z, [[0, 1], [2, 1]])
tf.gather_nd(m, [[0, 1, 1], [2, 0, 0]])
tf.gather_nd(x, [[[0, 0]], [[2, 1]]])
tf.gather_nd(x, tf.ragged.constant([[[0, 0]], [[2, 1], [3, 0]]], ragged_rank=1))
tf.batch_gather(x, tf.ragged.constant([[2, 0], [], [1], [0, 0]]))
tf.batch_gather(x[2:], [[0, 0], [0, 0]])
tf.batch_gather(pairs[:2], tf.ragged.constant([[1], [0, 1]]))
tf.batch_gather(z, tf.ragged.constant([[[0], [1, 0]], [], [[2], []]]))
tf.reduce_sum(x)
tf.reduce_sum(x, 0)
tf.reduce_sum(x, axis=1)
tf.reduce_sum(x, -1)
tf.reduce_sum(x, [0, 1])
tf.reduce_sum(z, 0)
tf.reduce_sum(z, 1)
tf.reduce_sum(z, 2)
tf.reduce_sum(z, [1, 2])
tf.reduce_sum(m, 2)
tf.reduce_sum(m, 1)
tf.reduce_prod(x, 1)
tf.reduce_max(x, 0)
tf.reduce_min(f, 1)
tf.reduce_mean(f, 0)
tf.reduce_mean(f, 1)
tf.reduce_mean(z, 2)
tf.reduce_all(b, 1)
tf.reduce_any(b, 0)
tf.reduce_any(b)
tf.strings.reduce_join(s, 1, separator=" ")
tf.reduce_join(s, 0)
tf.math.unsorted_segment_sum(x, [1, 0, 1, 0], 3)
tf.math.unsorted_segment_max(x, [1, 0, 1, 0], 2)
tf.math.unsorted_segment_mean(f, [1, 0, 1, 0], 2)
tf.math.unsorted_segment_sqrt_n(f, [1, 0, 1, 0], 2)
tf.math.unsorted_segment_sum(x, y, 8)
tf.tile(x, [2, 3])
tf.tile(z, [1, 2, 2])
tf.tile(m, [2, 1, 3])
tf.expand_dims(x, 0)
tf.expand_dims(x, 1)
tf.expand_dims(x, 2)
tf.expand_dims(x, -1)
tf.expand_dims(z, 2)
tf.squeeze(x[2:3], [0])
tf.squeeze(tf.expand_dims(x, 1), [1])
tf.squeeze(tf.expand_dims(x, 2), [2])
tf.size(x)
tf.size(x, out_type=tf.int64)
tf.rank(m)
tf.one_hot(x, 4)
tf.one_hot(x, 4, axis=-1, dtype=tf.int32)
tf.where(b)
tf.where(b, x, y)
tf.where([True, False, True, False], x, y)
tf.where(tf.ragged.constant([[[True], [False, True]], [], [[False, True, False], []]]))
tf.ragged.boolean_mask(x, b)
tf.ragged.boolean_mask(x, [True, False, False, True])
tf.ragged.boolean_mask([[1, 2], [3, 4]], [[True, False], [True, True]])
tf.ragged.boolean_mask(z, tf.ragged.constant([[True, False], [], [False, True]]))
tf.ragged.boolean_mask(m, tf.ragged.constant([[True, False], [], [True]]))
tf.ragged.boolean_mask(tf.reshape(v[:4], [2, 2, 1]), tf.reshape(v[:4] > 1, [2, 2, 1]))
tf.ragged.boolean_mask(v, v > 2)
tf.ragged.stack_dynamic_partitions(v, [2, 0, 2, 1, 1, 0, 0], 4)
tf.ragged.stack_dynamic_partitions(x, [2, 0, 2, 1], 3)
tf.ragged.stack_dynamic_partitions(x, y, 8)
tf.dynamic_partition(x, [1, 0, 1, 0], 2)
"""

STRINGS = """
tf.strings.unicode_decode(["Gö", "", "a"], "UTF-8")
tf.strings.unicode_decode("Gö", "UTF-8")
tf.strings.unicode_decode([["Gö", ""], ["a", "bc"]], "UTF-8")
tf.strings.unicode_decode(t, "UTF-8")
tf.strings.unicode_decode_with_offsets(["Gö", "", "a"], "UTF-8")
tf.strings.unicode_decode_with_offsets(t, "UTF-8")
tf.strings.unicode_split(["Gö", "", "a"], "UTF-8")
tf.strings.unicode_split(t, "UTF-8")
tf.strings.unicode_split("Gö", "UTF-8")
tf.strings.unicode_split_with_offsets(["Gö", "", "a"], "UTF-8")
tf.strings.unicode_encode(tf.ragged.constant([[71, 246], [], [97]]), "UTF-8")
tf.strings.unicode_encode(tf.ragged.constant([[[71, 246], []], [], [[97]]]), "UTF-16-BE")
tf.strings.unicode_encode([[71, 246], [97, 98]], "UTF-8")
tf.strings.unicode_encode([[[71, 246]], [[97, 98]]], "UTF-8")
tf.strings.unicode_encode([71, 246], "UTF-8")
tf.strings.unicode_encode(tf.ragged.constant([[[71, 246]], [], [[97, 98]]], ragged_rank=1), "UTF-8")
tf.strings.bytes_split(["ab", "", "c"])
tf.strings.bytes_split("ab")
tf.strings.bytes_split([["ab", ""], ["c", "de"]])
tf.strings.bytes_split(s)
tf.strings.split(["a b", "", " c d  e "])
tf.strings.split(["a b", "", "c d e"], result_type="RaggedTensor")
tf.strings.split("a b c", result_type="RaggedTensor")
tf.strings.split([["a b", "c"], ["", "d e f"]], result_type="RaggedTensor")
tf.strings.split([["a b", "c"], ["", "d e f"]])
tf.strings.split(t, result_type="RaggedTensor")
tf.strings.split(["a,b,,c", "d"], ",", maxsplit=2, result_type="RaggedTensor")
tf.string_split(["a b", "", "c d e"], result_type="RaggedTensor")
tf.string_split(["a,b", "c"], ",", False)
tf.strings.ngrams(s, 2)
tf.strings.ngrams(s[:1], [1, 2], separator="|", pad_values=("<", ">"))
tf.strings.ngrams([["a", "b", "c"], ["d", "e", "f"]], 2)
tf.strings.ngrams(["a", "b", "c"], 2)
tf.strings.ngrams(tf.ragged.constant([[["a", "b"], ["c"]], []]), 2, preserve_short_sequences=True)
"""

NODES = """
R.from_row_splits(v, [0, 3])
R.from_row_lengths(v, [3])
R.from_value_rowids(v, [0, 0, 0])
R.from_row_starts(v, [0])
R.from_row_limits(v, [3])
R.from_tensor(d)
R.from_tensor(d, lengths=[1, 2])
x.to_tensor()
x.to_sparse()
x.row_lengths()
x.bounding_shape()
x[1:]
x[:, 1:]
x + 1
tf.exp(f)
tf.cast(x, tf.float32)
tf.concat([x, x], 0)
tf.concat([x, x], 1)
tf.stack([x, x])
tf.gather(x, [0])
tf.gather_nd(x, [[0, 0]])
tf.reduce_sum(x, 1)
tf.reduce_sum(x, 0)
tf.reduce_mean(f, 1)
tf.reduce_any(x > 1, 1)
tf.expand_dims(x, 0)
tf.size(x)
tf.rank(x)
tf.where(x > 1)
tf.ragged.range([3, 4])
tf.ragged.map_flat_values(tf.add, x, 1)
tf.strings.split(["a b"], result_type="RaggedTensor")
tf.strings.unicode_decode(["a"], "UTF-8")
tf.strings.unicode_split(["a"], "UTF-8")
tf.ragged.placeholder(tf.float32, 2, [])
tf.reduce_sum(x, 1, name="total")
tf.concat([x, x], 1, name="joined")
tf.math.unsorted_segment_sum(x, [0, 0], 1)
tf.one_hot(x, 3)
tf.ragged.stack([x, x])
tf.strings.ngrams(tf.ragged.constant([["a"]]), 1)
"""

OF_FEW = """
x * x
x + [[1.0]]
x.to_tensor()
x.to_sparse().indices
x.value_rowids()
x.bounding_shape()
tf.reduce_sum(x, 0)
tf.reduce_max(x, 1)
tf.reduce_mean(x, 1)
tf.concat([x, x], 1)
tf.stack([x, x], 1)
x[:, 1:]
x[1:]
tf.tile(x, [2, 2])
tf.where(x > 0)
tf.ragged.boolean_mask(x, x > 0)
tf.reduce_all(x > 0, 1)
tf.ragged.range(x.row_lengths())
tf.one_hot(tf.cast(x, tf.int32), 2)
tf.gradients(tf.reduce_sum(tf.reduce_sum(x, 1)), x.flat_values)[0]
"""

SETS = """
D.from_tensors(x)
D.from_tensor_slices(x).batch(3)
D.from_tensor_slices(z)
D.from_tensor_slices(z).batch(2, drop_remainder=True)
D.from_tensor_slices(m).batch(2)
D.range(3).map(lambda i: tf.ragged.range(i + [1, 2]))
D.from_tensor_slices(["a b", "", "c"]).batch(2).map(split)
D.from_tensors(x).map(lambda each: each.to_tensor())
D.from_tensors(x).repeat(2).filter(lambda each: each.nrows() > 1)
D.from_tensors(z).unbatch().map(lambda each: tf.reduce_sum(each, 1))
D.zip((D.from_tensor_slices(z), D.range(3))).map(lambda a, b: a + tf.cast(b, tf.int32))
"""


def rows(value):
    """What says of a value which elements are in which row: splits, and their dtype."""
    splits = value.nested_row_splits
    return f"{splits[0].dtype} {[each.tolist() for each in splits]}"


def evaluated(tf, expressions):
    """The elements of what each expression gives, and its rows."""
    given = names(tf)
    made = {}
    for text in expressions.strip().splitlines():
        found = eval(text, given)
        found = found if isinstance(found, (list, tuple)) else [found]
        for i, value in enumerate(found):
            made[text if len(found) == 1 else f"{text} #{i}"] = value
    facts = {}
    with tf.Session() as session:
        for text, value in session.run(made).items():
            facts.update(seen(text, value))
    return facts


def seen(text, value):
    """What a value is, of an expression."""
    if hasattr(value, "dense_shape"):
        return {
            text: value.values,
            text + " places": value.indices,
            text + " shape": value.dense_shape,
        }
    if hasattr(value, "ragged_rank"):
        return {text: value.flat_values, text + " rows": rows(value)}
    return {text: np.asarray(value)}


@case
def of_few(tf):
    """Of no row, of rows without elements, of one row."""
    x = tf.ragged.placeholder(tf.float32, 1, [])
    made = {text: eval(text, {"tf": tf, "x": x}) for text in OF_FEW.strip().splitlines()}
    facts = {}
    with tf.Session() as session:
        for lengths in ([], [0, 0], [3]):
            splits = np.cumsum([0, *lengths])
            values = np.arange(splits[-1], dtype=np.float32)
            fed = tf.ragged.RaggedTensorValue(values, splits)
            for text, value in session.run(made, {x: fed}).items():
                facts.update(seen(f"{text} of {lengths}", value))
    return facts


@case
def made(tf):
    return evaluated(tf, MAKING)


@case
def known(tf):
    return evaluated(tf, FACTS)


@case
def parts(tf):
    return evaluated(tf, KEYS)


@case
def elementwise(tf):
    return evaluated(tf, ELEMENTWISE)


@case
def functions(tf):
    return evaluated(tf, OTHERS)


@case
def strings(tf):
    return evaluated(tf, STRINGS)


@case
def nodes(tf):
    """What the tensors of results are called, each in a graph of its own."""
    facts = {}
    for text in NODES.strip().splitlines():
        with tf.Graph().as_default():
            given = {
                "tf": tf,
                "R": tf.RaggedTensor,
                "v": tf.constant([1, 2, 3], name="v"),
                "d": tf.constant([[1, 2], [3, 4]], name="d"),
                "x": tf.ragged.constant([[1, 2], [3]], name="x"),
                "f": tf.ragged.constant([[1.0, 2.0], [3.0]], name="f"),
            }
            found = eval(text, given)
            if hasattr(found, "dense_shape"):
                found = [found.indices, found.values, found.dense_shape]
            elif hasattr(found, "nested_row_splits"):
                found = [found.flat_values, *found.nested_row_splits]
            else:
                found = [found]
            facts[text] = [tensor.name for tensor in found]
    return facts


@case
def data_sets(tf):
    """The elements of data sets, and what is known of them."""
    facts = {}
    for text in SETS.strip().splitlines():
        with tf.Graph().as_default(), tf.Session() as session:
            given = dict(names(tf), D=tf.data.Dataset)
            given["split"] = lambda each: tf.strings.split(each, result_type="RaggedTensor")
            made = eval(text, given)
            element = tf.data.make_one_shot_iterator(made).get_next()
            kind = repr(tf.data.get_output_classes(made))
            seen = [str(element.shape), kind if "Ragged" in kind else "Tensor"]
            try:
                while True:
                    value = session.run(element)
                    seen.append(value.to_list() if hasattr(value, "to_list") else value.tolist())
            except tf.errors.OutOfRangeError:
                facts[text] = str(seen)
    return facts
