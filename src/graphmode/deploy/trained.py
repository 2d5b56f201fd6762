"""`Trained`: what is exported, and where it is read from: a SavedModel, a model, a checkpoint."""

# pyright: reportPrivateUsage=false
from __future__ import annotations

import difflib
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework.graph import Graph
from graphmode.framework.inference import constant_value
from graphmode.framework.operation import Tensor
from graphmode.framework.sparse_tensor import SparseTensor
from graphmode.runtime.planning import build_plan
from graphmode.runtime.session import Session
from graphmode.saved_models.constants import DEFAULT_SERVING_SIGNATURE_DEF_KEY, SERVING
from graphmode.saved_models.loader import load, maybe_saved_model_directory
from graphmode.saved_models.signatures import get_tensor_from_tensor_info
from graphmode.training.checkpoint_state import checkpoint_exists, latest_checkpoint
from graphmode.training.meta_graph_import import import_meta_graph

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    Named = Mapping[str, Any] | Sequence[Any]

_SHOWN = 8
# What a program trains, saves and writes, and no one asks a trained network for.
_NO_RESULT_NAMES = (
    "Assign AssignAdd AssignSub Const MergeSummary NoOp RestoreV2 SaveV2 ScalarSummary"
)
_NO_RESULT = frozenset(_NO_RESULT_NAMES.split())


@dataclass
class Trained:
    """Tensors of a session that go in and come out, by the names that they keep elsewhere.

    Parameters
    ----------
    session : Session
        Holds the values of the variables.
    inputs, outputs : dict of str to Tensor
    constants : dict of Tensor to array
        What is fed and is no input any more: ``{keep_prob: 1.0}``.
    shapes : dict of str to tuple of int or None
        Of inputs whose placeholders leave lengths open.
    """

    session: Session
    inputs: dict[str, Tensor]
    outputs: dict[str, Tensor]
    constants: dict[Tensor, np.ndarray] = field(default_factory=dict[Tensor, np.ndarray])
    shapes: dict[str, tuple[int | None, ...]] = field(
        default_factory=dict[str, tuple[int | None, ...]]
    )

    def dims(self, key: str) -> Sequence[int | None] | None:
        """The lengths of an input: None where any goes in, or if the rank is not known."""
        return self.shapes.get(key, self.inputs[key].dims)

    def fix_shapes(self, shapes: Mapping[str, Sequence[int | None]]) -> None:
        """Give inputs lengths that their placeholders leave open.

        Raises
        ------
        ValueError
            If there is no such input, or its placeholder has other lengths.
        """
        for key, shape in shapes.items():
            if key not in self.inputs:
                raise ValueError(
                    f"shapes: there is no input '{key}', but {', '.join(sorted(self.inputs))}"
                )
            given, tensor = tuple(shape), self.inputs[key]
            if any(length is not None and length < 0 for length in given) or (
                not tensor.shape.is_compatible_with(list(given))
            ):
                raise ValueError(
                    f"shapes: '{key}' cannot have the shape {list(given)}: {_place(tensor)} has "
                    f"{tensor.shape}"
                )
            self.shapes[key] = given

    def weights_bytes(self) -> int:
        """How much the variables that the outputs need take."""
        feeds = [*self.inputs.values(), *self.constants]
        state = self.session._state
        plan = build_plan(list(self.outputs.values()), feeds, state.resources)
        values, _ = state.take([load.op for load in plan.loads])
        return sum(value.nbytes for value in values if value is not None)

    @property
    def graph(self) -> Graph:
        """That of the session."""
        return self.session.graph


