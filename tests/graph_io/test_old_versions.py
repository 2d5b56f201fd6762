"""Old versions of ops: each gives TensorFlow's values, as the version that is registered."""

import numpy as np
import pytest

import graphmode as gm
from graphmode.framework.op_def import registered_ops
from graphmode.graph_io import old_versions
from graphmode.graph_io.old_versions import function_of, old_types, resolve
from graphmode.ops import load_all

RNG = np.random.default_rng(11)
SQUARE = RNG.normal(size=(2, 3, 3)).astype(np.float32)
POSITIVE = (SQUARE @ SQUARE.transpose(0, 2, 1) + 2 * np.eye(3)).astype(np.float32)
IMAGES = RNG.normal(size=(2, 4, 6, 3)).astype(np.float32)
VOLUME = RNG.normal(size=(1, 3, 4, 5, 2)).astype(np.float32)
FILTER = RNG.normal(size=(2, 2, 1, 2, 3)).astype(np.float32)
ROWS = RNG.normal(size=(4, 5)).astype(np.float32)
VECTOR = np.array([1.5, -2.0, 0.5], np.float32)
SCALE, OFFSET, MEAN, VARIANCE = (RNG.uniform(0.5, 1.5, 3).astype(np.float32) for _ in range(4))
BOXES = np.array([[0, 0, 1, 1], [0, 0.1, 1, 1.1], [0, 10, 1, 11]], np.float32)
POOL = {"ksize": [1, 2, 2, 1], "strides": [1, 2, 2, 1], "padding": "VALID"}
POOLED = IMAGES.reshape(2, 2, 2, 3, 2, 3).max((2, 4))

