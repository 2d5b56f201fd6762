"""Every check of every registered op, over the records in `tests/ops/records/`.

Run one family with ``-k math/``, one op with ``-k /Mul``. The checks of a record run one after the
other (`conftest.py`), so that they share what each library says of it (`said`).
"""

from __future__ import annotations

import dataclasses
import functools
import importlib
import itertools
import traceback
import zlib
from pathlib import Path

import numpy as np
import pytest
from tests.ops.build import REFUSALS, REFUSED, Answers, Built, dtype_name, weights_like
from tests.ops.record import Record

import graphmode as gm
import graphmode.autodiff.fallback  # defines an op, too
from graphmode.framework.op_def import registered_ops
from graphmode.ops import load_all

DTYPES = (
    "bool", "int32", "int64", "uint8", "float16", "bfloat16", "float32", "float64", "complex64",
    "string",
)  # fmt: skip

# Ops that no record can show by itself, and what shows them instead.
WITHOUT_RECORD = {
    "Placeholder": "feeds the inputs of every record",
    **dict.fromkeys(
        [
            "FixedLengthRecordReaderV2",
            "IdentityReaderV2",
            "LMDBReader",
            "ReaderNumRecordsProducedV2",
            "ReaderNumWorkUnitsCompletedV2",
            "ReaderReadUpToV2",
            "ReaderReadV2",
            "ReaderResetV2",
            "ReaderRestoreStateV2",
            "ReaderSerializeStateV2",
            "TFRecordReaderV2",
            "TextLineReaderV2",
            "WholeFileReaderV2",
        ],
        "a reader waits, and its handle is no array: tests/golden/cases/readers.py",
    ),
    **dict.fromkeys(
        ["HorovodAllgather", "HorovodAllreduce", "HorovodBroadcast"],
        "other processes take part, and TensorFlow has none of them: tests/launch/test_horovod.py",
    ),
    "VectorJacobianProduct": "the gradient of every op without a rule of its own",
    **dict.fromkeys(
        [
            "FIFOQueueV2",
            "PaddingFIFOQueueV2",
            "PriorityQueueV2",
            "QueueCloseV2",
            "QueueDequeueManyV2",
            "QueueDequeueUpToV2",
            "QueueDequeueV2",
            "QueueEnqueueManyV2",
            "QueueEnqueueV2",
            "QueueIsClosedV2",
            "QueueSizeV2",
            "RandomShuffleQueueV2",
        ],
        "a queue waits, and its handle is no array: tests/input/test_queues.py",
    ),
    **dict.fromkeys(
        [
            "AccumulatorNumAccumulated",
            "AccumulatorSetGlobalStep",
            "Barrier",
            "BarrierClose",
            "BarrierIncompleteSize",
            "BarrierInsertMany",
            "BarrierReadySize",
            "BarrierTakeMany",
            "ResourceAccumulatorApplyGradient",
            "ResourceAccumulatorNumAccumulated",
            "ResourceAccumulatorSetGlobalStep",
            "ResourceAccumulatorTakeGradient",
            "ResourceConditionalAccumulator",
            "SparseAccumulatorApplyGradient",
            "SparseAccumulatorTakeGradient",
            "SparseConditionalAccumulator",
            "Stage",
            "StageClear",
            "StagePeek",
            "StageSize",
            "Unstage",
        ],
        "it waits, and is kept by a session: tests/golden/cases/accumulators.py",
    ),
    **dict.fromkeys(
        ["AddManySparseToTensorsMap", "AddSparseToTensorsMap", "TakeManySparseFromTensorsMap"],
        "a session keeps what is in queues: tests/golden/cases/buckets.py",
    ),
    **dict.fromkeys(
        [
            "IteratorFromStringHandleV2",
            "IteratorGetNext",
            "IteratorGetNextAsOptional",
            "IteratorToStringHandle",
            "IteratorV2",
            "MakeIterator",
            "OneShotIterator",
            "PythonDataset",
            "PythonDatasetResult",
            "PythonIteratorGoTo",
            "PythonIteratorPosition",
        ],
        "its handle is no array: tests/data",
    ),
}

TOLERANCE = {
    "bfloat16": (2e-2, 2e-2),
    "float16": (4e-3, 2e-3),
    "float32": (1e-5, 1e-6),
    "float64": (1e-10, 1e-12),
    "complex64": (1e-5, 1e-5),
    "complex128": (1e-10, 1e-12),
}


