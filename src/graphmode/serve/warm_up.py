"""What a version computes before it answers, so that its first requests wait for no program."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.files.records import tf_record_iterator
from graphmode.framework import dtypes
from graphmode.framework.proto.reading import make_ndarray
from graphmode.platform import logging
from graphmode.saved_models.constants import DEFAULT_SERVING_SIGNATURE_DEF_KEY
from graphmode.serve.batching import power_of_two
from graphmode.serve.inference import examples_of
from graphmode.serve.messages import message
from graphmode.serve.saved_model import sample_rows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from graphmode.serve.signatures import Signature

REQUESTS = "assets.extra/tf_serving_warmup_requests"
_MOST_RUNS = 2000
_TIMED_RUNS = 20
_QUICK_SECONDS = 1e-4  # about what it costs to hand a batch to another thread and back
_MOST_SECONDS = 1.0


def warm_up(model: Any, folder: Path, max_batch: int) -> None:
    """Compute the requests that lie beside a model, and a batch of each size.

    A size is computed until the session has made a program of it; where none pays, it was worth
    little.

    Parameters
    ----------
    model : SavedModel or Network
    folder : Path
    max_batch : int

    Raises
    ------
    OpError, ValueError, KeyError
        If a request beside the model cannot be computed: the model is not what was meant.
    """
    first: dict[str, dict[str, np.ndarray]] = {}
    for name, feeds in recorded(folder):
        signature = model.signatures[name]
        signature.compute(feeds, list(signature.outputs))
        first.setdefault(name, feeds)
    for name, signature in model.signatures.items():
        if signature.takes_batches and max_batch > 1:
            _warm_up_batches(signature, model, first.get(name), max_batch)


def _warm_up_batches(
    signature: Signature, model: Any, recorded: dict[str, np.ndarray] | None, max_batch: int
) -> None:
    inputs = signature.inputs
    if recorded is None and any(None in (spec.shape or (None,))[1:] for spec in inputs.values()):
        return  # the sizes that will come are not known
    # Of texts the host makes most: no program is waited for.
    may_compile = not any(spec.dtype is dtypes.string for spec in inputs.values())
    stats = _session_of(model).stats()
    sizes = {power_of_two(n) for n in range(1, max_batch)} | {1, max_batch}
    for size in sorted(sizes, reverse=True):
        if recorded is None:
            feeds = {name: sample_rows(spec, size) for name, spec in inputs.items()}
        else:
            feeds = {name: np.repeat(array[:1], size, 0) for name, array in recorded.items()}
        until = time.monotonic() + _MOST_SECONDS
        compiled = stats.compiled
        for _ in range(_MOST_RUNS if may_compile else 1):
            signature.compute(feeds, list(signature.outputs))
            if stats.compiled > compiled or time.monotonic() > until:
                break
        if size == max_batch:
            signature.is_quick = _least_seconds(signature, feeds) < _QUICK_SECONDS
        may_compile = may_compile and stats.compiled > compiled  # smaller ones pay even less


def _least_seconds(signature: Signature, feeds: dict[str, np.ndarray]) -> float:
    """The shortest of a few runs."""
    least = float("inf")
    for _ in range(_TIMED_RUNS):
        start = time.perf_counter()
        signature.compute(feeds, list(signature.outputs))
        least = min(least, time.perf_counter() - start)
        if least > _MOST_SECONDS:
            break
    return least


def _session_of(model: Any) -> Any:
    return model.session if hasattr(model, "session") else model.model.session_


def recorded(folder: Path) -> Iterator[tuple[str, dict[str, np.ndarray]]]:
    """The requests that lie beside a SavedModel: the signature of each, and its inputs.

    Parameters
    ----------
    folder : Path

    Yields
    ------
    signature : str
    feeds : dict of str to array
    """
    path = folder / REQUESTS
    if not path.is_file():
        return
    log_class = message("PredictionLog")
    for record in tf_record_iterator(str(path)):
        log = log_class.FromString(record)
        kind = log.WhichOneof("log_type")
        if kind is None:
            logging.warning("serve: %s holds requests of a kind that is not computed", path)
            continue
        request = getattr(log, kind).request
        asked = request.tasks if kind == "multi_inference_log" else [request]
        for one in asked:
            name = one.model_spec.signature_name or DEFAULT_SERVING_SIGNATURE_DEF_KEY
            if kind == "predict_log":
                yield name, {key: make_ndarray(tensor) for key, tensor in one.inputs.items()}
            else:
                yield name, {"inputs": examples_of(request.input)}