# Type -> calls: the arguments of TensorFlow's raw op, arrays being fed.
CALLS = {
    "AccumulateNV2": [{"inputs": [ROWS, 2 * ROWS], "shape": [4, 5]}],
    "BatchMatMul": [{"x": SQUARE, "y": POSITIVE, "adj_x": True}],
    "BatchMatMulV3": [{"x": SQUARE, "y": POSITIVE, "adj_y": True, "Tout": "float32"}],
    "BatchToSpace": [{"input": IMAGES.repeat(2, 0), "crops": [[0, 0], [1, 0]], "block_size": 2}],
    "BiasAddV1": [{"value": ROWS, "bias": ROWS[0]}],
    "Bincount": [{"arr": np.array([[1, 1], [3, 0]], np.int32), "size": 5,
                  "weights": [[1.0, 2.0], [3.0, 4.0]]}],
    "CheckNumericsV2": [{"tensor": ROWS, "message": "m"}],
    "Concat": [{"concat_dim": 1, "values": [ROWS, ROWS[:, :2]]}],
    "DeepCopy": [{"x": ROWS}],
    "Div": [
        {"x": ROWS, "y": ROWS[::-1].copy()},
        {"x": np.array([7, -7, 7], np.int32), "y": np.array([2, 2, -2], np.int32)},
    ],
    "DrawBoundingBoxes": [{"images": np.abs(IMAGES), "boxes": [[[0.1, 0.1, 0.8, 0.9]]] * 2}],
    "FusedBatchNorm": [
        {"x": IMAGES, "scale": SCALE, "offset": OFFSET, "mean": MEAN, "variance": VARIANCE,
         "is_training": False, "epsilon": 0.01}
    ],
    "FusedBatchNormV2": [
        {"x": IMAGES, "scale": SCALE, "offset": OFFSET, "mean": [], "variance": []}
    ],
    "FusedBatchNormGrad": [
        {"y_backprop": IMAGES, "x": IMAGES[::-1].copy(), "scale": SCALE,
         "reserve_space_1": MEAN, "reserve_space_2": VARIANCE, "is_training": False}
    ],
    "FusedBatchNormGradV2": [
        {"y_backprop": IMAGES, "x": IMAGES[::-1].copy(), "scale": SCALE,
         "reserve_space_1": MEAN, "reserve_space_2": VARIANCE, "is_training": False}
    ],
    "Gather": [{"params": ROWS, "indices": np.array([[3, 0]], np.int64), "validate_indices": True}],
    "InTopK": [{"predictions": ROWS, "targets": np.array([0, 1, 2, 3], np.int32), "k": 2}],
    "Inv": [{"x": VECTOR}],
    "InvGrad": [{"y": VECTOR, "dy": VECTOR[::-1].copy()}],
    "MatrixDiag": [{"diagonal": ROWS}],
    "MatrixDiagV2": [
        {"diagonal": ROWS, "k": 1, "num_rows": -1, "num_cols": -1, "padding_value": 0.0}
    ],
    "MatrixDiagPart": [{"input": SQUARE}],
    "MatrixDiagPartV2": [{"input": SQUARE, "k": -1, "padding_value": 0.0}],
    "MatrixSetDiag": [{"input": SQUARE, "diagonal": ROWS[:2, :3].copy()}],
    "MatrixSetDiagV2": [{"input": SQUARE, "diagonal": ROWS[:2, :2].copy(), "k": 1}],
    "MaxPoolV2": [{"input": IMAGES, **POOL}],
    "MaxPoolGradV2": [
        {"orig_input": IMAGES, "orig_output": POOLED, "grad": POOLED[::-1].copy(), **POOL}
    ],
    "MaxPoolGradGradV2": [
        {"orig_input": IMAGES, "orig_output": POOLED, "grad": IMAGES[::-1].copy(), **POOL}
    ],
    "Mod": [
        {"x": VECTOR, "y": np.array([1.0, 1.5, -0.4], np.float32)},
        {"x": np.array([7, -7], np.int32), "y": np.array([3, 3], np.int32)},
    ],
    "NonMaxSuppression": [
        {"boxes": BOXES, "scores": [0.9, 0.8, 0.7], "max_output_size": 3, "iou_threshold": 0.5}
    ],
    "NonMaxSuppressionV2": [
        {"boxes": BOXES, "scores": [0.9, 0.8, 0.7], "max_output_size": 3,
         "iou_threshold": np.float32(0.9)}
    ],
    "Reverse": [{"tensor": SQUARE, "dims": [True, False, True]}],
    "ScatterNdNonAliasingAdd": [
        {"input": VECTOR, "indices": [[2], [0], [2]], "updates": [1.0, 2.0, 4.0]}
    ],
    "Snapshot": [{"input": ROWS}],
    "SpaceToBatch": [{"input": IMAGES, "paddings": [[0, 0], [0, 0]], "block_size": 2}],
    "UniqueV2": [{"x": np.array([4, 2, 4, 7], np.int32), "axis": np.zeros(0, np.int64)}],
    "UniqueWithCountsV2": [
        {"x": np.array([4, 2, 4, 7], np.int32), "axis": np.zeros(0, np.int64)}
    ],
}  # fmt: skip

