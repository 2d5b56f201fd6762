"""What a trained model is measured by, on data that it has not seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from graphmode.models.data.parts import Part


def _accuracy(model: Any, part: Part) -> float:
    return float(model.score(part.X, part.y))


def _node_accuracy(model: Any, part: Part) -> float:
    return float(model.score(part.X, of="nodes"))


def _r2(model: Any, part: Part) -> float:
    return float(model.score(part.X, part.y))


def _rmse(model: Any, part: Part) -> float:
    if hasattr(model, "recommend"):  # which may be asked of items without a rating
        return -float(model.score(part.X, part.y))
    return float(np.sqrt(np.mean((model.predict(part.X) - part.y) ** 2)))


def _log_likelihood(model: Any, part: Part) -> float:
    """Mean of the test rows, in nats: pixels are drawn as bits, the partition function by AIS."""
    rows = np.asarray(part.X, np.float32).reshape(len(part), -1)
    bits = np.random.default_rng(0).random(rows.shape) < rows
    return float(model.log_likelihood(bits.astype(np.float32), n_betas=1000).mean)


def _reconstruction_error(model: Any, part: Part) -> float:
    rows = np.asarray(part.X, np.float32).reshape(len(part), -1)
    return float(np.mean((model.reconstruct(part.X).reshape(rows.shape) - rows) ** 2))


def _loss(model: Any, part: Part) -> float:
    return -float(model.score(part.X))


def _perplexity(model: Any, part: Part) -> float:
    return float(model.perplexity(part.X))


def _bits_per_char(model: Any, part: Part) -> float:
    return float(model.bits_per_char(part.X))


def _lower_bound(model: Any, part: Part) -> float:
    """Of the log probability of a row, nats, with codes drawn as in training."""
    return float(model.score(part.X))


MEASURES: dict[str, Callable[[Any, Part], float]] = {
    "accuracy": _accuracy,
    "node_accuracy": _node_accuracy,
    "r2": _r2,
    "rmse": _rmse,
    "loss": _loss,
    "perplexity": _perplexity,
    "bits_per_char": _bits_per_char,
    "log_likelihood": _log_likelihood,
    "lower_bound": _lower_bound,
    "reconstruction_error": _reconstruction_error,
}
"""Of a fitted model and a part of data, by name."""


def measured(model: Any, names: Sequence[str], part: Part) -> dict[str, float]:
    """Measure a model.

    Parameters
    ----------
    model : Model
        Fitted.
    names : sequence of str
        Of `MEASURES`.
    part : Part

    Returns
    -------
    dict of str to float
    """
    return {name: MEASURES[name](model, part) for name in names}
