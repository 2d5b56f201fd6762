"""Old versions of ops, each a row that says it in terms of the version that is registered.

A row is a function of the inputs, in the order of the node's, and of the attributes; it gives the
registered type, its arguments (a list for a list argument) and its attributes. An attribute that
the row does not name is one that follows from the inputs, such as a dtype.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.dtypes import DType
from graphmode.framework.inference import constant_value
from graphmode.framework.op import outputs_of
from graphmode.framework.op_def import op_def_of
from graphmode.framework.shapes import as_shape
from graphmode.ops import array

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from graphmode.framework.operation import Tensor

Call = tuple[str, list[Any], dict[str, Any]]

RENAMED = {
    "AccumulateNV2": "AddN",
    "AccumulatorApplyGradient": "ResourceAccumulatorApplyGradient",
    "AccumulatorTakeGradient": "ResourceAccumulatorTakeGradient",
    "BatchCholesky": "Cholesky",
    "BatchMatMul": "BatchMatMulV2",
    "BatchMatrixBandPart": "MatrixBandPart",
    "BatchMatrixDeterminant": "MatrixDeterminant",
    "BatchMatrixInverse": "MatrixInverse",
    "BatchMatrixSolve": "MatrixSolve",
    "BatchMatrixTriangularSolve": "MatrixTriangularSolve",
    "BatchSelfAdjointEigV2": "SelfAdjointEigV2",
    "BatchSvd": "Svd",
    "BiasAddV1": "BiasAdd",
    "CheckNumericsV2": "CheckNumerics",
    "ConditionalAccumulator": "ResourceConditionalAccumulator",
    "FIFOQueue": "FIFOQueueV2",
    "FusedBatchNorm": "FusedBatchNormV3",
    "FusedBatchNormV2": "FusedBatchNormV3",
    "HashTable": "HashTableV2",
    "InitializeTable": "InitializeTableV2",
    "InitializeTableFromTextFile": "InitializeTableFromTextFileV2",
    "Inv": "Reciprocal",
    "InvGrad": "ReciprocalGrad",
    "LookupTableExport": "LookupTableExportV2",
    "LookupTableFind": "LookupTableFindV2",
    "LookupTableImport": "LookupTableImportV2",
    "LookupTableInsert": "LookupTableInsertV2",
    "LookupTableSize": "LookupTableSizeV2",
    "Mod": "TruncateMod",
    "MutableDenseHashTable": "MutableDenseHashTableV2",
    "MutableHashTable": "MutableHashTableV2",
    "MutableHashTableOfTensors": "MutableHashTableOfTensorsV2",
    "PaddingFIFOQueue": "PaddingFIFOQueueV2",
    "PlaceholderV2": "Placeholder",
    "PriorityQueue": "PriorityQueueV2",
    "QueueClose": "QueueCloseV2",
    "QueueDequeue": "QueueDequeueV2",
    "QueueDequeueMany": "QueueDequeueManyV2",
    "QueueDequeueUpTo": "QueueDequeueUpToV2",
    "QueueEnqueue": "QueueEnqueueV2",
    "QueueEnqueueMany": "QueueEnqueueManyV2",
    "QueueIsClosed": "QueueIsClosedV2",
    "QueueSize": "QueueSizeV2",
    "RandomShuffleQueue": "RandomShuffleQueueV2",
    "RefIdentity": "Identity",
    "Snapshot": "Identity",
    "Variable": "VariableV2",
}
"""Types whose inputs and attributes are those of another one."""

_MEANINGLESS = frozenset(("bad_indices_policy", "grad_x", "grad_y", "shape", "validate_indices"))
"""Attributes of old and of later versions that change no value here."""


def _known(value: Any, name: str, op_type: str) -> np.ndarray:
    """The value of an input that has become an attribute."""
    known = constant_value(convert_to_tensor(value))
    if known is None:
        raise NotImplementedError(
            f"'{op_type}' Op: its input '{name}' has to be known when the graph is built. Give it "
            "as a constant."
        )
    return known


def _lengths(value: Any, name: str, op_type: str) -> list[int]:
    return [int(length) for length in _known(value, name, op_type)]


def _square(block_size: int) -> np.ndarray:
    return np.array([block_size, block_size], np.int32)


def _nothing(like: Tensor) -> np.ndarray:
    return np.zeros(0, like.dtype.base_dtype.numpy_dtype)


def _zero(like: Any) -> np.ndarray:
    return np.zeros((), convert_to_tensor(like).dtype.base_dtype.numpy_dtype)


def _element_shape(shape: Any) -> np.ndarray:
    dims = as_shape(shape).dims
    if dims is None:
        return np.array(-1, np.int32)
    return np.array([-1 if d.value is None else d.value for d in dims], np.int32)


def _div(x: Any, y: Any) -> Call:
    x = convert_to_tensor(x)
    is_integer = x.dtype.base_dtype.is_integer
    return "TruncateDiv" if is_integer else "RealDiv", [x, y], {}


def _mixed_product(x: Any, y: Any, **attrs: Any) -> Call:
    x, y = convert_to_tensor(x), convert_to_tensor(y)
    found = {x.dtype.base_dtype, y.dtype.base_dtype, attrs.pop("Tout", x.dtype.base_dtype)}
    if len(found) > 1:
        names = ", ".join(sorted(dtype.name for dtype in found))
        raise NotImplementedError(f"'BatchMatMulV3' Op: dtypes differ ({names}). Use tf.cast.")
    return "BatchMatMulV2", [x, y], attrs


def _whole_unique(op_type: str, current: str) -> Callable[..., Call]:
    def row(x: Any, axis: Any, *, out_idx: Any = None) -> Call:
        if _known(axis, "axis", op_type).size:
            raise NotImplementedError(f"'{op_type}' Op: unique rows along an axis; pass axis=[]")
        return current, [x], {"out_idx": out_idx}

    return row


def _windows(op_type: str, ksize: Any, strides: Any, attrs: dict[str, Any]) -> dict[str, Any]:
    """The attributes of a pooling whose windows were inputs."""
    return {
        "ksize": _lengths(ksize, "ksize", op_type),
        "strides": _lengths(strides, "strides", op_type),
        **attrs,
    }


def _reverse(tensor: Any, dims: Any) -> Call:
    axes = np.flatnonzero(_known(dims, "dims", "Reverse"))
    return "ReverseV2", [tensor, axes.astype(np.int32)], {}


def _distorted_box(
    image_size: Any, bounding_boxes: Any, *, min_object_covered: float = 0.1, **attrs: Any
) -> Call:
    covered = np.float32(min_object_covered)
    return "SampleDistortedBoundingBoxV2", [image_size, bounding_boxes, covered], attrs


def _batch_norm_grad(
    y_backprop: Any, x: Any, scale: Any, reserve_space_1: Any, reserve_space_2: Any, **attrs: Any
) -> Call:
    kept = [reserve_space_1, reserve_space_2]
    nothing = _nothing(convert_to_tensor(reserve_space_1))
    return "FusedBatchNormGradV3", [y_backprop, x, scale, *kept, nothing], attrs


def _keys(value: Any, name: str, op_type: str) -> list[str]:
    return [key.decode() for key in _known(value, name, op_type)]


def _refuse_ragged(op_type: str, *keys: Any) -> None:
    if any(_known(each, "ragged_keys", op_type).size for each in keys):
        raise NotImplementedError(f"'{op_type}' Op: ragged features. Use tf.VarLenFeature.")


def _examples(
    serialized: Any,
    names: Any,
    sparse_keys: Any,
    dense_keys: Any,
    ragged_keys: Any,
    *dense_defaults: Any,
    sparse_types: Any,
    dense_shapes: Any,
    num_sparse: Any = None,
    ragged_value_types: Any = (),
    ragged_split_types: Any = (),
) -> Call:
    """A batch of messages or one, as the rank of `serialized` says."""
    op_type = "ParseExampleV2"
    _refuse_ragged(op_type, ragged_keys)
    sparse = _keys(sparse_keys, "sparse_keys", op_type)
    dense = _keys(dense_keys, "dense_keys", op_type)
    attrs = {"sparse_types": sparse_types, "dense_shapes": dense_shapes}
    if convert_to_tensor(serialized).get_shape().ndims == 0:
        keys = {"num_sparse": len(sparse), "sparse_keys": sparse, "dense_keys": dense}
        return "ParseSingleExample", [serialized, list(dense_defaults)], {**attrs, **keys}
    return "ParseExample", [serialized, names, sparse, dense, list(dense_defaults)], attrs


def _sequence_examples(
    serialized: Any,
    debug_name: Any,
    context_sparse_keys: Any,
    context_dense_keys: Any,
    context_ragged_keys: Any,
    feature_list_sparse_keys: Any,
    feature_list_dense_keys: Any,
    feature_list_ragged_keys: Any,
    feature_list_dense_missing_assumed_empty: Any,
    *context_dense_defaults: Any,
    **attrs: Any,
) -> Call:
    """A batch or one message; what may be missing is said by a flag for each list of steps."""
    op_type = "ParseSequenceExampleV2"
    _refuse_ragged(op_type, context_ragged_keys, feature_list_ragged_keys)
    context_sparse = _keys(context_sparse_keys, "context_sparse_keys", op_type)
    context_dense = _keys(context_dense_keys, "context_dense_keys", op_type)
    sparse = _keys(feature_list_sparse_keys, "feature_list_sparse_keys", op_type)
    steps = _keys(feature_list_dense_keys, "feature_list_dense_keys", op_type)
    may_miss = _known(feature_list_dense_missing_assumed_empty, "missing", op_type)
    missing = [key for key, may in zip(steps, may_miss, strict=True) if may]
    names = (
        "context_sparse_types feature_list_dense_types context_dense_shapes "
        "feature_list_sparse_types feature_list_dense_shapes"
    )
    kept = {name: attrs[name] for name in names.split()}
    defaults = list(context_dense_defaults)
    if convert_to_tensor(serialized).get_shape().ndims != 0:
        keys = {
            "feature_list_dense_missing_assumed_empty": missing,
            "context_sparse_keys": context_sparse, "context_dense_keys": context_dense,
            "feature_list_sparse_keys": sparse, "feature_list_dense_keys": steps,
            "Ncontext_sparse": len(context_sparse), "Ncontext_dense": len(context_dense),
            "Nfeature_list_sparse": len(sparse), "Nfeature_list_dense": len(steps),
        }  # fmt: skip
        return "ParseSequenceExample", [serialized, debug_name, defaults], {**keys, **kept}
    name = array.reshape(debug_name, []) if _known(debug_name, "debug_name", op_type).size else ""
    arguments = [
        serialized, np.array(missing, object), context_sparse, context_dense, sparse, steps,
        defaults, name,
    ]  # fmt: skip
    return "ParseSingleSequenceExample", arguments, kept


ROWS: dict[str, Callable[..., Call]] = {
    "ParseExampleV2": _examples,
    "ParseSequenceExampleV2": _sequence_examples,
    "DisableCopyOnRead": lambda resource: ("NoOp", [], {}),
    "AudioSummary": lambda tag, tensor, *, sample_rate, max_outputs=3: (
        "AudioSummaryV2", [tag, tensor, np.float32(sample_rate)], {"max_outputs": max_outputs}
    ),
    "BatchMatMulV3": _mixed_product,
    "BatchMatrixDiag": lambda diagonal: (
        "MatrixDiagV3", [diagonal, 0, -1, -1, _zero(diagonal)], {}
    ),
    "BatchMatrixDiagPart": lambda input: ("MatrixDiagPartV3", [input, 0, _zero(input)], {}),
    "BatchMatrixSetDiag": lambda input, diagonal: ("MatrixSetDiagV3", [input, diagonal, 0], {}),
    "BatchToSpace": lambda input, crops, *, block_size: (
        "BatchToSpaceND", [input, _square(block_size), crops], {}
    ),
    "Bincount": lambda arr, size, weights: (
        "DenseBincount", [array.reshape(arr, [-1]), size, array.reshape(weights, [-1])], {}
    ),
    "Concat": lambda concat_dim, *values: ("ConcatV2", [list(values), concat_dim], {}),
    "Conv3DBackpropFilter": lambda input, filter, out_backprop, **attrs: (
        "Conv3DBackpropFilterV2", [input, array.shape(filter), out_backprop], attrs
    ),
    "Conv3DBackpropInput": lambda input, filter, out_backprop, **attrs: (
        "Conv3DBackpropInputV2", [array.shape(input), filter, out_backprop], attrs
    ),
    "DeepCopy": lambda x: ("Identity", [x], {}),
    "Div": _div,
    "DrawBoundingBoxes": lambda images, boxes: (
        "DrawBoundingBoxesV2", [images, boxes, np.zeros((0, 4), np.float32)], {}
    ),
    "FusedBatchNormGrad": _batch_norm_grad,
    "FusedBatchNormGradV2": _batch_norm_grad,
    "Gather": lambda params, indices, *, validate_indices=True: (
        "GatherV2", [params, indices, 0], {}
    ),
    "InTopK": lambda predictions, targets, *, k: (
        "InTopKV2", [predictions, targets, np.int32(k)], {}
    ),
    "MatrixDiag": lambda diagonal: ("MatrixDiagV3", [diagonal, 0, -1, -1, _zero(diagonal)], {}),
    "MatrixDiagPart": lambda input: ("MatrixDiagPartV3", [input, 0, _zero(input)], {}),
    "MatrixDiagPartV2": lambda input, k, padding_value: (
        "MatrixDiagPartV3", [input, k, padding_value], {"align": "LEFT_LEFT"}
    ),
    "MatrixDiagV2": lambda diagonal, k, num_rows, num_cols, padding_value: (
        "MatrixDiagV3", [diagonal, k, num_rows, num_cols, padding_value], {"align": "LEFT_LEFT"}
    ),
    "MatrixSetDiag": lambda input, diagonal: ("MatrixSetDiagV3", [input, diagonal, 0], {}),
    "MatrixSetDiagV2": lambda input, diagonal, k: (
        "MatrixSetDiagV3", [input, diagonal, k], {"align": "LEFT_LEFT"}
    ),
    "MaxPoolGradGradV2": lambda orig_input, orig_output, grad, ksize, strides, **attrs: (
        "MaxPoolGradGrad",
        [orig_input, orig_output, grad],
        _windows("MaxPoolGradGradV2", ksize, strides, attrs),
    ),
    "MaxPoolGradV2": lambda orig_input, orig_output, grad, ksize, strides, **attrs: (
        "MaxPoolGrad",
        [orig_input, orig_output, grad],
        _windows("MaxPoolGradV2", ksize, strides, attrs),
    ),
    "MaxPoolV2": lambda input, ksize, strides, *, padding, data_format="NHWC": (
        "MaxPool",
        [input],
        _windows("MaxPoolV2", ksize, strides, {"padding": padding, "data_format": data_format}),
    ),
    "NonMaxSuppression": lambda boxes, scores, max_output_size, *, iou_threshold=0.5: (
        "NonMaxSuppressionV3",
        [boxes, scores, max_output_size, np.float32(iou_threshold), np.float32(-np.inf)],
        {},
    ),
    "NonMaxSuppressionV2": lambda boxes, scores, max_output_size, iou_threshold: (
        "NonMaxSuppressionV3",
        [boxes, scores, max_output_size, iou_threshold, _zero(iou_threshold) - np.inf],
        {},
    ),
    "Reverse": _reverse,
    "SampleDistortedBoundingBox": _distorted_box,
    "ScatterNdNonAliasingAdd": lambda input, indices, updates: (
        "TensorScatterAdd", [input, indices, updates], {}
    ),
    "SpaceToBatch": lambda input, paddings, *, block_size: (
        "SpaceToBatchND", [input, _square(block_size), paddings], {}
    ),
    "TensorListConcat": lambda input_handle, *, element_dtype, element_shape=None: (
        "TensorListConcatV2",
        [input_handle, _element_shape(element_shape), np.zeros(0, np.int64)],
        {"element_dtype": element_dtype},
    ),
    "TopK": lambda input, *, k, sorted=True: ("TopKV2", [input, np.int32(k)], {"sorted": sorted}),
    "UniqueV2": _whole_unique("UniqueV2", "Unique"),
    "UniqueWithCountsV2": _whole_unique("UniqueWithCountsV2", "UniqueWithCounts"),
}  # fmt: skip
"""Types whose inputs or attributes differ from those of the registered version."""


def resolve(
    op_type: str, inputs: Sequence[Any], attrs: Mapping[str, Any]
) -> tuple[str, list[Any], dict[str, Any]]:
    """The registered version of an operation.

    Parameters
    ----------
    op_type : str
        Its type, of any version.
    inputs : sequence
        Tensors, or what converts to them, as a node lists them: lists are not nested.
    attrs : mapping
        Its attributes, by TensorFlow's names.

    Returns
    -------
    op_type : str
    arguments : list
        One for each argument of that type, a list for a list argument.
    attrs : dict

    Raises
    ------
    NotFoundError
        If no version of it is registered.
    NotImplementedError
        If an input that became an attribute is not known while the graph is built.
    ValueError
        If an attribute has no meaning for it.
    """
    row = ROWS.get(op_type)
    own = {key: value for key, value in attrs.items() if key[:1] == "_"}
    rest = {key: value for key, value in attrs.items() if key[0] != "_"}
    if row is None:
        current = RENAMED.get(op_type, op_type)
        kinds = op_def_of(current).kinds
        kept = _kept(op_type, rest, kinds)
        return current, _grouped(current, inputs, attrs), {**kept, **own}
    taken = inspect.signature(row).parameters
    takes_all = any(p.kind is p.VAR_KEYWORD for p in taken.values())
    current, arguments, found = row(*inputs, **(rest if takes_all else _kept(op_type, rest, taken)))
    return current, arguments, {**_kept(op_type, found, op_def_of(current).kinds), **own}


def _kept(op_type: str, attrs: dict[str, Any], names: Any) -> dict[str, Any]:
    """The attributes among `names`; the others must be those that follow from the inputs."""
    kept = {}
    for key, value in attrs.items():
        if key in names:
            kept[key] = value
        elif key not in _MEANINGLESS and not _follows_from_inputs(key, value):
            raise ValueError(f"'{op_type}' Op has no attribute '{key}'")
    return kept


def _follows_from_inputs(key: str, value: Any) -> bool:
    if isinstance(value, list | tuple):
        return all(isinstance(each, DType) for each in value)  # of no inputs: an empty list
    return isinstance(value, DType) or key == "N"


def _grouped(op_type: str, inputs: Sequence[Any], attrs: Mapping[str, Any]) -> list[Any]:
    """Flat inputs as the arguments of `op_type`."""
    specs = op_def_of(op_type).inputs
    lists = [spec for spec in specs if spec.is_list]
    rest = len(inputs) - (len(specs) - len(lists))
    arguments, at = [], 0
    for spec in specs:
        if not spec.is_list:
            arguments.append(inputs[at])
            at += 1
            continue
        n = rest
        if len(lists) > 1:
            n = attrs[spec.length] if spec.length else len(attrs[spec.family])
        arguments.append(list(inputs[at : at + n]))
        at += n
    return arguments


def old_types() -> frozenset[str]:
    """The types that `resolve` knows besides the registered ones."""
    return frozenset((*RENAMED, *ROWS))


def function_of(op_type: str) -> Callable[..., Any]:
    """The graph-building function of an old version, with the arguments that it had."""
    if op_type in ROWS:
        parameters = inspect.signature(ROWS[op_type]).parameters.values()
        named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
        inputs = [p.name for p in parameters if p.kind in named]
        attributes = [p.name for p in parameters if p.kind is p.KEYWORD_ONLY]
        lists = {p.name for p in parameters if p.kind is p.VAR_POSITIONAL}
    else:
        record = op_def_of(RENAMED[op_type])
        inputs, attributes = [spec.name for spec in record.inputs], list(record.attrs)
        lists = {spec.name for spec in record.inputs if spec.is_list}
    order = [*inputs, *attributes]

    def build(*args: Any, name: str | None = None, **kwargs: Any) -> Any:
        if len(args) > len(order):
            raise TypeError(f"{op_type}() takes at most {len(order)} arguments, got {len(args)}")
        given = dict(zip(order, args, strict=False))
        repeated = sorted(given.keys() & kwargs.keys())
        if repeated:
            raise TypeError(f"{op_type}() got multiple values for argument {repeated[0]!r}")
        given.update(kwargs)
        flat: list[Any] = []
        for key in inputs:
            if key not in given:
                raise TypeError(f"{op_type}() missing argument {key!r}")
            value = given.pop(key)
            flat += value if key in lists else [value]
        current, arguments, attrs = resolve(op_type, flat, given)
        return outputs_of(op_def_of(current).apply(arguments, attrs, name or op_type))

    build.__name__ = build.__qualname__ = op_type
    build.__doc__ = f"The old op {op_type}, made as an op of a version that is registered."
    return build