# Those that TensorFlow 2.21 runs no more, and the op that says the same.
SAME_AS = {
    "AudioSummary": (
        "AudioSummaryV2",
        {"tag": "a", "tensor": np.zeros((1, 8, 1), np.float32), "sample_rate": 100.0},
        {"tag": "a", "tensor": np.zeros((1, 8, 1), np.float32), "sample_rate": 100.0},
    ),
    "BatchCholesky": ("Cholesky", {"input": POSITIVE}, {"input": POSITIVE}),
    "BatchMatrixBandPart": (
        "MatrixBandPart",
        {"input": SQUARE, "num_lower": 0, "num_upper": 1},
        {"input": SQUARE, "num_lower": 0, "num_upper": 1},
    ),
    "BatchMatrixDeterminant": ("MatrixDeterminant", {"input": SQUARE}, {"input": SQUARE}),
    "BatchMatrixDiag": ("MatrixDiag", {"diagonal": ROWS}, {"diagonal": ROWS}),
    "BatchMatrixDiagPart": ("MatrixDiagPart", {"input": SQUARE}, {"input": SQUARE}),
    "BatchMatrixInverse": ("MatrixInverse", {"input": POSITIVE}, {"input": POSITIVE}),
    "BatchMatrixSetDiag": (
        "MatrixSetDiag",
        {"input": SQUARE, "diagonal": ROWS[:2, :3].copy()},
        {"input": SQUARE, "diagonal": ROWS[:2, :3].copy()},
    ),
    "BatchMatrixSolve": (
        "MatrixSolve", {"matrix": POSITIVE, "rhs": SQUARE}, {"matrix": POSITIVE, "rhs": SQUARE}
    ),
    "BatchMatrixTriangularSolve": (
        "MatrixTriangularSolve",
        {"matrix": POSITIVE, "rhs": SQUARE, "lower": False},
        {"matrix": POSITIVE, "rhs": SQUARE, "lower": False},
    ),
    "BatchSelfAdjointEigV2": (
        "SelfAdjointEigV2",
        {"input": POSITIVE, "compute_v": False},
        {"input": POSITIVE, "compute_v": False},
    ),
    "BatchSvd": (
        "Svd", {"input": SQUARE, "compute_uv": False}, {"input": SQUARE, "compute_uv": False}
    ),
    "Conv3DBackpropFilter": (
        "Conv3DBackpropFilterV2",
        {"input": VOLUME, "filter": FILTER, "out_backprop": VOLUME[..., [0, 1, 1]].copy(),
         "strides": [1] * 5, "padding": "SAME"},
        {"input": VOLUME, "filter_sizes": FILTER.shape,
         "out_backprop": VOLUME[..., [0, 1, 1]].copy(), "strides": [1] * 5, "padding": "SAME"},
    ),
    "Conv3DBackpropInput": (
        "Conv3DBackpropInputV2",
        {"input": VOLUME, "filter": FILTER, "out_backprop": VOLUME[..., [0, 1, 1]].copy(),
         "strides": [1] * 5, "padding": "SAME"},
        {"input_sizes": VOLUME.shape, "filter": FILTER,
         "out_backprop": VOLUME[..., [0, 1, 1]].copy(), "strides": [1] * 5, "padding": "SAME"},
    ),
    "TopK": (
        "TopKV2", {"input": ROWS, "k": 3, "sorted": True}, {"input": ROWS, "k": 3, "sorted": True}
    ),
    "RefIdentity": ("Identity", {"input": ROWS}, {"input": ROWS}),
}  # fmt: skip

# What needs more than one op to be shown, and the test that shows it; queues and tables are only
# renamed.
ELSEWHERE = {
    "AccumulatorApplyGradient", "AccumulatorTakeGradient", "ConditionalAccumulator",
    "DisableCopyOnRead", "FIFOQueue", "HashTable", "InitializeTable",
    "InitializeTableFromTextFile", "LookupTableExport", "LookupTableFind", "LookupTableImport",
    "LookupTableInsert", "LookupTableSize", "MutableDenseHashTable", "MutableHashTable",
    "MutableHashTableOfTensors", "PaddingFIFOQueue", "ParseExampleV2", "ParseSequenceExampleV2",
    "PlaceholderV2", "PriorityQueue", "QueueClose", "QueueDequeue", "QueueDequeueMany",
    "QueueDequeueUpTo", "QueueEnqueue", "QueueEnqueueMany", "QueueIsClosed", "QueueSize",
    "RandomShuffleQueue", "SampleDistortedBoundingBox", "TensorListConcat", "Variable",
}  # fmt: skip


def values(library, op_type, arguments):
    """The outputs of a raw op; arrays are fed, what becomes an attribute is a constant."""
    with library.Graph().as_default(), library.Session() as session:
        feed, given = {}, {}
        constant = ("ksize", "strides", "dims", "axis")

        def fed(value):
            placeholder = library.placeholder(library.as_dtype(value.dtype), value.shape)
            feed[placeholder] = value
            return placeholder

        for key, value in arguments.items():
            if isinstance(value, np.ndarray) and key not in constant:
                given[key] = fed(value)
            elif isinstance(value, list) and value and isinstance(value[0], np.ndarray):
                given[key] = [fed(item) for item in value]
            else:
                given[key] = value
        if "Tout" in given:
            given["Tout"] = library.as_dtype(given["Tout"])
        result = getattr(library.raw_ops, op_type)(**given)
        found = list(result) if isinstance(result, list | tuple) else [result]
        return [np.asarray(value) for value in session.run(found, feed)]


