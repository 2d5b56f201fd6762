"""Whole files read and written by the graph."""

from __future__ import annotations

import os

from graphmode.files import systems
from graphmode.framework import shape_rules
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
    return as_array([systems.read_bytes(os.fsdecode(filename.item()))], ())


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
    path = os.fsdecode(filename.item())
    folder = path.rpartition("/")[0]
    if folder and not folder.endswith(":/"):
        systems.make_folders(folder)
    systems.write_bytes(path, contents.item())
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
    patterns = [os.fsdecode(one) for one in pattern.ravel().tolist()]
    found = sorted(os.fsencode(name) for one in patterns for name in systems.matching(one))
    return as_array(found, (len(found),))
