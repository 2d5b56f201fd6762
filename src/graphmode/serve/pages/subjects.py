"""`Subject`: what a model that is served has to show, and what it answers to a person."""

from __future__ import annotations

import base64
import json
import math
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode._addresses.late import late
from graphmode.framework import dtypes
from graphmode.saved_models.constants import DEFAULT_SERVING_SIGNATURE_DEF_KEY
from graphmode.serve.errors import Refused, invalid
from graphmode.serve.network import Network

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graphmode.framework.operation import Operation, Tensor
    from graphmode.serve.signatures import Signature, Spec

GRAPHS = find_spec("pygraphviz") is not None
"""Whether graphs can be drawn here."""

_graph_svg = late("graphmode.viz.graph", "graph_svg")
_rows = late("graphmode.models.data.parts", "Rows")

_SIDES = range(8, 65)
_MOST_CLASSES = 100
_MOST_SHOWN = 40
_FOUND = 12
_SHOWN_LAYERS = 8
_ROUNDS = 12
_MOST_VALUES = 2**16
_ACTIVATIONS = frozenset(("Elu", "LeakyRelu", "Relu", "Relu6", "Selu", "Sigmoid", "Tanh"))
_POOLS = frozenset(("AvgPool", "MaxPool"))
_PROBABILITIES = ("probabilities", "probability", "scores", "softmax", "logits", "y")


