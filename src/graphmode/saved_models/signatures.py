"""Signatures: which tensors go in and come out, by names that last longer than the graph's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphmode.framework import dtypes
from graphmode.framework.default_graph import get_default_graph
from graphmode.framework.graph import Graph
from graphmode.framework.operation import Operation, Tensor
from graphmode.framework.proto.messages import protobuf
from graphmode.framework.sparse_tensor import SparseTensor
from graphmode.saved_models import constants as names


def build_tensor_info(tensor: Any) -> Any:
    """Describe a tensor by its name, dtype and shape.

    Parameters
    ----------
    tensor : Tensor, SparseTensor or Variable, of any dtype and shape

    Returns
    -------
    TensorInfo
    """
    made = protobuf("meta_graph").TensorInfo(
        dtype=tensor.dtype.as_datatype_enum, tensor_shape=tensor.get_shape().as_proto()
    )
    if isinstance(tensor, SparseTensor):
        made.coo_sparse.values_tensor_name = tensor.values.name
        made.coo_sparse.indices_tensor_name = tensor.indices.name
        made.coo_sparse.dense_shape_tensor_name = tensor.dense_shape.name
    else:
        made.name = tensor.name
    return made


def get_tensor_from_tensor_info(
    tensor_info: Any, graph: Graph | None = None, import_scope: str | None = None
) -> Tensor | SparseTensor:
    """Find the tensor that a TensorInfo describes.

    Parameters
    ----------
    tensor_info : TensorInfo
    graph : Graph, optional
        The default graph if not given.
    import_scope : str, optional
        The name scope that the graph was imported into.

    Returns
    -------
    Tensor or SparseTensor

    Raises
    ------
    KeyError
        If the graph has no such tensor.
    ValueError
        If `tensor_info` names none.
    """
    graph = graph or get_default_graph()

    def found(name: str) -> Tensor:
        return graph.get_tensor_by_name(f"{import_scope}/{name}" if import_scope else name)

    encoding = tensor_info.WhichOneof("encoding")
    if encoding == "name":
        return found(tensor_info.name)
    if encoding == "coo_sparse":
        parts = tensor_info.coo_sparse
        return SparseTensor(
            found(parts.indices_tensor_name),
            found(parts.values_tensor_name),
            found(parts.dense_shape_tensor_name),
        )
    raise ValueError(f"Invalid TensorInfo.encoding: {encoding}")


def tensor_names(tensor_info: Any) -> list[str]:
    """The names of the tensors that a TensorInfo speaks of."""
    if tensor_info.WhichOneof("encoding") == "coo_sparse":
        parts = tensor_info.coo_sparse
        return [
            parts.indices_tensor_name, parts.values_tensor_name, parts.dense_shape_tensor_name,
        ]  # fmt: skip
    return [tensor_info.name]


def build_signature_def(
    inputs: Mapping[str, Any] | None = None,
    outputs: Mapping[str, Any] | None = None,
    method_name: str | None = None,
) -> Any:
    """Make a signature.

    Parameters
    ----------
    inputs, outputs : dict of str to TensorInfo, optional
    method_name : str, optional
        What a server does with it: ``tensorflow/serving/predict``.

    Returns
    -------
    SignatureDef
    """
    made = protobuf("meta_graph").SignatureDef(method_name=method_name or "")
    for field, infos in ((made.inputs, inputs), (made.outputs, outputs)):
        for key, info in (infos or {}).items():
            field[key].CopyFrom(info)
    return made


def predict_signature_def(inputs: Mapping[str, Any], outputs: Mapping[str, Any]) -> Any:
    """Make the signature of a model that takes and gives anything.

    Parameters
    ----------
    inputs, outputs : dict of str to Tensor or SparseTensor, of any dtype and shape

    Returns
    -------
    SignatureDef

    Raises
    ------
    ValueError
        If there is no input or no output.
    """
    if not inputs:
        raise ValueError("Prediction inputs cannot be None or empty.")
    if not outputs:
        raise ValueError("Prediction outputs cannot be None or empty.")
    return build_signature_def(
        {key: build_tensor_info(tensor) for key, tensor in inputs.items()},
        {key: build_tensor_info(tensor) for key, tensor in outputs.items()},
        names.PREDICT_METHOD_NAME,
    )


def _described(tensor: Any, dtype: dtypes.DType, what: str) -> Any:
    """The TensorInfo of `tensor`, which has to be of `dtype`."""
    if not isinstance(tensor, Tensor) or tensor.dtype.base_dtype != dtype:
        kind = "string" if dtype == dtypes.string else "float"
        raise ValueError(f"{what} must be a {kind} Tensor.")
    return build_tensor_info(tensor)


def regression_signature_def(examples: Tensor, predictions: Tensor) -> Any:
    """Make the signature of a regression of serialized examples.

    Parameters
    ----------
    examples : Tensor, string, [n]
        Serialized `Example` messages.
    predictions : Tensor, float32, [n]

    Returns
    -------
    SignatureDef

    Raises
    ------
    ValueError
        If one is None or of another dtype.
    """
    if examples is None:
        raise ValueError("Regression examples cannot be None.")
    if not isinstance(examples, Tensor):
        raise ValueError("Regression examples must be a string Tensor.")
    if predictions is None:
        raise ValueError("Regression predictions cannot be None.")
    taken = _described(examples, dtypes.string, "Regression examples")
    given = _described(predictions, dtypes.float32, "Regression output")
    return build_signature_def(
        {names.REGRESS_INPUTS: taken}, {names.REGRESS_OUTPUTS: given}, names.REGRESS_METHOD_NAME
    )


def classification_signature_def(
    examples: Tensor, classes: Tensor | None, scores: Tensor | None
) -> Any:
    """Make the signature of a classification of serialized examples.

    Parameters
    ----------
    examples : Tensor, string, [n]
        Serialized `Example` messages.
    classes : Tensor, string, [n, k], optional
        The names of the classes.
    scores : Tensor, float32, [n, k], optional

    Returns
    -------
    SignatureDef

    Raises
    ------
    ValueError
        If one is of another dtype, or both `classes` and `scores` are None.
    """
    if examples is None:
        raise ValueError("Classification examples cannot be None.")
    if not isinstance(examples, Tensor):
        raise ValueError("Classification examples must be a string Tensor.")
    if classes is None and scores is None:
        raise ValueError("Classification classes and scores cannot both be None.")
    taken = _described(examples, dtypes.string, "Classification examples")
    given: dict[str, Any] = {}
    if classes is not None:
        given[names.CLASSIFY_OUTPUT_CLASSES] = _described(
            classes, dtypes.string, "Classification classes"
        )
    if scores is not None:
        given[names.CLASSIFY_OUTPUT_SCORES] = _described(
            scores, dtypes.float32, "Classification scores"
        )
    return build_signature_def({names.CLASSIFY_INPUTS: taken}, given, names.CLASSIFY_METHOD_NAME)


_EXAMPLES = {"inputs": dtypes.string}
_SERVED: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    names.CLASSIFY_METHOD_NAME: (
        _EXAMPLES,
        {
            names.CLASSIFY_OUTPUT_CLASSES: dtypes.string,
            names.CLASSIFY_OUTPUT_SCORES: dtypes.float32,
        },
    ),
    names.REGRESS_METHOD_NAME: (_EXAMPLES, {names.REGRESS_OUTPUTS: dtypes.float32}),
}
"""Of a method, the dtypes of what it may take and give."""


def is_valid_signature(signature_def: Any) -> bool:
    """Whether TensorFlow Serving would serve a signature.

    Parameters
    ----------
    signature_def : SignatureDef or None

    Returns
    -------
    bool
    """
    if signature_def is None or not signature_def.inputs or not signature_def.outputs:
        return False
    if signature_def.method_name == names.PREDICT_METHOD_NAME:
        return True
    if signature_def.method_name not in _SERVED:
        return False
    return all(
        key in known and info.dtype == known[key].as_datatype_enum
        for field, known in zip(
            (signature_def.inputs, signature_def.outputs), _SERVED[signature_def.method_name],
            strict=True,
        )
        for key, info in field.items()
    )  # fmt: skip


def signature_of(meta_graph_def: Any, key: str) -> Any:
    """The signature `key` of a meta graph.

    Raises
    ------
    ValueError
        If it has none, with what there is.
    """
    known = meta_graph_def.signature_def
    if key in known:
        return known[key]
    there = sorted(name for name in known if not name.startswith("__"))
    raise ValueError(f'Got signature_def_key "{key}". Available signatures are {there}.')


def op_of_signature(
    meta_graph_def: Any, key: str, graph: Graph, import_scope: str | None
) -> Operation | Tensor | None:
    """The op that the signature `key` is about, as TensorFlow 2 notes a main op; None if none."""
    if key not in meta_graph_def.signature_def:
        return None
    name = meta_graph_def.signature_def[key].outputs[key].name
    return graph.as_graph_element(f"{import_scope}/{name}" if import_scope else name)