def assert_same(ours, theirs):
    assert len(ours) >= len(theirs)
    for a, b in zip(ours, theirs, strict=False):
        assert a.shape == b.shape
        if b.dtype.kind == "f":
            np.testing.assert_allclose(a, b, rtol=2e-5, atol=2e-5)
        else:
            np.testing.assert_array_equal(a, b)


def test_every_old_type_is_shown():
    load_all()
    assert old_types() == set(CALLS) | set(SAME_AS) | ELSEWHERE
    assert old_types().isdisjoint(registered_ops())
    assert set(old_versions.RENAMED.values()) <= set(registered_ops())


@pytest.mark.parametrize(
    ("op_type", "arguments"),
    [
        pytest.param(op_type, arguments, id=f"{op_type}-{i}")
        for op_type, calls in CALLS.items()
        for i, arguments in enumerate(calls)
    ],
)
def test_values_are_tensorflows(oracle, op_type, arguments):
    # TensorFlow gives the reserves of a gradient no value.
    n = 3 if op_type.startswith(("FusedBatchNormGrad", "FusedBatchNorm")) else None
    theirs = values(oracle, op_type, arguments)[:n]
    assert_same(values(gm, op_type, arguments), theirs)


@pytest.mark.parametrize("op_type", SAME_AS)
def test_values_are_those_of_the_later_op(oracle, op_type):
    later, old, new = SAME_AS[op_type]
    # Without vectors their output holds nothing of a meaning.
    n = 1 if "compute_v" in old or "compute_uv" in old else None
    assert_same(values(gm, op_type, old)[:n], values(oracle, later, new)[:n])


def test_a_variable_and_a_placeholder():
    with gm.Graph().as_default(), gm.Session() as session:
        variable = gm.raw_ops.Variable(shape=[2], dtype=gm.float32, name="v")
        assert (variable.op.type, variable.op.name) == ("VariableV2", "v")
        session.run(gm.assign(variable, [1.0, 2.0]))
        x = gm.raw_ops.PlaceholderV2(dtype=gm.float32, shape=[2])
        np.testing.assert_array_equal(session.run(variable + x, {x: [3.0, 4.0]}), [4.0, 6.0])


def test_a_box_and_a_list():
    with gm.Graph().as_default(), gm.Session() as session:
        begin, size, box = gm.raw_ops.SampleDistortedBoundingBox(
            image_size=[8, 8, 3], bounding_boxes=np.ones((1, 0, 4), np.float32), seed=1, seed2=2,
            use_image_if_no_bounding_boxes=True, min_object_covered=0.5,
        )  # fmt: skip
        assert begin.op.type == "SampleDistortedBoundingBoxV2"
        found = session.run([begin, size, box])
        assert [value.shape for value in found] == [(3,), (3,), (1, 1, 4)]
        rows = gm.raw_ops.TensorListFromTensor(tensor=ROWS[:, None], element_shape=[1, 5])
        joined, lengths = gm.raw_ops.TensorListConcat(
            input_handle=rows, element_dtype=gm.float32, element_shape=[1, 5]
        )
        np.testing.assert_array_equal(session.run(joined), ROWS)
        np.testing.assert_array_equal(session.run(lengths), [1] * 4)


def test_a_table_of_the_old_kind():
    with gm.Graph().as_default(), gm.Session() as session:
        kind = {"key_dtype": gm.string, "value_dtype": gm.int64}
        table = gm.raw_ops.HashTable(**kind)
        fill = gm.raw_ops.InitializeTable(table_handle=table, keys=["a", "b"],
                                          values=np.array([4, 5]))  # fmt: skip
        found = gm.raw_ops.LookupTableFind(table_handle=table, keys=["b", "c"],
                                           default_value=np.int64(-1))  # fmt: skip
        session.run(fill)
        assert session.run(found).tolist() == [5, -1]
        changing = gm.raw_ops.MutableHashTable(**kind)
        session.run(gm.raw_ops.LookupTableInsert(table_handle=changing, keys=["a"],
                                                 values=np.array([7])))  # fmt: skip
        assert session.run(gm.raw_ops.LookupTableSize(table_handle=changing)) == 1


