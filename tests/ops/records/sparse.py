"""Sparse tensors. The indices are constants: rows of different sparsity."""

import numpy as np
from tests.ops.record import Record, normal, positive

INDICES = np.array([[0, 1], [0, 3], [2, 0], [2, 4]], np.int64)
OTHER = np.array([[0, 1], [1, 2], [2, 4]], np.int64)
UNORDERED = INDICES[[2, 0, 3, 1]]
SHAPE = (3, 5)
VALUES = normal(4)
RANK = "the rank is known here"
RESHAPED = "the shape is cast in another order"
LINEAR = "linear: zeros here, none in TensorFlow"
NO_SHAPE = "the shape of the result is no constant of its own"
SLICED = {"host_only": "how many elements there are depends on them"}
THRESHOLD = "the threshold is called thresh, and the sum's shape is no constant"


def _sparse(tf, values, indices=INDICES):
    return tf.SparseTensor(indices, values, SHAPE)


def _record(op_type, call, inputs, name="", **options):
    return Record(op_type, call, inputs, name, one_dtype="the indices decide", **options)


def _embedded(name, weights, **options):
    ids = np.array([2, 0, 2, 1], np.int64)
    rows = np.array([[0, 0], [0, 1], [1, 0], [2, 3]], np.int64)

    def call(tf, table, w):
        sp_ids = tf.SparseTensor(rows, ids, SHAPE)
        sp_weights = tf.SparseTensor(rows, w, SHAPE) if weights else None
        return tf.nn.embedding_lookup_sparse(table, sp_ids, sp_weights, **options)

    op_type = "DivNoNan" if weights else "SparseSegmentMean"
    return _record(
        op_type,
        call,
        [normal(6, 3), positive(4)],
        name,
        grad_inputs=(0,),
        names_differ="ids are made unique after the cast of rows, weights not reshaped",
    )


def _safe(name, default_id, **options):
    ids = np.array([2, 0, -1, 1], np.int64)
    rows = np.array([[0, 0], [0, 1], [1, 0], [3, 3]], np.int64)

    def call(tf, table, w):
        sp_ids, sp_weights = (tf.SparseTensor(rows, v, [5, 4]) for v in (ids, w))
        return tf.nn.safe_embedding_lookup_sparse(
            table, sp_ids, sp_weights, default_id=default_id, **options
        )

    return _record("SparseFillEmptyRows", call, [normal(6, 3), positive(4)], name,
                   grad_inputs=(0,),
                   names_differ="shapes are taken apart in another order")  # fmt: skip


def _bad(name, text, indices):
    return Record(
        "SparseToDense",
        lambda tf, v: tf.sparse_to_dense(indices, SHAPE, v),
        [VALUES],
        name=name,
        raises=("InvalidArgumentError", text),
    )


