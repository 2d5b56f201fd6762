"""Checkpoints looked into, and variables that start with what one holds."""

# pyright: reportPrivateUsage=false
from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from graphmode.files import systems
from graphmode.files.checkpoint import CheckpointReader
from graphmode.framework.default_graph import GraphKeys, get_default_graph
from graphmode.ops.control.grouping import group
from graphmode.ops.io.checkpoints import restore_v2
from graphmode.ops.state.variable_ops import assign
from graphmode.platform import logging
from graphmode.training.checkpoint_state import latest_checkpoint
from graphmode.training.saver import Saver
from graphmode.variables.partitioned import PartitionedVariable
from graphmode.variables.variable import Variable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from graphmode.framework.operation import Operation

_MAPPING: type[Any] = Mapping
_SEQUENCES: tuple[type[Any], ...] = (list, tuple)


def load_checkpoint(ckpt_dir_or_file: Any) -> CheckpointReader:
    """What the newest checkpoint of a folder, or one of a prefix, holds.

    Parameters
    ----------
    ckpt_dir_or_file : str or path

    Returns
    -------
    CheckpointReader

    Raises
    ------
    ValueError
        If the folder has no checkpoint.
    NotFoundError
        If there is none of this prefix.
    """
    return CheckpointReader(_prefix(ckpt_dir_or_file))


def _prefix(ckpt_dir_or_file: Any) -> str:
    name = os.fsdecode(ckpt_dir_or_file)
    if not systems.is_directory(name):
        return name
    newest = latest_checkpoint(name)
    if newest is None:
        raise ValueError(
            f"Couldn't find 'checkpoint' file or checkpoints in given directory {ckpt_dir_or_file}"
        )
    return newest


def load_variable(ckpt_dir_or_file: Any, name: str) -> NDArray[Any]:
    """The value of one tensor of a checkpoint.

    Parameters
    ----------
    ckpt_dir_or_file : str or path
        A folder, of which the newest counts, or a prefix.
    name : str

    Raises
    ------
    NotFoundError
        If there is none of this name.
    """
    return load_checkpoint(ckpt_dir_or_file).get_tensor(name.removesuffix(":0"))


def list_variables(ckpt_dir_or_file: Any) -> list[tuple[str, list[int]]]:
    """(name, shape) of each tensor of a checkpoint, sorted by name.

    Parameters
    ----------
    ckpt_dir_or_file : str or path
        A folder, of which the newest counts, or a prefix.
    """
    return list(load_checkpoint(ckpt_dir_or_file).get_variable_to_shape_map().items())


# ---- variables that start with what a checkpoint holds -------------------------------------------


def init_from_checkpoint(ckpt_dir_or_file: Any, assignment_map: Any) -> None:
    """Have variables start with what a checkpoint holds: their initializers read it.

    Parameters
    ----------
    ckpt_dir_or_file : str or path
        A folder, of which the newest counts, or a prefix.
    assignment_map : dict
        Name in the checkpoint -> variable, list of the parts of one, or name of a variable; or
        scope in the checkpoint ("/" or "a/") -> scope of the graph, for all variables in it.

    Raises
    ------
    ValueError
        If a tensor is not in the checkpoint, a variable not in the graph, or shapes differ.
    """
    prefix = _prefix(ckpt_dir_or_file)
    reader = CheckpointReader(prefix)
    shapes = reader.get_variable_to_shape_map()
    for source, target in sorted(assignment_map.items(), key=lambda pair: str(pair[0])):
        for name, parts in _pairs(source, target, shapes, ckpt_dir_or_file):
            for part in parts:
                _start_from(part, name, prefix, shapes)


def _pairs(
    source: str, target: Any, shapes: dict[str, list[int]], where: Any
) -> list[tuple[str, list[Variable]]]:
    """Names in the checkpoint, each with the variable, or the parts of one, that it is for."""
    found = _parts(target)
    if found is None and not str(target).endswith("/"):
        found = _variables_of_graph().get(str(target))
        if found is None:
            raise ValueError(f"there is no variable {target} in the graph")
    if found is not None:
        if source not in shapes:
            raise ValueError(f"Tensor {source} is not found in {where} checkpoint {shapes}")
        return [(source, found)]
    if not source.endswith("/"):
        raise ValueError(
            f"Assignment map with scope only name {target} should map to scope only {source}. "
            "Should be 'scope/': 'other_scope/'."
        )
    of_scope = source if source != "/" else ""
    to_scope = target if target != "/" else ""
    result: list[tuple[str, list[Variable]]] = []
    for name, parts in _variables_of_graph().items():
        if name.startswith(to_scope):
            wanted = of_scope + name[len(to_scope) :]
            if wanted not in shapes:
                raise ValueError(
                    f"Tensor {wanted} ({name} in {target}) is not found in {where} checkpoint"
                )
            result.append((wanted, parts))
    return result


