"""A model of `graphmode.models` that is served from the folder that it was saved to.

``serving_default`` takes and gives the tensors of its SavedModel, as TensorFlow Serving would.
``rows`` takes what ``graphmode predict`` takes: rows as they stand in files. Recommenders and
language models answer to verbs of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode._addresses.late import late
from graphmode.framework import dtypes
from graphmode.framework.proto.messages import protobuf
from graphmode.framework.shapes import TensorShape
from graphmode.saved_models.constants import DEFAULT_SERVING_SIGNATURE_DEF_KEY, PREDICT_METHOD_NAME
from graphmode.saved_models.signatures import build_signature_def, predict_signature_def
from graphmode.serve.errors import invalid
from graphmode.serve.saved_model import signature_of
from graphmode.serve.signatures import Signature, Spec

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

_opened = late("graphmode.models.folders", "opened")
_titles_of = late("graphmode.models.data.ratings", "titles_of")
_rows = late("graphmode.models.data.parts", "Rows")
_data_frame = late("pandas", "DataFrame")

ROWS = "rows"
"""The signature that takes rows as files have them."""

_SAMPLING = {
    "prompt": "", "length": 200, "temperature": 1.0, "top_k": None, "stop": None, "seed": None,
}  # fmt: skip
_LONGEST = 10_000
_MOST_ROWS = 1024


class Network:
    """A version of a model.

    Parameters
    ----------
    folder : Path

    Attributes
    ----------
    model : Model
        The estimator.
    opened : Opened
        It, and what is known of its data.
    signatures : dict of str to Signature

    Raises
    ------
    ValueError, OSError
        If it cannot be read.
    """

    def __init__(self, folder: Path) -> None:
        self.opened = _opened(folder)
        self.model = self.opened.model
        session = self.model.session_
        with self.model.graph_.as_default():
            definition = predict_signature_def(*self.model._signature())
            name = DEFAULT_SERVING_SIGNATURE_DEF_KEY
            self.signatures = {name: signature_of(name, definition, session)}
        if "recommend" in self.verbs:  # its results are as many rows as one number says
            self.signatures[name].compute = _of_few_rows(self.signatures[name].compute)
        if self.opened.entry.kind in ("numbers", "labels", "rows"):
            self.signatures[ROWS] = self._rows_signature()
        self._titles: dict[Any, str] | None = None

    @property
    def verbs(self) -> tuple[str, ...]:
        """What it answers to beside ``predict``."""
        return tuple(verb for verb in ("recommend", "generate") if hasattr(self.model, verb))

    def close(self) -> None:
        """Let go of the variables."""
        self.model.session_.close()

    # ---- rows ------------------------------------------------------------------------------------

    def _rows_signature(self) -> Signature:
        recipe = self.opened.recipe
        if recipe.columns is not None:
            inputs = {
                column.name: Spec(dtypes.string if column.words else dtypes.float32, (None,))
                for column in recipe.columns
            }
        else:
            inputs = {"x": Spec(dtypes.float32, (None, recipe.n_features))}
        outputs = self._outputs()
        definition = build_signature_def(
            {name: _info(name, spec) for name, spec in inputs.items()},
            {name: _info(name, spec) for name, spec in outputs.items()},
            PREDICT_METHOD_NAME,
        )
        return Signature(
            ROWS, PREDICT_METHOD_NAME, inputs, outputs, self._asked_about_rows, definition
        )

    def _outputs(self) -> dict[str, Spec]:
        if hasattr(self.model, "predict_proba"):
            classes = self.model.classes_
            of_classes = dtypes.string if classes.dtype.kind in "OSU" else (
                dtypes.as_dtype(classes.dtype)
            )  # fmt: skip
            probabilities = Spec(dtypes.float32, (None, len(classes)))
            return {"prediction": Spec(of_classes, (None,)), "probabilities": probabilities}
        if hasattr(self.model, "predict"):
            return {"prediction": Spec(dtypes.float32, None)}
        return {"hidden": Spec(dtypes.float32, (None, None))}

    def _asked_about_rows(
        self, feeds: Mapping[str, np.ndarray], outputs: Sequence[str]
    ) -> dict[str, np.ndarray]:
        recipe = self.opened.recipe
        if recipe.columns is None:
            rows = _rows("the request", values=feeds["x"])
        else:
            if len({len(values) for values in feeds.values()}) > 1:
                raise invalid("columns have different numbers of rows")
            table = _data_frame({name: _as_column(values) for name, values in feeds.items()})
            rows = _rows("the request", table=table)
        asked = recipe.part(rows).X
        found: dict[str, Any] = {}
        if hasattr(self.model, "predict_proba"):
            found["probabilities"] = np.asarray(self.model.predict_proba(asked), np.float32)
            found["prediction"] = self.model.classes_[found["probabilities"].argmax(1)]
        elif hasattr(self.model, "predict"):
            found["prediction"] = np.asarray(self.model.predict(asked), np.float32)
        else:
            found["hidden"] = np.asarray(self.model.transform(asked), np.float32)
        return {name: found[name] for name in outputs}

    # ---- verbs of their own ----------------------------------------------------------------------

    def recommend(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """The items that a user would like best.

        Parameters
        ----------
        request : dict
            ``user``, one of the training, or ``ratings``, item -> rating of someone else; ``n``;
            ``rank_by``, "liked" or "rating".

        Returns
        -------
        dict
            ``recommendations``, a list of ``item``, ``title`` and ``score``: the probability that
            it is chosen and liked, or by "rating" the rating.

        Raises
        ------
        Refused, ValueError
        """
        _require_known(request, {"user", "ratings", "n", "rank_by"})
        rank_by = request.get("rank_by", "liked")
        n = _whole(request, "n", 10, len(self.model.items_))
        if ("user" in request) == ("ratings" in request):
            raise invalid("recommend to whom? 'user', or 'ratings': one of the two")
        if "ratings" in request:
            ratings = self._ratings_in(request["ratings"])
            items, scores = self.model.recommend(ratings=ratings, n=n, rank_by=rank_by)
        else:
            user = request["user"]
            if not isinstance(user, str | int) or isinstance(user, bool):
                raise invalid("'user' must be a number or a string")
            items, scores = self.model.recommend(users=[user], n=n, rank_by=rank_by)
            items, scores = items[0], scores[0]
        is_one = np.isfinite(scores)
        titles = self.titles()
        return {
            "recommendations": [
                {"item": item, "title": titles.get(item, str(item)), "score": float(score)}
                for item, score in zip(
                    items[is_one].tolist(), np.asarray(scores)[is_one], strict=True
                )
            ]
        }

    def titles(self) -> dict[Any, str]:
        """The titles of items, where they are known."""
        found = self._titles
        if found is None:
            asked = self.opened.asked
            found = self._titles = {} if asked is None else _titles_of(asked.source)
        return found

    def _ratings_in(self, given: Any) -> dict[Any, float]:
        if not isinstance(given, dict) or not given:
            raise invalid("'ratings' must be a JSON object: {item: rating, ...}")
        numbered = np.asarray(self.model.items_).dtype.kind in "iu"
        found: dict[Any, float] = {}
        for item, rating in given.items():
            if isinstance(rating, bool) or not isinstance(rating, int | float):
                raise invalid(f"'ratings': {item!r} is rated {rating!r}, which is no number")
            if numbered and not item.lstrip("-").isdigit():
                raise invalid(f"'ratings': {item!r} is no number of an item")
            found[int(item) if numbered else item] = float(rating)
        return found

    def generate(self, request: Mapping[str, Any]) -> Iterator[str]:
        """Go on with a text.

        Parameters
        ----------
        request : dict
            ``prompt``, ``length``, ``temperature``, ``top_k``, ``stop``, ``seed``: as
            ``graphmode generate`` has them.

        Returns
        -------
        iterator of str
            Pieces, as they are made.

        Raises
        ------
        Refused, ValueError
        """
        _require_known(request, {*_SAMPLING, "stream"})
        asked = {name: request.get(name, default) for name, default in _SAMPLING.items()}
        asked["length"] = _whole(request, "length", 200, _LONGEST)
        temperature = asked["temperature"]
        if isinstance(temperature, bool) or not isinstance(temperature, int | float):
            raise invalid("'temperature' must be a number")
        for name in ("top_k", "seed"):
            if asked[name] is not None:
                asked[name] = _whole(request, name, 0, 2**32 - 1, least=0 if name == "seed" else 1)
        if asked["stop"] is not None and not isinstance(asked["stop"], str):
            raise invalid("'stop' must be a string")
        return self.model.generate(asked.pop("prompt"), asked.pop("length"), **asked, stream=True)


def _require_known(request: Mapping[str, Any], known: set[str]) -> None:
    if unknown := sorted(request.keys() - known):
        raise invalid(f"unknown key {unknown[0]!r}; there are {', '.join(sorted(known))}")


def _whole(request: Mapping[str, Any], name: str, default: int, most: int, least: int = 1) -> int:
    value = request.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise invalid(f"{name!r} must be a whole number from {least} to {most}")
    return value


def _of_few_rows(compute: Any) -> Any:
    def bounded(given: Mapping[str, np.ndarray], outputs: Sequence[str]) -> dict[str, np.ndarray]:
        if not 0 <= given["n_rows"] <= _MOST_ROWS:
            raise invalid(f"'n_rows' must be a whole number from 0 to {_MOST_ROWS}")
        return compute(given, outputs)

    return bounded


def _as_column(values: np.ndarray) -> Any:
    if values.dtype.kind == "O":
        return [value.decode("utf-8", "replace") for value in values.tolist()]
    return values


def _info(name: str, spec: Spec) -> Any:
    made = protobuf("meta_graph").TensorInfo(name=name, dtype=spec.dtype.as_datatype_enum)
    shape = TensorShape(None if spec.shape is None else list(spec.shape))
    made.tensor_shape.CopyFrom(shape.as_proto())
    return made