def of_session(
    session: Session, inputs: Named | None, outputs: Named | None, constants: Mapping[Any, Any]
) -> Trained:
    """What is exported of a session.

    Parameters
    ----------
    session : Session
    inputs, outputs : dict of str to Tensor or str, or list of Tensor or str
        Those of a list are called as their op. Without inputs: the placeholders that the outputs
        need.
    constants : dict of Tensor or str to number or array

    Raises
    ------
    ValueError
        If there is no output, a tensor is not of the graph or none that can be exported, or an
        output needs a placeholder that is neither input nor constant.
    """
    graph = session.graph
    if not outputs:
        raise ValueError(f"name the outputs to export.{_candidates(graph)}")
    given = _tensors(graph, outputs, "output")
    fixed = {
        _tensor(graph, key, "constant"): _constant(_tensor(graph, key, "constant"), value)
        for key, value in constants.items()
    }
    said = set(fixed)
    needed = [t for t in placeholders_of(given.values()) if t not in fixed]
    for tensor in needed:
        default = constant_value(tensor.op.inputs[0]) if _has_default(tensor) else None
        if default is not None:
            fixed[tensor] = default
    if inputs is None:
        taken = {tensor.op.name: tensor for tensor in needed if not _has_default(tensor)}
    else:
        named = _tensors(graph, inputs, "input")
        taken = {key: tensor for key, tensor in named.items() if tensor not in said}
        for tensor in taken.values():
            fixed.pop(tensor, None)
        used = set(placeholders_of(given.values(), taken.values()))
        missing = [t for t in needed if t in used and not _has_default(t)]
        if missing:
            tensor = missing[0]
            raise ValueError(
                f"'{tensor.op.name}', {_place(tensor)}, is needed and is no input.\n"
                f"  fix: add it to the inputs, or say its value for good: constants="
                f"{{{tensor.op.name!r}: ...}}"
            )
    if not taken:
        raise ValueError("the outputs depend on no placeholder: there is nothing to feed")
    return Trained(session, taken, given, fixed)


def _has_default(tensor: Tensor) -> bool:
    return tensor.op.type == "PlaceholderWithDefault"


def _constant(tensor: Tensor, value: Any) -> np.ndarray:
    array = np.asarray(value, tensor.dtype.base_dtype.numpy_dtype)
    if not tensor.shape.is_compatible_with(array.shape):
        raise ValueError(
            f"the constant for '{tensor.op.name}' has shape {array.shape}, not {tensor.shape}"
        )
    return array


def placeholders_of(outputs: Any, instead: Any = ()) -> list[Tensor]:
    """The placeholders that `outputs` need when `instead` is fed, in the order of the graph."""
    stop, seen, found = set(instead), set[Any](), list[Tensor]()
    waiting = [tensor for tensor in outputs if tensor not in stop]
    while waiting:
        op = waiting.pop().op
        if op in seen:
            continue
        seen.add(op)
        if op.type.startswith("Placeholder"):
            found.append(op.outputs[0])
        captured = list(op.control.captures) if op.control is not None else []
        waiting += [tensor for tensor in (*op.inputs, *captured) if tensor not in stop]
    order = {op: i for i, op in enumerate(found[0].graph.get_operations())} if found else {}
    return sorted(found, key=lambda tensor: order[tensor.op])


def _tensors(graph: Graph, named: Any, what: str) -> dict[str, Tensor]:
    if isinstance(named, Mapping):
        return {str(key): _tensor(graph, value, what) for key, value in named.items()}
    single = isinstance(named, str) or not hasattr(named, "__iter__")
    found = [_tensor(graph, value, what) for value in ([named] if single else named)]
    return {tensor.op.name: tensor for tensor in found}


def _tensor(graph: Graph, value: Any, what: str) -> Tensor:
    """The tensor of the graph that `value` is, or names."""
    if isinstance(value, SparseTensor):
        raise ValueError(
            f"the {what} {value} is sparse: name the tensors that it is made of, or the dense one"
        )
    try:
        text = f"{value}:0" if isinstance(value, str) and ":" not in value else value
        return graph.as_graph_element(text, allow_operation=False)
    except (KeyError, ValueError, TypeError) as error:
        if not isinstance(value, str):
            raise ValueError(f"the {what} {value!r} cannot be exported: {error}") from None
    names = [op.name for op in graph.get_operations() if op.outputs]
    near = difflib.get_close_matches(value.partition(":")[0], names, n=3)
    hint = f" Similar: {', '.join(near)}." if near else ""
    raise ValueError(f"the graph has no tensor '{value}' for the {what}.{hint}") from None


def _place(tensor: Tensor) -> str:
    site = tensor.op.site
    return "a placeholder" if site is None else f"the placeholder made at {site.short()}"


