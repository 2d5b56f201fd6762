"""Every check of every registered op, over the records in `tests/ops/records/`.

Run one family with ``-k math/``, one op with ``-k /Mul``.
"""

from __future__ import annotations

import importlib
import itertools
import traceback
import zlib
from pathlib import Path

import numpy as np
import pytest
from tests.ops.build import Built, dtype_name, is_inexact, weights_like
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
    "VectorJacobianProduct": "the gradient of every op without a rule of its own",
    **dict.fromkeys(
        [
            "FIFOQueueV2",
            "QueueCloseV2",
            "QueueDequeueManyV2",
            "QueueDequeueUpToV2",
            "QueueDequeueV2",
            "QueueEnqueueManyV2",
            "QueueEnqueueV2",
            "QueueIsClosedV2",
            "QueueSizeV2",
        ],
        "a queue waits, and its handle is no array: tests/input/test_queues.py",
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


def _first_of_type() -> set[int]:
    first: dict[str, Record] = {}
    for record in RECORDS.values():
        if record.raises is None and len(record.inputs):
            first.setdefault(record.op_type, record)
    return {id(record) for record in first.values()}


FIRST = _first_of_type()


@pytest.fixture
def always_compile(monkeypatch):
    monkeypatch.setenv("GRAPHMODE_MODE", "compiled")


@pytest.fixture
def never_compile(monkeypatch):
    monkeypatch.setenv("GRAPHMODE_MODE", "interpreted")


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
    types = [op_type for _, op_type in Built(gm, record, record.arrays()).nodes()]
    assert record.op_type in types


# ---- values --------------------------------------------------------------------------------------


@_over()
def test_value(oracle, record, never_compile):
    arrays = record.arrays()
    expected = Built(oracle, record, arrays).values()
    actual = Built(gm, record, arrays).values()
    assert len(actual) == len(expected)
    for a, e in zip(actual, expected, strict=True):
        assert_close(a, e, record)


@_over(lambda record: record.compiled)
def test_compiled_is_interpreted(record, monkeypatch):
    built = Built(gm, record, record.arrays())
    interpreted = built.values()
    monkeypatch.setenv("GRAPHMODE_MODE", "compiled")
    compiled = built.values()
    for a, e in zip(compiled, interpreted, strict=True):
        assert_close(a, e, record)


def _with_constants(select, subsets):
    """Parametrize a test over records and sets of their inputs to be constants."""
    chosen = [
        pytest.param(record, subset, id=f"{name}-{','.join(map(str, subset))}")
        for name, record in RECORDS.items()
        if record.raises is None and record.compiled and len(record.inputs) > 1 and select(record)
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


def _assert_compiles_with_constants(record, constants, monkeypatch):
    arrays = record.arrays()
    interpreted = Built(gm, record, arrays).values()
    monkeypatch.setenv("GRAPHMODE_MODE", "compiled")
    compiled = Built(gm, record, arrays, constants=constants).values()
    for a, e in zip(compiled, interpreted, strict=True):
        assert_close(a, e, record)


@_with_constants(lambda record: id(record) in FIRST, _some_subset)
def test_compiled_with_a_constant(record, constants, monkeypatch):
    _assert_compiles_with_constants(record, constants, monkeypatch)


@pytest.mark.slow
@_with_constants(lambda record: True, _every_subset)
def test_compiled_with_each_subset_of_inputs_as_constants(record, constants, monkeypatch):
    _assert_compiles_with_constants(record, constants, monkeypatch)


# ---- names ---------------------------------------------------------------------------------------


@_over(lambda record: record.names)
def test_names_and_types_of_nodes(oracle, record):
    arrays = record.arrays()
    assert Built(gm, record, arrays).nodes() == Built(oracle, record, arrays).nodes()


# ---- static shapes -------------------------------------------------------------------------------


@_over()
def test_static_shape(oracle, record):
    arrays = record.arrays()
    shapes = Built(gm, record, arrays).shapes()
    expected = Built(oracle, record, arrays).shapes()
    if not record.shape_differs:
        assert shapes == expected


@_over(lambda record: len(record.inputs) > 0)
def test_static_shape_with_unknown_lengths(oracle, record, never_compile):
    arrays = record.arrays()
    built = Built(gm, record, arrays)
    actual = [value.shape for value in built.values(built.outputs)]
    wrong = []
    for dims in _partly_known([array.shape for array in arrays]):
        try:
            expected = Built(oracle, record, arrays, dims).shapes()
        except (TypeError, ValueError):
            continue  # the call itself needs to know
        shapes = Built(gm, record, arrays, dims).shapes()
        for got, real, theirs in zip(shapes, actual, expected, strict=True):
            if not _is_compatible(got, real):
                wrong.append(f"fed {dims}: static {got}, but the run gives {real}")
            elif not record.shape_differs and not _knows_as_much(got, theirs):
                wrong.append(f"fed {dims}: static {got}, but TensorFlow knows {theirs}")
    assert not wrong, "\n".join(wrong)


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


def _dtypes_of(record: Record):
    if record.dtypes is not None:
        return record.dtypes
    return DTYPES if id(record) in FIRST else ()


@_over(lambda record: len(record.inputs) > 0 and len(_dtypes_of(record)) > 0)
def test_dtype_contract(oracle, record, never_compile):
    """The first input's dtype, and that of the inputs that share it, taken through a list."""
    arrays = record.arrays()
    wrong = []
    for name in _dtypes_of(record):
        cast = [_cast(a, name) if a.dtype == arrays[0].dtype else a for a in arrays]
        theirs, ours = _build(oracle, record, cast), _build(gm, record, cast)
        if isinstance(theirs, Built) and isinstance(ours, Built):
            try:
                expected = theirs.values()
            except oracle.errors.OpError:
                continue  # TensorFlow has no CPU kernel for this dtype
            try:
                for a, e in zip(ours.values(), expected, strict=True):
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


def _build(tf, record: Record, arrays):
    """The graph, or what refused to build it: a TypeError or a ValueError."""
    try:
        return Built(tf, record, arrays)
    except TypeError:
        return TypeError()
    except ValueError:
        return ValueError()


def _told(outcome) -> str:
    return "accepted" if isinstance(outcome, Built) else type(outcome).__name__


# ---- gradients -----------------------------------------------------------------------------------


def _differentiable(built: Built, record: Record):
    ys = [y for y in built.outputs if is_inexact(y)]
    return ys, built.floating_inputs(record)


def _has_gradient(record: Record) -> bool:
    return record.grad and any(np.asarray(a).dtype.kind in "fcV" for a in record.arrays())


def _first_and_second(built: Built, record: Record):
    """Tensors: first gradients, second ones. A LookupError's name in place of those refused."""
    ys, xs = _differentiable(built, record)
    if not ys or not xs:
        return [], []
    y_values = [v for v in built.values(built.outputs) if v.dtype.kind in "fcV"]
    try:
        first = built.gradients(ys, xs, weights_like(y_values, 1))
    except LookupError:
        return "LookupError", []
    known = [g for g in first if g is not None]
    if not record.second or not known:
        return first, []
    x_values = built.values(known)
    try:
        second = built.gradients(known, xs, weights_like(x_values, 2))
    except LookupError:
        second = "LookupError"
    return first, second


def _assert_same_gradients(ours, theirs, record, factor, what):
    assert [g is None for g in ours] == [g is None for g in theirs], f"{what}: unconnected"
    for a, e in zip(ours, theirs, strict=True):
        if e is not None:
            assert_close(a, e, record, factor, what)


def _values_of(built: Built, gradients):
    if isinstance(gradients, str):
        return gradients
    known = [g for g in gradients if g is not None]
    values = iter(built.values(known)) if known else iter(())
    return [None if g is None else next(values) for g in gradients]


@_over(_has_gradient)
def test_gradient(oracle, record, never_compile):
    arrays = record.arrays()
    results = []
    for tf in (oracle, gm):
        built = Built(tf, record, arrays)
        first, second = _first_and_second(built, record)
        results.append((_values_of(built, first), _values_of(built, second)))
    (first_expected, second_expected), (first, second) = results
    if first_expected == "LookupError":
        return  # graphmode may know more
    assert first != "LookupError"
    _assert_same_gradients(first, first_expected, record, 10, "first")
    if second_expected == "LookupError":
        return
    assert second != "LookupError"
    _assert_same_gradients(second, second_expected, record, 50, "second")


@_over(lambda record: record.compiled and _has_gradient(record))
def test_compiled_gradient_is_interpreted(record, monkeypatch):
    built = Built(gm, record, record.arrays())
    first, second = _first_and_second(built, record)
    if first == "LookupError":
        pytest.skip("no gradient")
    tensors = [g for g in (*first, *(() if second == "LookupError" else second)) if g is not None]
    if not tensors:
        pytest.skip("no gradient")
    interpreted = built.values(tensors)
    monkeypatch.setenv("GRAPHMODE_MODE", "compiled")
    for a, e in zip(built.values(tensors), interpreted, strict=True):
        assert_close(a, e, record, 50)


STEP = 1e-5


@_over(lambda record: record.smooth and _has_gradient(record))
def test_gradient_by_finite_differences(record, never_compile):
    """Along one random direction, in float64: of the values, then of the gradients."""
    arrays = [a.astype(np.float64) if a.dtype.kind == "f" else a for a in record.arrays()]
    if any(a.dtype.kind == "c" for a in arrays):
        pytest.skip("complex: compared with TensorFlow's only")
    try:
        built = Built(gm, record, arrays)
    except (TypeError, ValueError):
        pytest.skip("the call has no float64 form")
    ys, xs = _differentiable(built, record)
    ys = [y for y in ys if y.dtype.base_dtype == gm.float64]
    first, _ = _first_and_second(built, record) if ys else ([], [])
    if first == "LookupError" or all(g is None for g in first):
        pytest.skip("no gradient")
    weights = weights_like(built.values(ys), 1)
    first = built.gradients(ys, xs, weights)
    _check_along_a_direction(built, ys, xs, first, weights)
    known = [g for g in first if g is not None]
    if not record.second:
        return
    weights = weights_like(built.values(known), 2)
    try:
        second = built.gradients(known, xs, weights)
    except LookupError:
        return
    _check_along_a_direction(built, known, xs, second, weights)


def _check_along_a_direction(built, ys, xs, gradients, weights):
    rng = np.random.default_rng(3)
    connected = [(x, g) for x, g in zip(xs, gradients, strict=True) if g is not None]
    if not connected:
        return
    feed = built.feed()
    directions = {x: rng.standard_normal(feed[x].shape) for x, _ in connected}

    def total(step):
        moved = {x: feed[x] + step * directions[x] for x in directions}
        with built.session() as session:  # a new one: it draws the same random numbers
            values = session.run(ys, {**feed, **moved})
        return sum(np.sum(w * v) for w, v in zip(weights, values, strict=True))

    slope = (total(STEP) - total(-STEP)) / (2 * STEP)
    with built.session() as session:
        values = session.run([g for _, g in connected], feed)
    predicted = sum(np.sum(g * directions[x]) for g, (x, _) in zip(values, connected, strict=True))
    np.testing.assert_allclose(predicted, slope, rtol=1e-5, atol=1e-6)


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
