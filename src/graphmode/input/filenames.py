"""`tf.train.match_filenames_once`: names of files, looked up when variables are initialized."""

from __future__ import annotations

from typing import Any

from graphmode.framework.default_graph import GraphKeys, name_scope
from graphmode.ops.io.files import matching_files
from graphmode.variables.variable import Variable


def match_filenames_once(pattern: Any, name: str | None = None) -> Variable:
    """A local variable that holds the names of the files that match when it is initialized.

    Parameters
    ----------
    pattern : Tensor or str, string scalar or vector
        Patterns with ``*``, ``?`` and ``[...]``.

    Returns
    -------
    Variable, string vector
        In the collection `GraphKeys.LOCAL_VARIABLES`; in alphabetical order.
    """
    with name_scope(name, "matching_filenames", [pattern]) as scope:
        return Variable(
            matching_files(pattern),
            trainable=False,
            collections=[GraphKeys.LOCAL_VARIABLES],
            validate_shape=False,
            name=scope,
        )