def _parts(target: Any) -> list[Variable] | None:
    if isinstance(target, Variable):
        return [target]
    if isinstance(target, (*_SEQUENCES, PartitionedVariable)):
        return list(target)
    return None


def _variables_of_graph() -> dict[str, list[Variable]]:
    """Those that `get_variable` made, and all others, by name; of a partitioned one all parts."""
    found: dict[str, list[Variable]] = {}
    for variable in get_default_graph().get_collection(GraphKeys.GLOBAL_VARIABLES):
        info = variable._get_save_slice_info()
        name = variable.op.name if info is None else info.full_name
        found.setdefault(name, []).append(variable)
    return found


def _start_from(variable: Variable, name: str, prefix: str, shapes: dict[str, list[int]]) -> None:
    info = variable._get_save_slice_info()
    full = list(info.full_shape) if info is not None else variable.get_shape().as_list()
    if full != shapes[name]:
        raise ValueError(
            f"Shape of variable {variable.op.name} ({variable.get_shape()}) doesn't match with "
            f"shape of checkpoint tensor {name} ({shapes[name]})."
        )
    spec = "" if info is None else info.spec
    dtype = variable.dtype.base_dtype
    (value,) = restore_v2(prefix, [name], [spec], dtypes=[dtype], name="checkpoint_initializer")
    variable._initializer = assign(variable, value, name=f"{variable.op.name}/restore").op


# ---- tf.contrib.framework ------------------------------------------------------------------------


def assign_from_checkpoint(
    model_path: Any, var_list: Any, ignore_missing_vars: bool = False
) -> tuple[Operation, dict[Any, Any]]:
    """The op, and what to feed it, that sets variables to what a checkpoint holds.

    Parameters
    ----------
    model_path : str
    var_list : list of Variable, or dict of name in the checkpoint to Variable or list of parts
    ignore_missing_vars : bool
        Leave out, with a warning, what the checkpoint has not.

    Returns
    -------
    (Operation, dict)
        The second is empty: the op reads the file.

    Raises
    ------
    ValueError
        If a shape differs, or the checkpoint lacks a variable.
    """
    prefix = _prefix(model_path)
    shapes = CheckpointReader(prefix).get_variable_to_shape_map()
    named: Any = (
        var_list
        if isinstance(var_list, _MAPPING)
        else {name: parts for v in var_list for name, parts in [(_full_name(v), v)]}
    )
    assigned: list[Any] = []
    for name, target in named.items():
        if name not in shapes:
            if not ignore_missing_vars:
                raise ValueError(
                    f"Checkpoint is missing variable [{name}]; it has: {', '.join(shapes)}"
                )
            logging.warning("Variable %s missing in checkpoint %s", name, model_path)
            continue
        for part in _parts(target) or []:
            info = part._get_save_slice_info()
            full = list(info.full_shape) if info is not None else part.get_shape().as_list()
            if full != shapes[name]:
                raise ValueError(
                    f"Total size of new array must be unchanged for {name} lh_shape: "
                    f"[{tuple(shapes[name])}], rh_shape: [{tuple(full)}]"
                )
            spec = "" if info is None else info.spec
            (value,) = restore_v2(prefix, [name], [spec], dtypes=[part.dtype.base_dtype])
            assigned.append(assign(part, value))
    return group(*assigned), {}


def _full_name(variable: Any) -> str:
    info = getattr(variable, "_save_slice_info", None)
    if info is not None:
        return info.full_name
    return variable.name if isinstance(variable, PartitionedVariable) else variable.op.name


def assign_from_checkpoint_fn(
    model_path: Any,
    var_list: Any,
    ignore_missing_vars: bool = False,
    reshape_variables: bool = False,
) -> Callable[[Any], None] | None:
    """A function of a session that sets variables to what a checkpoint holds.

    Parameters
    ----------
    model_path : str
    var_list : list of Variable, or dict of name in the checkpoint to Variable
    ignore_missing_vars : bool
        Leave out, with a warning, what the checkpoint has not.
    reshape_variables : bool
        Accept another shape of as many elements.

    Returns
    -------
    function, or None if there is nothing to restore

    Raises
    ------
    ValueError
        If `var_list` is empty.
    """
    if not var_list:
        raise ValueError("var_list cannot be empty")
    if ignore_missing_vars:
        shapes = CheckpointReader(_prefix(model_path)).get_variable_to_shape_map()
        named: Any = (
            var_list if isinstance(var_list, _MAPPING) else {_full_name(v): v for v in var_list}
        )
        kept = {name: v for name, v in named.items() if name in shapes}
        for name in named.keys() - kept.keys():
            logging.warning("Variable %s missing in checkpoint %s", name, model_path)
        var_list = kept
    if not var_list:
        logging.warning("No Variables to restore")
        return None
    saver = Saver(var_list, reshape=reshape_variables)

    def restore(session: Any) -> None:
        saver.restore(session, _prefix(model_path))

    return restore