def _candidates(graph: Graph) -> str:
    """What a user may have meant: placeholders, and what nothing else takes."""
    ends = [
        op.name
        for op in graph.get_operations()
        if op.outputs and op.outputs[0].dtype.is_floating and op.type not in _NO_RESULT
        and not op.outputs[0].consumers()
    ]  # fmt: skip
    holders = [op.name for op in graph.get_operations() if op.type.startswith("Placeholder")]
    said = ""
    if holders:
        said += f"\n  placeholders: {', '.join(holders[:_SHOWN])}"
    if ends:
        said += f"\n  tensors that nothing else takes: {', '.join(ends[-_SHOWN:])}"
    return said


@contextmanager
def opened(
    source: str | Path,
    signature: str | None = None,
    tags: str | None = None,
    inputs: Named | None = None,
    outputs: Named | None = None,
    constants: Mapping[Any, Any] | None = None,
) -> Iterator[Trained]:
    """Read what lies in a folder or file, into a session that is open inside the `with`.

    Parameters
    ----------
    source : str or Path
        The folder of a SavedModel or of a model of `graphmode.models`, a checkpoint with its
        ``.meta``, or a folder that holds one.
    signature : str, optional
        Of a SavedModel: ``serving_default`` if not given, or the only one.
    tags : str, optional
        Of a SavedModel, with commas between them: ``serve`` if not given.
    inputs, outputs : dict or list of str, optional
        Names of tensors, in place of a signature. A checkpoint needs outputs.
    constants : dict of str to number or array, optional

    Raises
    ------
    ValueError
        If nothing there can be exported, or there is no such signature.
    OpError, OSError, RuntimeError
        If it cannot be read.
    """
    path = str(Path(source).expanduser())
    with Graph().as_default() as graph, Session(graph=graph) as session:
        if maybe_saved_model_directory(path):
            tag_set = [tag.strip() for tag in (tags or SERVING).split(",")]
            meta_graph = load(session, tag_set, path)
            if outputs is None:
                key = _signature_key(meta_graph, signature, path)
                inputs, outputs = (
                    {
                        name: get_tensor_from_tensor_info(info, graph)
                        for name, info in sorted(infos.items())
                    }
                    for infos in (
                        meta_graph.signature_def[key].inputs,
                        meta_graph.signature_def[key].outputs,
                    )
                )
        else:
            if signature is not None:
                raise ValueError(f"{source} is no SavedModel: it has no signature '{signature}'")
            prefix = _checkpoint(path)
            saver = import_meta_graph(f"{prefix}.meta", clear_devices=True)
            if saver is not None:
                saver.restore(session, prefix)
        yield of_session(session, inputs, outputs, constants or {})


def _signature_key(meta_graph: Any, wanted: str | None, path: str) -> str:
    known = sorted(k for k in meta_graph.signature_def if not k.startswith("__"))
    if not known:
        raise ValueError(
            f"{path} has no signature: name the tensors that come out (outputs=, --output)"
        )
    key = wanted or (known[0] if len(known) == 1 else DEFAULT_SERVING_SIGNATURE_DEF_KEY)
    if key not in known:
        near = difflib.get_close_matches(key, known, n=1)
        hint = f" Did you mean '{near[0]}'?" if near else ""
        raise ValueError(f"{path} has no signature '{key}': {', '.join(known)}.{hint}")
    return key


def _checkpoint(path: str) -> str:
    """The prefix of the checkpoint that `path` names or holds."""
    place = Path(path)
    if place.is_dir():
        prefix = latest_checkpoint(path)
        if prefix is None:
            raise ValueError(f"{path} holds neither a SavedModel nor a checkpoint")
    else:
        prefix = path.removesuffix(".meta").removesuffix(".index")
        if not checkpoint_exists(prefix):
            what = "is no SavedModel and no checkpoint" if place.exists() else "does not exist"
            raise ValueError(f"{path} {what}")
    if not Path(f"{prefix}.meta").exists():
        raise ValueError(
            f"{prefix} has values but no graph: {Path(prefix).name}.meta is missing.\n  fix: build "
            "the graph, restore into a session and export that with graphmode.export"
        )
    return prefix
