"""How far random operations with fixed seeds have drawn, beside a checkpoint: ``model-10.random``.

A training that goes on from a checkpoint draws what it would have drawn without the interruption.
TensorFlow begins its random numbers again, and knows nothing of the file.
"""

# pyright: reportPrivateUsage=false
from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any

from graphmode.files import systems
from graphmode.files.bundle import index_name
from graphmode.files.checksums import masked_crc32c
from graphmode.files.whole import write_whole
from graphmode.framework.errors import NotFoundError, OpError, of_system
from graphmode.platform import logging

if TYPE_CHECKING:
    from graphmode.framework.operation import Operation
    from graphmode.runtime.session import BaseSession

_MOST_STEPS_OF_AN_INITIALIZER = 64


def file_name(prefix: str) -> str:
    """The file of a checkpoint that says how far random operations have drawn."""
    return f"{prefix}.random"


def drawn(sess: BaseSession) -> dict[str, list[int]]:
    """How far random operations of a session have drawn: name -> both seeds, position.

    Those with seeds only, and none that only initialise variables: who initialises again wants the
    same values again.
    """
    state = sess._state
    with state.lock:
        positions = dict(state.positions)
    initializers = {variable.initializer for variable in sess.graph.variables.values()}
    return {
        op.name: [op.attrs["seed"], op.attrs["seed2"], position]
        for op, position in positions.items()
        if _has_seeds(op) and not _only_initializes(op, initializers)
    }


def write_drawn(prefix: str, positions: dict[str, list[int]]) -> None:
    """Write them beside a checkpoint, which is there; none if nothing is to be written.

    Raises
    ------
    OpError
        If the file cannot be written.
    """
    path = file_name(prefix)
    try:
        if positions:
            content = {"index": _checksum_of_index(prefix), "drawn": positions}
            write_whole(path, json.dumps(content).encode())
        else:
            with contextlib.suppress(NotFoundError):
                systems.remove(path)
    except OSError as error:
        raise of_system(error, path) from error


def resume_drawing(sess: BaseSession, prefix: str) -> None:
    """Have random operations that have drawn nothing yet go on from where a checkpoint was saved.

    Not those whose seeds are others now; nor if another program has saved the checkpoint again.
    """
    path = file_name(prefix)
    try:
        content = json.loads(systems.read_bytes(path))
        belongs = content["index"] == _checksum_of_index(prefix)
        found = {
            name: ([int(seed), int(seed2)], int(position))
            for name, (seed, seed2, position) in content["drawn"].items()
        }
    except NotFoundError:
        return
    except (OpError, ValueError, KeyError, TypeError, AttributeError) as error:
        logging.warning("%s is damaged; random numbers begin again: %s", path, error)
        return
    if not belongs:
        return
    state, graph = sess._state, sess.graph
    with state.lock:
        for op in graph.get_operations():
            if op.name in found and op not in state.positions:
                seeds, position = found[op.name]
                if [op.attrs.get("seed"), op.attrs.get("seed2")] == seeds:
                    state.positions[op] = position


def _checksum_of_index(prefix: str) -> int:
    return masked_crc32c(systems.read_bytes(index_name(prefix)))


def _has_seeds(op: Operation) -> bool:
    return bool(op.attrs.get("seed") or op.attrs.get("seed2"))


def _only_initializes(op: Operation, initializers: set[Any]) -> bool:
    """Whether all that is made of what `op` draws are initial values."""
    waiting = [op]
    seen = {op}
    while waiting:
        op = waiting.pop()
        if op in initializers:
            continue
        readers = [reader for tensor in op.outputs for reader in tensor.reader_ops]
        if not readers or len(seen) > _MOST_STEPS_OF_AN_INITIALIZER:
            return False
        for reader in readers:
            if reader not in seen:
                seen.add(reader)
                waiting.append(reader)
    return True
