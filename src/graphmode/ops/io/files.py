"""Whole files read and written by the graph."""

from __future__ import annotations

import glob
from pathlib import Path

from graphmode.framework import shape_rules
from graphmode.framework.errors import of_system
from graphmode.framework.op import op
from graphmode.ops.strings.each import as_array


def _scalars(op) -> None:
    for tensor in op.inputs:
        shape_rules.with_rank(tensor.dims, 0)


def _contents_shape(op):
    _scalars(op)
    return [()]


@op("ReadFile", "string -> contents: string", name="ReadFile", shape=_contents_shape, effect="host")
def read_file(filename):
    """The bytes of a file.

    Parameters
    ----------
    filename : Tensor, string scalar

    Returns
    -------
    Tensor, string scalar

    Raises
    ------
    NotFoundError
        When it runs, if there is no such file.
    OpError
        Of another class, if it cannot be read.

    Notes
    -----
    TF op ReadFile.
    """
    path = filename.item().decode()
    try:
        return as_array([Path(path).read_bytes()], ())
    except OSError as error:
        raise of_system(error, path) from error


def _written(op):
    _scalars(op)
    return []


@op("WriteFile", "string, string ->", name="WriteFile", shape=_written, effect="host")
def write_file(filename, contents):
    """Write a file, and the folders to it.

    Parameters
    ----------
    filename, contents : Tensor, string scalar

    Returns
    -------
    Operation

    Raises
    ------
    OpError
        When it runs, if the file cannot be written: PermissionDeniedError, for one.

    Notes
    -----
    TF op WriteFile.
    """
    path = filename.item().decode()
    try:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_bytes(contents.item())
    except OSError as error:
        raise of_system(error, path) from error
    return ()


def _matching_shape(op):
    dims = op.inputs[0].dims
    if dims is not None and len(dims) > 1:
        raise ValueError(f"Shape must be at most rank 1 but is rank {len(dims)}")
    return [(None,)]


@op(
    "MatchingFiles",
    "string -> filenames: string",
    name="MatchingFiles",
    shape=_matching_shape,
    effect="host",
)
def matching_files(pattern):
    """The files that match any pattern of `pattern`, a string scalar or vector, in order.

    Notes
    -----
    TF op MatchingFiles.
    """
    found: list[bytes] = []
    for one in pattern.ravel().tolist():
        found += sorted(name.encode() for name in glob.glob(one.decode()))  # noqa: PTH207
    return as_array(sorted(found), (len(found),))