def _load() -> tuple[dict[str, Record], dict[str, str]]:
    """The records by test name, and the record files that do not load."""
    records: dict[str, Record] = {}
    broken: dict[str, str] = {}
    for path in sorted((Path(__file__).parent / "records").glob("[!_]*.py")):
        try:
            family = importlib.import_module(f"tests.ops.records.{path.stem}").RECORDS
        except Exception:
            broken[path.stem] = traceback.format_exc()
            continue
        counts: dict[str, int] = {}
        for record in family:
            number = counts[record.op_type] = counts.get(record.op_type, -1) + 1
            records[f"{path.stem}/{record.op_type}-{record.name or number}"] = record
    return records, broken


RECORDS, BROKEN = _load()


def _over(select=lambda record: True):
    """Parametrize a test over the records that `select` holds for."""
    chosen = [
        pytest.param(record, id=name)
        for name, record in RECORDS.items()
        if record.raises is None and select(record)
    ]
    return pytest.mark.parametrize("record", chosen)


NAMES = {id(record): name for name, record in RECORDS.items()}


FAMILIES = sorted({name.partition("/")[0] for name in RECORDS})
"""The files of the records."""


def each_of(family, check):
    """``check(record)`` of each record of a file; what fails says which record it is of."""
    for name, record in RECORDS.items():
        if name.partition("/")[0] == family and record.raises is None:
            try:
                check(record)
            except Exception as error:
                error.add_note(f"record: {name}")
                raise


@functools.lru_cache(maxsize=4)
def _answers(tf, name):
    return Answers(tf, RECORDS[name], RECORDS[name].arrays())


def said(tf, record: Record) -> Answers:
    """What `tf` says of a record; asked once while its checks follow each other."""
    return _answers(tf, NAMES[id(record)])


def _first_of_type(select=lambda record: True) -> set[int]:
    """The first record of each type that `select` holds for, by id."""
    first: dict[str, Record] = {}
    for record in RECORDS.values():
        if record.raises is None and len(record.inputs) and select(record):
            first.setdefault(record.op_type, record)
    return {id(record) for record in first.values()}


FIRST = _first_of_type()
TRIES_DTYPES = _first_of_type(lambda record: not record.one_dtype) | {
    id(record) for record in RECORDS.values() if record.dtypes
}


def assert_close(actual, expected, record: Record, factor: float = 1.0, what: str = "") -> None:
    """Same dtype, same shape; the same values, to the dtype's tolerance for inexact ones."""
    assert dtype_name(actual) == dtype_name(expected), what
    assert actual.shape == expected.shape, what
    rtol, atol = TOLERANCE.get(dtype_name(actual), (0.0, 0.0))
    if not rtol:
        np.testing.assert_array_equal(actual, expected, err_msg=what)
        return
    rtol, atol = record.rtol or rtol, record.atol or atol
    wide = np.complex128 if actual.dtype.kind == "c" else np.float64
    np.testing.assert_allclose(
        actual.astype(wide), expected.astype(wide), factor * rtol, factor * atol, err_msg=what
    )


# ---- the registry --------------------------------------------------------------------------------


def test_record_files_load():
    assert not BROKEN, "\n".join(BROKEN.values())


def test_every_registered_op_has_a_record():
    load_all()
    recorded = {record.op_type for record in RECORDS.values() if record.raises is None}
    ours = registered_ops().items()  # and those that other tests made
    registered = {op_type for op_type, op in ours if op.module.startswith("graphmode.")}
    assert registered - recorded - set(WITHOUT_RECORD) == set()
    assert set(WITHOUT_RECORD) - registered == set()
    assert recorded - registered == set()


@_over()
def test_record_makes_its_op(record):
    assert record.op_type in [op_type for _, op_type in said(gm, record).nodes]


# ---- values --------------------------------------------------------------------------------------


@_over()
def test_value(oracle, record):
    expected, actual = said(oracle, record).values, said(gm, record).values
    assert len(actual) == len(expected)
    for a, e in zip(actual, expected, strict=True):
        assert_close(a, e, record)


LATER = "later versions of TensorFlow have an op for it that 1.15 lacks"
# Graphs that TensorFlow 2.21 writes and that are not read here; functions of the process.
NOT_READ = {
    "BesselI0e-bessel_i0": LATER,
    "BesselI1e-bessel_i1": LATER,
    "TridiagonalMatMul-matrix": "takes three diagonals at a time",
    **dict.fromkeys(
        ["StatelessRandomUniform-0", "StatelessRandomUniform-float64",
         "StatelessRandomUniformInt-0", "StatelessRandomUniformInt-int64",
         "StatelessRandomNormal-0", "StatelessTruncatedNormal-0"],
        LATER,
    ),
}  # fmt: skip