RECORDS = [
    Record("SparseToDense", lambda tf, v: tf.sparse_to_dense(INDICES, SHAPE, v, 0.5), [VALUES]),
    Record("SparseToDense", lambda tf, v: tf.sparse_to_dense([1, 3, 4, 6], [8], v), [VALUES],
           name="vector",
           one_dtype="the indices decide",
           no_gradient="TensorFlow's fails: it takes the places for a matrix"),
    _record("SparseToDense", lambda tf, v: tf.sparse_tensor_to_dense(_sparse(tf, v)), [VALUES],
            "tensor"),
    _bad("outside", "is out of bounds", INDICES + np.array([0, 1])),
    _bad("unordered", "is out of order", UNORDERED),
    _bad("repeated", "is repeated", INDICES[[0, 0, 2, 3]]),
    _record("SparseTensorDenseMatMul",
            lambda tf, v, b: tf.sparse_tensor_dense_matmul(_sparse(tf, v), b),
            [VALUES, normal(5, 2)]),
    _record("SparseTensorDenseMatMul",
            lambda tf, v, b: tf.sparse_tensor_dense_matmul(
                _sparse(tf, v), b, adjoint_a=True, adjoint_b=True),
            [VALUES, normal(2, 3)], "adjoint"),
    _record("SparseReduceSum", lambda tf, v: tf.sparse_reduce_sum(_sparse(tf, v), 1), [VALUES],
            tf_lacks_second=LINEAR),
    _record("SparseReduceSum",
            lambda tf, v: tf.sparse_reduce_sum(_sparse(tf, v), keep_dims=True), [VALUES], "all",
            tf_lacks_second=LINEAR, names_differ="the axes are counted by a Range"),
    _record("SparseReorder", lambda tf, v: tf.sparse_reorder(_sparse(tf, v, UNORDERED)), [VALUES],
            tf_lacks_second=LINEAR, names_differ=NO_SHAPE),
    _record("SparseConcat",
            lambda tf, v, w: tf.sparse_concat(1, [_sparse(tf, v), _sparse(tf, w, OTHER)]),
            [VALUES, normal(3)], names_differ=NO_SHAPE,
            tf_lacks_gradient="declared not to be differentiable; a slice of each part here"),
    _record("SparseConcat",
            lambda tf, v, w: tf.sparse_concat(
                -1, [_sparse(tf, v), tf.SparseTensor([[3, 0], [0, 1]], w, [4, 2])],
                expand_nonconcat_dim=True),
            [VALUES, normal(2)], "expanded", names_differ=NO_SHAPE,
            tf_lacks_gradient="declared not to be differentiable; a slice of each part here"),
    _record("SparseConcat",
            lambda tf, v, w: tf.sparse_concat(
                1, [_sparse(tf, v), tf.SparseTensor([[3, 0], [0, 1]], w, [4, 2])]).values,
            [VALUES, normal(2)], "of other lengths", raises=("InvalidArgumentError",
                "Input shapes must match: expected 3 for dimension 0 but got 4 at position 1")),
    _record("SparseSlice", lambda tf, v: tf.sparse_slice(_sparse(tf, v), [0, 1], [3, 9]), [VALUES],
            **SLICED),
    _record("SparseSliceGrad", lambda tf, v: tf.gradients(
                tf.square(tf.sparse_slice(_sparse(tf, v), [0, 1], [3, 9]).values), [v]), [VALUES],
            host_only=SLICED["host_only"], tf_lacks_gradient="SparseSliceGrad has none"),
    _record("SparseSlice", lambda tf, v: tf.sparse_slice(_sparse(tf, v), [0], [3]).values, [VALUES],
            "rank", raises=("InvalidArgumentError",
                            "Expected start to be a vector of length 2 but got length 1")),
    _record("SparseTensorDenseAdd", lambda tf, v, d: tf.sparse_add(_sparse(tf, v), d),
            [VALUES, normal(3, 5)]),
    _record("SparseTensorDenseAdd", lambda tf, v, d: tf.sparse_add(d, _sparse(tf, v)),
            [VALUES, normal(3, 4)], "length", raises=("InvalidArgumentError",
                "Dimension 1 does not equal .no broadcasting is supported.: sparse side 5 vs")),
    _record("SparseTensorDenseAdd", lambda tf, v, d: tf.sparse_add(_sparse(tf, v), d),
            [VALUES, normal(5)], "rank", raises=("InvalidArgumentError",
                "Two operands have different ranks; received: 2 and 1")),
    _record("SparseSplit", lambda tf, v: tf.sparse_split(
                sp_input=_sparse(tf, v), num_split=0, axis=1), [VALUES], "none",
            raises=(ValueError, "less than minimum 1")),
    _record("SparseAdd", lambda tf, v, w: tf.sparse_add(_sparse(tf, v), _sparse(tf, w, OTHER)),
            [VALUES, normal(3)], names_differ=THRESHOLD),
    _record("SparseAddGrad", lambda tf, v, w: tf.gradients(
                tf.square(tf.sparse_add(_sparse(tf, v), _sparse(tf, w, OTHER)).values), [v, w]),
            [VALUES, normal(3)], names_differ=THRESHOLD,
            tf_lacks_gradient="SparseAddGrad has none"),
    _record("GatherV2", lambda tf, v: tf.sparse_retain(
        _sparse(tf, v), [True, False, True, True]), [VALUES], "retain"),
    _record("SparseDenseCwiseMul", lambda tf, v, d: _sparse(tf, v) * d, [VALUES, normal(3, 5)]),
    _record("SparseDenseCwiseMul", lambda tf, v, d: d * _sparse(tf, v), [VALUES, normal(5)], "row",
            tf_lacks_second=LINEAR,
            grad_inputs=(0,)),
    _record("SparseDenseCwiseMul", lambda tf, v: _sparse(tf, v) * 0.5, [VALUES], "number",
            tf_lacks_gradient="fails with a scalar"),
    _record("SparseDenseCwiseDiv", lambda tf, v, d: _sparse(tf, v) / d, [VALUES, positive(3, 1)],
            tf_lacks_second=LINEAR,
            grad_inputs=(0,)),
    _record("SparseDenseCwiseDiv", lambda tf, v: _sparse(tf, v) / 2, [np.array([7, -7, 2, 9])],
            "integers"),
    Record("SparseDenseCwiseAdd", lambda tf, v, d: tf.raw_ops.SparseDenseCwiseAdd(
               sp_indices=INDICES, sp_values=v, sp_shape=np.array(SHAPE), dense=d),
           [VALUES, normal(5)], one_dtype="the indices decide",
           tf_lacks_gradient="NotImplementedError"),
    _record("SparseSparseMaximum", lambda tf, v, w: tf.sparse.maximum(
                _sparse(tf, v), _sparse(tf, w, OTHER)), [VALUES, normal(3)],
            shape_differs=RANK, no_gradient="NotImplementedError in TensorFlow"),
    _record("SparseSparseMinimum", lambda tf, v, w: tf.sparse.minimum(
                _sparse(tf, v), _sparse(tf, w, OTHER)), [VALUES, normal(3)],
            shape_differs=RANK, no_gradient="NotImplementedError in TensorFlow"),
    _record("SparseSoftmax", lambda tf, v: tf.sparse_softmax(_sparse(tf, v)), [VALUES],
            tf_lacks_second="SparseDenseCwiseAdd has no gradient"),
    _record("SparseReshape", lambda tf, v: tf.sparse_reshape(_sparse(tf, v), [5, -1]), [VALUES],
            names_differ=RESHAPED),
    _record("SparseReshape", lambda tf, v: tf.sparse_transpose(_sparse(tf, tf.sparse_reshape(
                _sparse(tf, v), [3, 5]).values)), [VALUES], "transpose",
            tf_lacks_second=LINEAR, names_differ=RESHAPED),
    _record("SparseReduceMax", lambda tf, v: tf.sparse_reduce_max(_sparse(tf, v), 1), [VALUES],
            tf_lacks_gradient="nobody wrote one"),
    _record("SparseReduceMax", lambda tf, v: tf.sparse_reduce_max(
                _sparse(tf, v), [-1, 0], keep_dims=True), [VALUES], "all",
            tf_lacks_gradient="nobody wrote one"),
    _record("SparseReduceMaxSparse", lambda tf, v: tf.sparse_reduce_max_sparse(_sparse(tf, v), 1),
            [VALUES], shape_differs=RANK,
            tf_lacks_gradient="nobody wrote one"),
    _record("SparseReduceSumSparse", lambda tf, v: tf.sparse_reduce_sum_sparse(_sparse(tf, v), 0),
            [VALUES], shape_differs=RANK,
            tf_lacks_gradient="nobody wrote one"),
    _record("SparseReduceSumSparse", lambda tf, v: tf.sparse_reduce_sum_sparse(
                _sparse(tf, v), 1, keep_dims=True), [VALUES], "kept",
            shape_differs=RANK,
            tf_lacks_gradient="nobody wrote one"),
    _record("SparseFillEmptyRows", lambda tf, v, d: tf.sparse_fill_empty_rows(_sparse(tf, v), d),
            [VALUES, normal()]),
    _record("SparseFillEmptyRowsGrad", lambda tf, v, d: tf.gradients(
                tf.square(tf.sparse_fill_empty_rows(_sparse(tf, v), d)[0].values), [v, d]),
            [VALUES, normal()], tf_lacks_gradient="SparseFillEmptyRowsGrad has none"),
    _safe("safe", None),
    _safe("safe_default", 3, combiner="sum"),
    _safe("safe_sqrtn", None, combiner="sqrtn"),
    _embedded("lookup_mean", False),
    _embedded("lookup_weighted", True),
    _embedded("lookup_sqrtn", True, combiner="sqrtn"),
    *(_record("SparseSplit", lambda tf, v, n=n, axis=axis: [
                  part for t in tf.sparse_split(sp_input=_sparse(tf, v), num_split=n, axis=axis)
                  for part in (t.indices, t.values, t.dense_shape)],
              [VALUES], f"{n} {axis}", no_gradient="declared not to be differentiable")
      for n, axis in [(2, 1), (3, 1), (3, 0)]),
    _record("SparseSplit", lambda tf, v: tf.sparse.split(
                sp_input=_sparse(tf, v), num_split=9, axis=1)[0].values, [VALUES], "many",
            raises=("InvalidArgumentError", "between 1 and the splitting dimension size")),
    _record("GatherV2", lambda tf, x: tf.sparse_mask(
                tf.IndexedSlices(x, tf.constant([4, 5, 9])), [5]), [normal(3, 2)], "mask"),
]  # fmt: skip