class Subject:
    """A model in the eyes of the page.

    Parameters
    ----------
    model : SavedModel or Network
        As `Version.model` has it.
    """

    def __init__(self, model: Any) -> None:
        self._served = model
        self._network = model if isinstance(model, Network) else None

    # ---- what there is to show -------------------------------------------------------------------

    def described(self) -> dict[str, Any]:
        """What the page has to know: the view, and what that needs."""
        found: dict[str, Any] = {"idea": self._idea(), "graph": GRAPHS}
        if self._network is not None:
            estimator = self._network.model
            verbs = self._network.verbs
            if "generate" in verbs:
                is_by_word = type(estimator).__name__.startswith("Word")
                unit, length = ("words", 60) if is_by_word else ("characters", 400)
                return {**found, "view": "text", "unit": unit, "length": length, "prompt": "The "}
            if "recommend" in verbs:
                return {**found, "view": "ratings", "levels": estimator.levels_.tolist()}
            if hasattr(estimator, "reconstruct") and self._side() is not None:
                return {**found, "view": "restored", "side": self._side()}
        classes = self._classes()
        if classes is not None and self._side() is not None:
            return {**found, "view": "pictures", "side": self._side(), "classes": classes}
        signatures = {"signatures": self._signatures(), "example": self._example()}
        return {**found, "view": "signatures", **signatures}

    def _idea(self) -> str:
        if self._network is None:
            return "A SavedModel."
        entry = self._network.opened.entry
        return f"{entry.class_name}: {entry.idea}."

    def _signatures(self) -> list[dict[str, Any]]:
        def listed(specs: Any) -> list[list[str]]:
            return [[key, spec.dtype.name, _shape_text(spec.shape)] for key, spec in specs.items()]

        return [
            {"name": name, "inputs": listed(one.inputs), "outputs": listed(one.outputs)}
            for name, one in self._served.signatures.items()
        ]

    def _example(self) -> str:
        """A request to the first signature; "" if the ranks of its inputs are not known."""
        signature = next(iter(self._in_order()), None)
        if signature is None or not signature.inputs:
            return ""
        specs = signature.inputs.values()
        if any(spec.shape is None for spec in specs):
            return ""
        by_row = all(spec.is_batch for spec in specs)
        asked: dict[str, Any] = {}
        if signature.name != DEFAULT_SERVING_SIGNATURE_DEF_KEY:
            asked["signature_name"] = signature.name
        values = {name: _sample(spec, by_row) for name, spec in signature.inputs.items()}
        if sum(value.size for value in values.values()) > _MOST_SHOWN:
            return json.dumps({**asked, "instances" if by_row else "inputs": ["..."]})
        listed: Any = {name: value.tolist() for name, value in values.items()}
        given = listed if len(listed) > 1 else next(iter(listed.values()))
        return json.dumps({**asked, **({"instances": [given]} if by_row else {"inputs": given})})

    def graph_svg(self) -> str:
        """The graph as a picture."""
        network = self._network
        return _graph_svg(self._served.graph if network is None else network.model.graph_)

    # ---- classifiers of pictures -----------------------------------------------------------------

    def _ends(self) -> tuple[Tensor, Tensor] | None:
        """What a picture goes into, and where the probabilities of its classes come out."""
        graph = self._served.graph if self._network is None else self._network.model.graph_
        for signature in self._in_order():
            inputs = dict(signature.definition.inputs)
            output = _probabilities(signature)
            if len(inputs) != 1 or output is None:
                continue
            (info,) = inputs.values()
            if info.WhichOneof("encoding") != "name":
                continue
            y = graph.get_tensor_by_name(signature.definition.outputs[output].name)
            return graph.get_tensor_by_name(info.name), y
        return None

    def _in_order(self) -> Iterable[Signature]:
        signatures = self._served.signatures
        first = [signatures[k] for k in ("serving_default",) if k in signatures]
        return [*first, *(one for one in signatures.values() if one not in first)]

    def _classes(self) -> list[str] | None:
        if self._network is not None:
            known = getattr(self._network.model, "classes_", None)
            has_shares = hasattr(self._network.model, "predict_proba")
            return [str(c) for c in known.tolist()] if has_shares and known is not None else None
        ends = self._ends()
        if ends is None or self._side() is None:
            return None
        return [str(i) for i in range(int(ends[1].dims[-1]))]  # pyright: ignore[reportOptionalSubscript, reportArgumentType]

    def _side(self) -> int | None:
        """The side of the square grey pictures that it takes; None if it takes others."""
        if self._network is not None:
            shape = self._network.opened.recipe.image_shape if self._has_recipe() else None
            if shape is not None and (shape[0] != shape[1] or shape[2:] not in ([], [1])):
                return None
            n_features = getattr(self._network.model, "n_features_in_", None)
            dims = self._network_dims()
            if dims is not None:
                n_features = math.prod(dims)
        else:
            ends = self._ends()
            dims = None if ends is None else ends[0].dims
            if not dims or None in dims[1:]:
                return None
            n_features = math.prod(length or 1 for length in dims[1:])
        side = math.isqrt(n_features or 0)
        return side if side * side == n_features and side in _SIDES else None

    def _has_recipe(self) -> bool:
        asked = self._network.opened.asked if self._network is not None else None
        return asked is not None and asked.recipe is not None

    def _network_dims(self) -> list[int] | None:
        """The shape of a row that the network takes, if it is fixed."""
        x = self._network.model.network_.inputs.get("x") if self._network is not None else None
        dims = None if x is None else x.dims
        return None if not dims or None in dims[1:] else [int(length) for length in dims[1:]]

    def _prepared(self, picture: list[Any], dims: Any) -> np.ndarray:
        """A picture of values from 0 to 1 as one row of the model."""
        side = self._side()
        if side is None:
            raise invalid("this model takes no square pictures of grey")
        try:
            values = np.asarray(picture, np.float32)
        except (TypeError, ValueError) as error:
            raise invalid("a picture is a list of numbers") from error
        if values.shape != (side * side,):
            raise invalid(f"a picture has {side * side} values here")
        if not np.isfinite(values).all():
            raise invalid("a picture has numbers alone, no NaN and no infinity")
        if self._network is not None and self._has_recipe():
            shape = (side, side, 1)
            rows = _rows(
                "the drawing", values=values.reshape(1, *shape), image_shape=shape, top=1.0
            )
            values = self._network.opened.recipe.part(rows).X
        return np.asarray(values, np.float32).reshape(1, *(dims or (side * side,)))

    def look(self, picture: list[Any]) -> dict[str, Any]:
        """The probabilities of a picture's classes, and what each layer answers to it.

        Parameters
        ----------
        picture : list of float
            Row by row, 0 the paper, 1 the ink.

        Returns
        -------
        dict
            ``probabilities``; ``layers``, each ``name``, ``shape`` (``[height, width, maps]`` or
            ``[units]``) and ``values``, bytes from the least to the most as base64.

        Raises
        ------
        Refused
        """
        ends = self._ends()
        if ends is None:
            raise invalid("this model tells no classes of pictures")
        x, y = ends
        row = self._prepared(picture, None if x.dims is None else x.dims[1:])
        session = self._served.session if self._network is None else self._network.model.session_
        layers = layers_between(x, y)
        answer, *answers = session.run([y, *layers], {x: row})
        shares = np.asarray(answer[0], np.float64)
        if not np.isfinite(shares).all():
            raise Refused("FAILED_PRECONDITION", "what the model gives is no number (NaN)")
        if abs(shares.sum() - 1) > 1e-3 or shares.min() < 0:  # logits
            shares = np.exp(shares - shares.max())
            shares /= shares.sum()
        shown = [_shown(tensor, value[0]) for tensor, value in zip(layers, answers, strict=True)]
        return {
            "probabilities": [round(float(share), 6) for share in shares],
            "layers": [layer for layer in shown if layer is not None],
        }

    # ---- what gives pictures back ----------------------------------------------------------------

    def restore(self, picture: list[Any], hidden: list[Any] | None = None) -> dict[str, Any]:
        """A picture as an RBM or an autoencoder gives it back.

        Parameters
        ----------
        picture : list of float
            As `look` takes it.
        hidden : list of bool, optional
            The pixels that nobody knows: they are filled in, and what comes out is asked about
            again, with the known ones as they were.

        Returns
        -------
        dict
            ``image``, and ``error``, the mean difference of a pixel.

        Raises
        ------
        Refused
        """
        if self._network is None or not hasattr(self._network.model, "reconstruct"):
            raise invalid("this model gives no pictures back")
        row = self._prepared(picture, None)
        reconstruct = self._network.model.reconstruct
        again = reconstruct(row)
        if hidden is not None and any(hidden):
            if len(hidden) != row.size:
                raise invalid(f"'hidden' has {row.size} values here")
            is_hidden = np.asarray(hidden, bool)[None]
            for _ in range(_ROUNDS):
                again = reconstruct(np.where(is_hidden, again, row))
        again = np.asarray(again, np.float64).ravel()
        if not np.isfinite(again).all():
            raise Refused("FAILED_PRECONDITION", "what the model gives is no number (NaN)")
        given = row.ravel()
        if self._has_recipe():
            recipe = self._network.opened.recipe
            top = float(np.max(recipe.scale))
            again = (again * np.asarray(recipe.scale) + np.asarray(recipe.offset)) / top
            given = np.asarray(picture, np.float64)
        return {
            "image": np.clip(again, 0, 1).round(4).tolist(),
            "error": round(float(np.abs(again - given).mean()), 6),
        }

    # ---- recommenders ----------------------------------------------------------------------------

    def items(self, query: str) -> list[dict[str, Any]]:
        """The first items whose title has all words of a query.

        Parameters
        ----------
        query : str

        Returns
        -------
        list of dict
            ``item``, ``title``.

        Raises
        ------
        Refused
        """
        if self._network is None or "recommend" not in self._network.verbs:
            raise invalid("this model recommends nothing")
        titles = self._network.titles()
        words = query.casefold().split()
        found: list[dict[str, Any]] = []
        for item in self._network.model.items_.tolist():
            title = titles.get(item, str(item))
            if all(word in title.casefold() for word in words):
                found.append({"item": item, "title": title})
                if len(found) == _FOUND:
                    break
        return found