@_over(lambda record: NAMES[id(record)].partition("/")[2] not in NOT_READ)
def test_value_of_the_graph_that_tensorflow_writes(oracle, record):
    """It is imported, and run here."""
    theirs = said(oracle, record).computed
    if any("PyFunc" in op.type for op in theirs.graph.get_operations()):
        pytest.skip("a function of the process")
    variables = theirs.graph.get_collection("variables")
    with theirs.graph.as_default():
        reads = [variable.value().name for variable in variables]
    start = [v.initializer.name for v in variables + theirs.graph.get_collection("local_variables")]
    fetches = [element.name for element in (*theirs.outputs, *theirs.operations)]
    with gm.Graph().as_default(), gm.Session(mode="interpreted") as session:
        gm.import_graph_def(theirs.graph.as_graph_def(), name="")
        session.run(start)
        feed = {tensor.name: array for tensor, array in theirs.feed().items()}
        found = [value for value in session.run(fetches, feed) if value is not None]
        found += session.run(reads)
    for value, expected in zip(found, said(oracle, record).values, strict=True):
        assert_close(np.asarray(value), expected, record)


@_over(lambda record: not record.host_only)
def test_compiled_is_interpreted(record):
    answers = said(gm, record)
    compiled = answers.built.values(mode="compiled")
    for a, e in zip(compiled, answers.values, strict=True):
        assert_close(a, e, record)


def _with_constants(select, subsets):
    """Parametrize a test over records and sets of their inputs to be constants."""
    chosen = [
        pytest.param(record, subset, id=f"{name}-{','.join(map(str, subset))}")
        for name, record in RECORDS.items()
        if record.raises is None
        and not record.host_only
        and len(record.inputs) > 1
        and select(record)
        for subset in subsets(name, len(record.inputs))
    ]
    return pytest.mark.parametrize(("record", "constants"), chosen)


def _every_subset(_, n: int):
    # Of many inputs there are too many: each alone, and what leaves one out, stand for them.
    sizes = range(1, n) if n <= 5 else (1, n - 1)
    return [subset for size in sizes for subset in itertools.combinations(range(n), size)]


def _some_subset(name: str, n: int):
    """One that leaves out one input, another one for each record."""
    fed = zlib.crc32(name.encode()) % n
    return [tuple(i for i in range(n) if i != fed)]


def _assert_compiles_with_constants(record, constants):
    built = Built(gm, record, record.arrays(), constants=constants)
    for a, e in zip(built.values(mode="compiled"), said(gm, record).values, strict=True):
        assert_close(a, e, record)


@_with_constants(lambda record: id(record) in FIRST, _some_subset)
def test_compiled_with_a_constant(record, constants):
    _assert_compiles_with_constants(record, constants)


@pytest.mark.slow
@_with_constants(lambda record: True, _every_subset)
def test_compiled_with_each_subset_of_inputs_as_constants(record, constants):
    _assert_compiles_with_constants(record, constants)


# ---- names ---------------------------------------------------------------------------------------


@_over()
def test_names_and_types_of_nodes(oracle, record):
    if not record.names_differ:
        assert said(gm, record).nodes == said(oracle, record).nodes
    elif said(gm, record).nodes == said(oracle, record).nodes:
        pytest.fail(f"needless: names_differ={record.names_differ!r}")


# ---- static shapes -------------------------------------------------------------------------------


@_over()
def test_static_shape(oracle, record):
    """With all lengths known, then with each unknown in turn."""
    arrays = record.arrays()
    actual = [value.shape for value in said(gm, record).values[: len(said(gm, record).shapes)]]
    wrong, differences = [], []
    shapes = [array.shape for array in arrays]
    for dims in (shapes, *_partly_known(shapes)):
        try:
            expected = _shapes(oracle, record, arrays, dims)
        except (TypeError, ValueError):
            expected = None  # the call itself needs to know
        try:
            got = _shapes(gm, record, arrays, dims)
        except (TypeError, ValueError) as error:
            if expected is not None:
                wrong.append(f"fed {dims}: {error}, but TensorFlow has {expected}")
            continue
        if expected is None:
            expected = [None] * len(got)
        for ours, theirs, real in zip(got, expected, actual, strict=True):
            if not _is_compatible(ours, real):
                wrong.append(f"fed {dims}: static {ours}, but the run gives {real}")
            elif ours != theirs if dims is shapes else not _knows_as_much(ours, theirs):
                differences.append(f"fed {dims}: static {ours}, but TensorFlow knows {theirs}")
    assert not wrong, "\n".join(wrong)
    if not record.shape_differs:
        assert not differences, "\n".join(differences)
    elif not differences:
        pytest.fail(f"needless: shape_differs={record.shape_differs!r}")