def test_a_queue_of_the_old_kind():
    with gm.Graph().as_default(), gm.Session() as session:
        queue = gm.raw_ops.FIFOQueue(component_types=[gm.int32], capacity=5, shapes=[[]])
        put = gm.raw_ops.QueueEnqueueMany(handle=queue, components=[np.arange(4, dtype=np.int32)])
        session.run(put)
        first = gm.raw_ops.QueueDequeue(handle=queue, component_types=[gm.int32])
        two = gm.raw_ops.QueueDequeueMany(handle=queue, n=2, component_types=[gm.int32])
        assert session.run(first)[0] == 0
        np.testing.assert_array_equal(session.run(two)[0], [1, 2])
        assert session.run(gm.raw_ops.QueueSize(handle=queue)) == 1
        session.run(gm.raw_ops.QueueClose(handle=queue))
        assert session.run(gm.raw_ops.QueueIsClosed(handle=queue))


def test_a_node_resolves_to_arguments():
    """As a node gives them: flat inputs, and the attributes that follow from them."""
    with gm.Graph().as_default():
        a, b, c = (gm.placeholder(gm.float32, [2]) for _ in range(3))
        attrs = {"N": 3, "T": gm.float32, "_class": [b"loc:@x"]}
        assert resolve("Concat", [0, a, b, c], attrs) == (
            "ConcatV2", [[a, b, c], 0], {"_class": [b"loc:@x"]},
        )  # fmt: skip
        assert resolve("ConcatV2", [a, b, c, 0], attrs)[:2] == ("ConcatV2", [[a, b, c], 0])
        assert resolve("AccumulateNV2", [a, b], {"N": 2, "T": gm.float32, "shape": [2]})[:2] == (
            "AddN", [[a, b]],
        )  # fmt: skip
        assert resolve("TopK", [a], {"k": 2, "sorted": False, "T": gm.float32}) == (
            "TopKV2", [a, 2], {"sorted": False},
        )  # fmt: skip


def test_the_name_of_a_node_is_that_of_its_type():
    with gm.Graph().as_default():
        y = gm.raw_ops.Gather(params=ROWS, indices=[1])
        assert (y.op.type, y.op.name) == ("GatherV2", "Gather")
        assert gm.raw_ops.Gather(params=ROWS, indices=[1], name="rows").op.name == "rows"


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda x: gm.raw_ops.TopK(input=x, k=1, gamma=2), ValueError, "no attribute 'gamma'"),
        (lambda x: gm.raw_ops.TopK(k=1), TypeError, "missing argument 'input'"),
        (lambda x: gm.raw_ops.TopK(x, 1, input=x), TypeError, "multiple values for argument"),
        (lambda x: function_of("Inv")(x, 1), TypeError, "at most 1 arguments, got 2"),
        (
            lambda x: gm.raw_ops.Reverse(tensor=x, dims=gm.placeholder(gm.bool, [2])),
            NotImplementedError,
            "'dims' has to be known",
        ),
        (
            lambda x: gm.raw_ops.BatchMatMulV3(x=x, y=gm.cast(x, gm.float64), Tout=gm.float64),
            NotImplementedError,
            "dtypes differ (float32, float64)",
        ),
        (
            lambda x: gm.raw_ops.UniqueV2(x=x, axis=[0]),
            NotImplementedError,
            "unique rows along an axis",
        ),
        (lambda x: gm.raw_ops.NoSuchOp(x), AttributeError, "no attribute 'NoSuchOp'"),
    ],
)
def test_what_does_not_fit_is_refused(call, error, text):
    with gm.Graph().as_default(), pytest.raises(error) as caught:
        call(gm.placeholder(gm.float32, [2, 3]))
    assert text in str(caught.value)