def _sample(spec: Spec, is_row: bool) -> np.ndarray:
    """Something that an input takes, or a row of it."""
    shape = [2 if size is None else size for size in (spec.shape or ())[int(is_row) :]]
    if spec.dtype is dtypes.string:
        return np.full(shape, "a", object)
    return np.ones(shape, spec.dtype.numpy_dtype)


def layers_between(x: Tensor, y: Tensor) -> list[Tensor]:
    """The activations and pools that lie between two tensors, from `x` on.

    Parameters
    ----------
    x, y : Tensor, of any dtype and shape

    Returns
    -------
    list of Tensor, floating, [batch, height, width, maps] or [batch, units]
    """
    on_the_way = _above(y) & _below(x)
    found = [
        op.outputs[0]
        for op in x.graph.get_operations()
        if op in on_the_way
        and op.type in (_ACTIVATIONS | _POOLS)
        and op is not y.op
        and op.outputs[0].dims is not None
        and len(op.outputs[0].dims) in (2, 4)
    ]
    return found[:_SHOWN_LAYERS]


def _above(y: Tensor) -> set[Operation]:
    seen: set[Operation] = set()
    waiting = [y.op]
    while waiting:
        op = waiting.pop()
        if op not in seen:
            seen.add(op)
            waiting += [tensor.op for tensor in op.inputs]
    return seen


def _below(x: Tensor) -> set[Operation]:
    seen: set[Operation] = set()
    waiting = list(x.consumers())
    while waiting:
        op = waiting.pop()
        if op not in seen:
            seen.add(op)
            waiting += [after for tensor in op.outputs for after in tensor.consumers()]
    return seen


def _shown(tensor: Tensor, value: np.ndarray) -> dict[str, Any] | None:
    """A layer's answer to one picture, as bytes."""
    if value.size > _MOST_VALUES or not value.size:
        return None
    value = np.nan_to_num(value)
    low, high = float(value.min()), float(value.max())
    scaled = (value - low) * (255 / (high - low) if high > low else 0)
    name = tensor.op.name.rpartition("/")[0] or tensor.op.name
    return {
        "name": f"{name.rpartition('/')[2]}, {tensor.op.type.lower()}",
        "shape": list(value.shape),
        "values": base64.b64encode(scaled.astype(np.uint8).tobytes()).decode(),
    }


def _probabilities(signature: Signature) -> str | None:
    """The output that has a share for each class."""
    found = [
        key
        for key, spec in signature.outputs.items()
        if spec.shape is not None
        and len(spec.shape) == 2
        and spec.shape[1] is not None
        and 2 <= spec.shape[1] <= _MOST_CLASSES
        and spec.dtype.is_floating
    ]
    named = [key for key in _PROBABILITIES if key in found]
    return (named or found or [None])[0]


def _shape_text(dims: Any) -> str:
    if dims is None:
        return "any"
    return "×".join("n" if length is None else str(length) for length in dims) or "scalar"