def _shapes(tf, record, arrays, dims):
    if dims == [array.shape for array in arrays]:
        return said(tf, record).shapes
    return Built(tf, record, arrays, dims).shapes()


def _partly_known(shapes):
    """The shapes with each length unknown in turn, and each rank unknown in turn, and all."""
    for i, shape in enumerate(shapes):
        others = list(shapes)
        for axis in range(len(shape)):
            others[i] = (*shape[:axis], None, *shape[axis + 1 :])
            yield list(others)
        others[i] = None
        yield list(others)
    if len(shapes) > 1:
        yield [None] * len(shapes)


def _is_compatible(static, actual) -> bool:
    return static is None or (
        len(static) == len(actual)
        and all(s is None or s == a for s, a in zip(static, actual, strict=True))
    )


def _knows_as_much(ours, theirs) -> bool:
    if theirs is None:
        return True
    return ours is not None and all(t is None or o == t for o, t in zip(ours, theirs, strict=True))


# ---- dtypes --------------------------------------------------------------------------------------


@_over(lambda record: id(record) in TRIES_DTYPES)
def test_dtype_contract(oracle, record):
    """The first input's dtype, and that of the inputs that share it, taken through a list."""
    arrays = record.arrays()
    wrong = []
    for name in record.dtypes or DTYPES:
        cast = [_cast(a, name) if a.dtype == arrays[0].dtype else a for a in arrays]
        theirs, ours = (_asked(tf, record, cast) for tf in (oracle, gm))
        if isinstance(theirs, Answers) and isinstance(ours, Answers):
            try:
                expected = theirs.values
            except oracle.errors.OpError:
                continue  # TensorFlow has no CPU kernel for this dtype
            try:
                for a, e in zip(ours.values, expected, strict=True):
                    assert_close(a, e, record)
            except (AssertionError, gm.errors.OpError) as error:
                wrong.append(f"{name}: {error}")
        elif type(ours) is not type(theirs):
            wrong.append(f"{name}: {_told(ours)}, in TensorFlow {_told(theirs)}")
    assert not wrong, "\n".join(wrong)


def _cast(array: np.ndarray, dtype: str) -> np.ndarray:
    """`array` in another dtype; floats become whole numbers that are not 0."""
    if dtype == "string":
        return np.array([b"w%d" % i for i in range(array.size)], object).reshape(array.shape)
    if dtype == "bfloat16":
        import ml_dtypes

        return array.astype(ml_dtypes.bfloat16)
    if array.dtype.kind == "c" and np.dtype(dtype).kind != "c":
        array = array.real
    if array.dtype.kind == "f" and np.dtype(dtype).kind in "iu":
        array = np.round(3 * np.nan_to_num(array, posinf=9.0, neginf=-9.0))
        array = np.where(array == 0, 1, array)
    if dtype.startswith("uint"):
        array = np.abs(array)
    return array.astype(dtype)


def _asked(tf, record: Record, arrays):
    """What `tf` says, or what refused to build the graph: a TypeError or a ValueError."""
    try:
        if all(a.dtype == b.dtype for a, b in zip(arrays, record.arrays(), strict=True)):
            return said(tf, record)
        return Answers(tf, record, arrays)
    except TypeError:
        return TypeError()
    except ValueError:
        return ValueError()


def _told(outcome) -> str:
    return "accepted" if isinstance(outcome, Answers) else type(outcome).__name__


# ---- gradients -----------------------------------------------------------------------------------


def _has_gradient(record: Record) -> bool:
    arrays = record.arrays()
    return not record.no_gradient and any(array.dtype.kind in "fcV" for array in arrays)


@_over(_has_gradient)
def test_gradient(oracle, record):
    ours = said(gm, record).gradients
    lacks = (record.tf_lacks_gradient, record.tf_lacks_second)
    for order, (what, excuse) in enumerate(zip(("first", "second"), lacks, strict=True)):
        if excuse:
            assert _lacks(oracle, record, order), f"needless: {excuse!r}"
            return  # finite differences check ours
        theirs = said(oracle, record).gradients[order]
        assert theirs != REFUSED, f"{what}: TensorFlow has none; the record does not say why"
        assert ours[order] != REFUSED, what
        connected = [g is not None for g in theirs]
        assert [g is not None for g in ours[order]] == connected, f"{what}: unconnected"
        for a, e in zip(ours[order], theirs, strict=True):
            if e is not None:
                assert_close(a, e, record, (10, 50)[order], what)