CROSS_ROWS = np.int64([[0, 0], [0, 1], [1, 0]])
CROSS_WORDS, CROSS_IDS = np.array([b"a", b"b", b"c"], object), np.int64([[7, -2], [3, 4], [5, 6]])


def _crossed(name, hashed, *columns, num_buckets=0, internal="string"):
    def call(tf, words, ids):
        return list(
            tf.raw_ops.SparseCross(
                indices=[CROSS_ROWS] if "sparse" in columns else [],
                values=[words] if "sparse" in columns else [],
                shapes=[[3, 2]] if "sparse" in columns else [],
                dense_inputs=[ids] if "ids" in columns else [],
                hashed_output=hashed,
                num_buckets=num_buckets,
                hash_key=956888297470,
                out_type=tf.int64 if hashed else tf.string,
                internal_type=getattr(tf, internal),
            )
        )

    return _record("SparseCross", call, [CROSS_WORDS, CROSS_IDS], name)


RECORDS += [
    _crossed("", False, "sparse", "ids", internal="int64"),
    _crossed("hashed", True, "sparse", "ids", internal="int64"),
    _crossed("buckets", True, "sparse", num_buckets=100),
]

A_ROWS, B_ROWS = np.int64([[1, 9, 3], [2, 2, 4]]), np.int64([[1, 3, 5, 5], [2, 7, 8, 2]])
A_WORDS = np.array([[b"x", b"y"], [b"z", b"z"]], object)
SETS = {"host_only": "how many elements there are depends on them", "one_dtype": "of rows"}
RECORDS += [
    Record("DenseToDenseSetOperation", lambda tf, a, b: tf.sets.set_intersection(a, b),
           [A_ROWS, B_ROWS], **SETS),
    Record("DenseToDenseSetOperation", lambda tf, a, b: tf.sets.set_union(a, b),
           [A_ROWS, B_ROWS], name="union", **SETS),
    Record("DenseToDenseSetOperation", lambda tf, a, b: tf.sets.set_difference(a, b, False),
           [A_WORDS, A_WORDS[::-1].copy()], name="difference", **SETS),
    Record("DenseToSparseSetOperation",
           lambda tf, a, v: tf.sets.set_difference(
               tf.SparseTensor([[0, 0], [0, 2], [1, 1]], v, [2, 3]), a),
           [A_ROWS, np.int64([5, 9, 8])], **SETS),
    Record("SparseToSparseSetOperation",
           lambda tf, v, w: tf.sets.set_union(
               tf.SparseTensor([[0, 0], [0, 2], [1, 1]], v, [2, 3]),
               tf.SparseTensor([[0, 1], [1, 0]], w, [2, 3])),
           [np.int64([5, 9, 8]), np.int64([9, 1])], **SETS),
    Record("SetSize",
           lambda tf, v: tf.sets.set_size(
               tf.SparseTensor([[0, 0], [0, 2], [1, 1]], v, [3, 3])),
           [np.int64([5, 5, 8])], shape_differs="the rank is known", **SETS),
]  # fmt: skip

