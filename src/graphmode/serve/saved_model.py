"""A SavedModel that is served: its graph, a session, its signatures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import dtypes
from graphmode.framework.graph import Graph
from graphmode.framework.sparse_tensor import SparseTensor
from graphmode.runtime.session import Session
from graphmode.saved_models.constants import SERVING
from graphmode.saved_models.loader import load
from graphmode.saved_models.signatures import get_tensor_from_tensor_info
from graphmode.serve.signatures import Signature, Spec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from graphmode.framework.operation import Tensor

    Named = Mapping[str, tuple[Spec, Tensor]]

_MOST_RUNNERS = 64


class SavedModel:
    """A version of a model.

    Parameters
    ----------
    folder : Path

    Attributes
    ----------
    signatures : dict of str to Signature
        Those whose inputs and outputs are tensors, dense or sparse.
    session : Session

    Raises
    ------
    OSError, OpError, RuntimeError, ValueError
        If it cannot be loaded.
    """

    def __init__(self, folder: Path) -> None:
        self.graph = Graph()
        with self.graph.as_default():
            self.session = Session()
            try:
                meta_graph = load(self.session, [SERVING], str(folder))
                self.signatures = {
                    name: signature_of(name, definition, self.session)
                    for name, definition in sorted(meta_graph.signature_def.items())
                    if not name.startswith("__") and _is_plain(definition)
                }
            except BaseException:
                self.session.close()
                raise

    def close(self) -> None:
        """Let go of the variables."""
        self.session.close()


def signature_of(name: str, definition: Any, session: Session) -> Signature:
    """A signature that a session computes.

    Parameters
    ----------
    name : str
    definition : SignatureDef
    session : Session
        Whose graph has the tensors.

    Returns
    -------
    Signature
    """
    inputs = dict(_tensors(definition.inputs, session.graph))
    outputs = dict(_tensors(definition.outputs, session.graph))
    made = Signature(
        name,
        definition.method_name,
        {key: spec for key, (spec, _) in inputs.items()},
        {key: spec for key, (spec, _) in outputs.items()},
        _computing(inputs, outputs, session),
        definition,
    )
    made.takes_batches = is_by_row(made)
    return made


def _tensors(infos: Mapping[str, Any], graph: Graph) -> Iterator[tuple[str, tuple[Spec, Tensor]]]:
    """The tensors of a signature by name, the lowest first.

    A sparse one is three: ``name/indices`` [n, rank], ``name/values`` [n], ``name/dense_shape``
    [rank].
    """
    for key, info in sorted(infos.items()):
        tensor = get_tensor_from_tensor_info(info, graph)
        spec = Spec.of_info(info)
        if not isinstance(tensor, SparseTensor):
            yield key, (spec, tensor)
            continue
        rank = None if spec.shape is None else len(spec.shape)
        yield f"{key}/indices", (Spec(dtypes.int64, (None, rank)), tensor.indices)
        yield f"{key}/values", (Spec(spec.dtype, (None,)), tensor.values)
        yield f"{key}/dense_shape", (Spec(dtypes.int64, (rank,)), tensor.dense_shape)


def _computing(inputs: Named, outputs: Named, session: Session) -> Any:
    """The function from arrays to arrays of a signature."""
    feeds = [tensor for _, tensor in inputs.values()]
    fetches = {key: tensor for key, (_, tensor) in outputs.items()}
    runners: dict[tuple[str, ...], Callable[..., Any]] = {}

    def compute(given: Mapping[str, np.ndarray], outputs: Sequence[str]) -> dict[str, np.ndarray]:
        asked = tuple(sorted(outputs))
        runner = runners.get(asked)
        if runner is None:
            if len(runners) >= _MOST_RUNNERS:  # somebody asks for every choice of outputs
                runners.clear()
            wanted = [fetches[key] for key in asked]
            runner = runners[asked] = session.make_callable(wanted, feeds)
        found = runner(*[given[key] for key in inputs])
        return dict(zip(asked, map(np.asarray, found), strict=True))

    return compute


def _is_plain(definition: Any) -> bool:
    infos = [*definition.inputs.values(), *definition.outputs.values()]
    encodings = {info.WhichOneof("encoding") for info in infos}
    return bool(definition.outputs) and encodings <= {"name", "coo_sparse"}


def is_by_row(signature: Signature) -> bool:
    """Whether each row of the results depends on its own row of the inputs alone, as far as seen.

    All first dimensions must be unknown. Then two rows are computed together and each by itself.

    Parameters
    ----------
    signature : Signature

    Returns
    -------
    bool
        False where it cannot be tried: the inputs' shapes are not known, or refuse plain numbers.
    """
    specs = [*signature.inputs.values(), *signature.outputs.values()]
    if not signature.inputs or not all(spec.is_batch for spec in specs):
        return False
    try:
        pair = {name: sample_rows(spec, 2) for name, spec in signature.inputs.items()}
        both = signature.compute(pair, list(signature.outputs))
        for i in range(2):
            row = {name: array[i : i + 1] for name, array in pair.items()}
            alone = signature.compute(row, list(signature.outputs))
            if not all(_is_close(both[name][i : i + 1], alone[name]) for name in alone):
                return False
    except Exception:
        return False
    return True


def _is_close(first: np.ndarray, second: np.ndarray) -> bool:
    if first.shape != second.shape:
        return False
    if first.dtype.kind in "fc":
        return bool(np.allclose(first, second, rtol=1e-3, atol=1e-5, equal_nan=True))
    return bool((first == second).all())


def sample_rows(spec: Spec, n: int) -> np.ndarray:
    """Rows that an input may be asked about: zeros, ones, zeros, ...

    Parameters
    ----------
    spec : Spec
        Whose first dimension is a number of rows.
    n : int

    Returns
    -------
    array [n, ...]
        Other unknown dimensions are 2.
    """
    shape = (n, *(2 if size is None else size for size in (spec.shape or ())[1:]))
    if spec.dtype is dtypes.string:
        rows = np.empty(shape, object)
        rows[...] = b""
        return rows
    rows = np.zeros(shape, spec.dtype.numpy_dtype)
    rows[1::2] = 1
    return rows