def _lacks(oracle, record: Record, order: int) -> bool:
    """Whether TensorFlow refuses the gradient, when it is asked for or run, or says None."""
    asking = dataclasses.replace(record, tf_lacks_gradient="", tf_lacks_second="")
    try:
        gradients = Answers(oracle, asking, record.arrays()).gradients[order]
    except (TypeError, oracle.errors.OpError):
        return True
    return gradients == REFUSED or not any(g is not None for g in gradients)


def _skip_if_none(tensors) -> None:
    if not tensors:
        pytest.skip("no floating result depends on a floating input")


@_over(lambda record: not record.host_only and _has_gradient(record))
def test_compiled_gradient_is_interpreted(record):
    answers = said(gm, record)
    tensors = answers.gradients_made
    _skip_if_none(tensors)
    interpreted = [g for part in answers.gradients if part != REFUSED for g in part]
    compiled = answers.built.values(tensors, mode="compiled")
    for a, e in zip(compiled, [g for g in interpreted if g is not None], strict=True):
        assert_close(a, e, record, 50)


STEP = 1e-5


@_over(lambda record: not record.no_differences and _has_gradient(record))
def test_gradient_by_finite_differences(request, record):
    """Along one random direction, in float64: of the values, then of the gradients."""
    wide = {"f": np.float64, "c": np.complex128}
    arrays = [a.astype(wide.get(a.dtype.kind, a.dtype)) for a in record.arrays()]
    try:
        built = Built(gm, record, arrays)
    except (TypeError, ValueError) as error:
        with pytest.raises(type(error)):
            Built(request.getfixturevalue("oracle"), record, arrays)
        pytest.skip("the call takes no float64")
    values = said(gm, record).values  # of float32: for their shapes
    outputs = [
        (y, value)
        for y, value in zip(built.outputs, values, strict=False)
        if y.dtype.base_dtype in (gm.float64, gm.complex128)
    ]
    ys = [y for y, _ in outputs]
    xs = built.xs(record)
    y_weights = weights_like([value for _, value in outputs], 1)
    try:
        first = built.gradients(ys, xs, y_weights) if ys else []
    except REFUSALS:
        assert record.tf_lacks_gradient
        pytest.skip("without a gradient, as in TensorFlow")
    moved = [(x, g) for x, g in zip(xs, first, strict=True) if g is not None] if first else []
    _skip_if_none(moved)
    xs, first = [x for x, _ in moved], [g for _, g in moved]
    fed = built.feed()
    directions = weights_like([fed[x] for x in xs], 3)
    weights, second = weights_like([fed[x] for x in xs], 2), []
    if not record.no_second:
        try:
            second = built.gradients(first, xs, weights)
        except REFUSALS:
            assert record.tf_lacks_second
    known = [(g, d) for g, d in zip(second, directions, strict=False) if g is not None]

    def at(step, tensors):
        moved = {x: fed[x] + step * d for x, d in zip(xs, directions, strict=True)}
        with built.session() as session:  # a new one: it draws the same numbers
            return session.run(tensors, {**fed, **moved})

    _assert_slope(y_weights, at(STEP, ys), at(-STEP, ys), at(0, first), directions)
    if known:
        gradients, directions_of_known = zip(*known, strict=True)
        slope = at(0, list(gradients))
        _assert_slope(weights, at(STEP, first), at(-STEP, first), slope, directions_of_known)


def _assert_slope(weights, ahead, behind, gradients, directions) -> None:
    """The gradients of ``sum(weights * y)`` predict how it changes along the directions."""

    def total(a, b):
        products = (np.conj(x) * y for x, y in zip(a, b, strict=True))
        return sum(np.sum(product.real) for product in products)

    change = total(weights, ahead) - total(weights, behind)
    predicted = total(gradients, directions)
    np.testing.assert_allclose(predicted, change / (2 * STEP), rtol=1e-5, atol=1e-6)


# ---- refusals ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "record",
    [pytest.param(r, id=name) for name, r in RECORDS.items() if r.raises is not None],
)
@pytest.mark.parametrize("library", ["oracle", "graphmode"])
def test_bad_input(request, record, library):
    tf = gm if library == "graphmode" else request.getfixturevalue("oracle")
    expected, pattern = record.raises
    if isinstance(expected, str):
        expected = getattr(tf.errors, expected)
    with pytest.raises(expected, match=pattern):
        Built(tf, record, record.arrays()).values()