TEXTS = {"host_only": "gives or takes texts", "no_gradient": "texts have none"}
SOME_WORDS = np.array([b"a", b"", b"x" * 200], object)
THREE = np.int64([[0, 1], [2, 0], [2, 3]])


def _read_again(tf, values):
    texts = tf.serialize_many_sparse(tf.SparseTensor(THREE, values, [3, 4]))
    return tf.deserialize_many_sparse(tf.reverse(texts, [0]), values.dtype)


def _read_in_rows(tf, values):
    text = tf.serialize_sparse(tf.SparseTensor(THREE, values, [3, 4]))
    parts = tf.raw_ops.DeserializeSparse(
        serialized_sparse=tf.stack([[text], [text]]), dtype=values.dtype
    )
    return list(parts)


RECORDS += [
    _record("SerializeSparse",
            lambda tf, v: tf.serialize_sparse(tf.SparseTensor(THREE, v, [3, 4])),
            [SOME_WORDS], **TEXTS),
    _record("SerializeSparse",
            lambda tf, v: tf.io.serialize_sparse(tf.SparseTensor(THREE, v, [3, 4])),
            [np.float32([1.5, -2, 0])], "numbers", **TEXTS),
    _record("SerializeManySparse",
            lambda tf, v: tf.serialize_many_sparse(tf.SparseTensor(THREE, v, [5, 4])),
            [np.int16([7, -8, 9])], **TEXTS),
    _record("SerializeManySparse",
            lambda tf, v: tf.serialize_many_sparse(tf.SparseTensor([[0], [1], [2]], v, [3])),
            [np.int16([7, -8, 9])], "vector",
            raises=("InvalidArgumentError", "Rank of input SparseTensor should be > 1")),
    _record("DeserializeManySparse", _read_again, [SOME_WORDS], **TEXTS),
    _record("DeserializeManySparse", _read_again, [np.float64([1, 2, 3])], "numbers", **TEXTS),
    _record("DeserializeManySparse",
            lambda tf, v: tf.deserialize_many_sparse(
                tf.serialize_many_sparse(tf.SparseTensor(THREE, v, [3, 4])), tf.int32),
            [np.int64([1, 2, 3])], "dtype",
            raises=("InvalidArgumentError", "Requested SparseTensor of type int32")),
    _record("DeserializeManySparse",
            lambda tf, v: tf.deserialize_many_sparse(v, tf.int32),
            [np.array([[b"a", b"b", b"c"]], object)], "damaged",
            raises=("InvalidArgumentError", "Could not parse serialized proto")),
    _record("DeserializeSparse", _read_in_rows, [np.float32([1, 2, 3])], **TEXTS),
]  # fmt: skip
