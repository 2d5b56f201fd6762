"""`Saver`: checkpoints of a session's variables, written and read by ops of the graph."""

# pyright: reportPrivateUsage=false
from __future__ import annotations

import os
import threading
import time
import uuid
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphmode.files import systems
from graphmode.framework import errors
from graphmode.framework.default_graph import (
    control_dependencies,
    device,
    name_scope,
)
from graphmode.framework.operation import Operation, Tensor
from graphmode.framework.proto.messages import protobuf
from graphmode.launch import lockstep
from graphmode.ops.array.constants import constant
from graphmode.ops.array.identities import identity
from graphmode.ops.array.joining import stack
from graphmode.ops.array.placeholders import placeholder_with_default
from graphmode.ops.control.grouping import group, with_dependencies
from graphmode.ops.io.checkpoints import (
    merge_v2_checkpoints,
    restore_v2,
    save_v2,
    sharded_filename,
)
from graphmode.ops.strings.joining import string_join
from graphmode.platform import logging
from graphmode.runtime.session import BaseSession
from graphmode.training.checkpoint_state import (
    checkpoint_exists,
    get_checkpoint_mtimes,
    meta_graph_filename,
    remove_checkpoint,
    update_checkpoint_state,
)
from graphmode.training.global_step import global_step as global_step_of
from graphmode.training.meta_graph import export_meta_graph
from graphmode.training.random_positions import drawn, resume_drawing, write_drawn
from graphmode.training.saveables import (
    SaveableObject,
    all_saveable_objects,
    saveables_of,
    shapes_to_restore,
)

if TYPE_CHECKING:
    from graphmode.framework.graph import Graph

V1, V2 = 1, 2
_CPU = "/device:CPU:0"


class Saver:
    """Saves variables to checkpoints and restores them.

    Parameters
    ----------
    var_list : list or dict, optional
        Variables; of a dict the names in the checkpoint. All that the graph says are to be saved
        if not given.
    reshape : bool
        Restore a tensor of another shape that has as many elements.
    sharded : bool
        Write a file for each device.
    max_to_keep : int or None
        How many checkpoints are kept; 0 or None for all.
    keep_checkpoint_every_n_hours : float
        Of those that would be removed, one for so many hours stays.
    name : str, optional
        The name scope of the ops; "save" if not given.
    restore_sequentially : bool
        Of no effect: one op reads everything.
    saver_def : SaverDef, optional
        In place of making ops: those of this definition, which the graph has already.
    builder : object, optional
        Refused: a saver makes its own ops.
    defer_build : bool
        Make the ops when `build` is called, or first needed.
    allow_empty : bool
        Accept that there is nothing to save.
    write_version : int
        Checkpoints of version 2 are written whatever is asked for.
    pad_step_number : bool
        Write step numbers with eight digits.
    save_relative_paths : bool
        Write paths in the file `checkpoint` relative to its folder.
    filename : str, optional
        The default of the file name that ops take.

    Raises
    ------
    ValueError
        If there is nothing to save, or two variables have one name.
    TypeError
        If something in `var_list` is no variable.
    NotImplementedError
        For `builder`.
    """

    def __init__(
        self,
        var_list: Any = None,
        reshape: bool = False,
        sharded: bool = False,
        max_to_keep: int | None = 5,
        keep_checkpoint_every_n_hours: float = 10000.0,
        name: str | None = None,
        restore_sequentially: bool = False,
        saver_def: Any = None,
        builder: Any = None,
        defer_build: bool = False,
        allow_empty: bool = False,
        write_version: Any = V2,
        pad_step_number: bool = False,
        save_relative_paths: bool = False,
        filename: str | None = None,
    ) -> None:
        if defer_build and var_list:
            raise ValueError(
                "If `var_list` is provided then build cannot be deferred. Either set "
                "defer_build=False or var_list=None."
            )
        if builder is not None:
            raise NotImplementedError("Saver(builder=...): a saver of graphmode makes its own ops")
        if write_version == V1:
            logging.warning(
                "Saver(write_version=1): a checkpoint of version 2 is written, which every "
                "TensorFlow since 0.12 reads."
            )
        self._var_list = var_list
        self._reshape, self._sharded = reshape, sharded
        self._max_to_keep = max_to_keep
        self._keep_checkpoint_every_n_hours = keep_checkpoint_every_n_hours
        self._name = name
        self._allow_empty = allow_empty
        self._pad_step_number = pad_step_number
        self._save_relative_paths = save_relative_paths
        self._filename = filename
        self._last_checkpoints: list[tuple[str, float]] = []
        self._checkpoints_to_be_deleted: list[tuple[str, float]] = []
        self._is_built = self._is_empty = False
        self._saving = threading.RLock()
        """Held while a checkpoint is saved: threads of one program save one after the other."""
        self.saver_def: Any = saver_def
        if saver_def is not None:
            _require_saver_def(saver_def)
            self._is_built = True
            self._keep_checkpoint_every_n_hours = saver_def.keep_checkpoint_every_n_hours
        elif not defer_build:
            self.build()
        self._next_checkpoint_time = time.time() + self._keep_checkpoint_every_n_hours * 3600

    # ---- the ops ------------------------------------------------------------------------------

    def build(self) -> None:
        """Make the ops, in the default graph; nothing if they are made.

        Raises
        ------
        ValueError
            If there is nothing to save.
        """
        if self._is_built:
            return
        self._is_built = True
        var_list = all_saveable_objects() if self._var_list is None else self._var_list
        if not var_list:
            if not self._allow_empty:
                raise ValueError("No variables to save")
            self._is_empty = True
            return
        self.saver_def = self._made(saveables_of(var_list))

    def _made(self, saveables: list[SaveableObject]) -> Any:
        made = protobuf("saver").SaverDef(
            max_to_keep=self._max_to_keep or 0,
            sharded=self._sharded,
            keep_checkpoint_every_n_hours=self._keep_checkpoint_every_n_hours,
            version=V2,
        )
        with name_scope(self._name, "save", [s.op for s in saveables]):
            filename = placeholder_with_default(
                self._filename or "model", shape=(), name="filename"
            )
            filename = placeholder_with_default(filename, shape=(), name="Const")
            if self._sharded:
                groups = _by_device(saveables)
                saved = self._sharded_save(filename, groups)
                restored = self._sharded_restore(filename, groups)
            else:
                saved = _saved(filename, saveables)
                saved = with_dependencies([saved], filename)
                restored = self._restored(filename, saveables, "restore_all")
        made.filename_tensor_name = filename.name
        made.save_tensor_name = saved.name
        made.restore_op_name = restored.name
        return made

    def _sharded_save(
        self, filename: Tensor, groups: list[tuple[str, list[SaveableObject]]]
    ) -> Tensor:
        """Each device writes a file of its own, aside; then they become one checkpoint."""
        aside = string_join([filename, constant(f"_temp_{uuid.uuid4().hex}/part")])
        n_shards = constant(len(groups), name="num_shards")
        prefixes: list[Tensor] = []
        saves: list[Operation] = []
        for shard, (where, saveables) in enumerate(groups):
            with device(where):
                name = sharded_filename(aside, shard, n_shards)
                saves.append(_saved(name, saveables))
                prefixes.append(name)
        with control_dependencies(saves):
            merged = merge_v2_checkpoints(stack(prefixes), filename, delete_old_dirs=True)
        with control_dependencies([merged]):
            return identity(filename)

    def _sharded_restore(
        self, filename: Tensor, groups: list[tuple[str, list[SaveableObject]]]
    ) -> Operation:
        shards: list[Operation] = []
        for where, saveables in groups:
            with device(where):
                shards.append(self._restored(filename, saveables, "restore_shard"))
        return group(*shards, name="restore_all")

    def _restored(self, filename: Tensor, saveables: list[SaveableObject], name: str) -> Operation:
        """The op that sets every saveable to what is in the checkpoint."""
        specs = [spec for saveable in saveables for spec in saveable.specs]
        with device(_CPU):
            tensors: Any = restore_v2(
                filename,
                [spec.name for spec in specs],
                [spec.slice_spec for spec in specs],
                dtypes=[spec.dtype for spec in specs],
            )
        assigned: list[Any] = []
        for saveable in saveables:
            n = len(saveable.specs)
            own, tensors = tensors[:n], tensors[n:]
            shapes = shapes_to_restore(saveable) if self._reshape else None
            assigned.append(saveable.restore(own, shapes))
        return group(*assigned, name=name)

    # ---- saving -------------------------------------------------------------------------------

    def save(
        self,
        sess: Any,
        save_path: Any,
        global_step: Any = None,
        latest_filename: str | None = None,
        meta_graph_suffix: str = "meta",
        write_meta_graph: bool = True,
        write_state: bool = True,
        strip_default_attrs: bool = False,
        save_debug_info: bool = False,
    ) -> str | None:
        """Write a checkpoint of the variables of a session.

        The checkpoint that is there under this name stays until the new one is whole.

        Parameters
        ----------
        sess : Session
        save_path : str
            What the files' names begin with.
        global_step : int, Tensor or Variable, optional
            Is put behind it, after a dash.
        latest_filename : str, optional
            Of the file that says which checkpoint is the newest; "checkpoint" if not given.
        meta_graph_suffix : str
        write_meta_graph : bool
            Write the graph, too, as ``save_path-10.meta``.
        write_state : bool
            Write the file that says which checkpoint is the newest, and remove old ones.
        strip_default_attrs, save_debug_info : bool
            Of no effect.

        Returns
        -------
        str or None
            The prefix of the checkpoint, for `restore`; None if there is nothing to save.

        Raises
        ------
        TypeError
            If `sess` is no session.
        ValueError
            If the folder is not there, or `latest_filename` is a path or the checkpoint's name.
        RuntimeError
            If its ops have not been made.
        OpError
            If a file cannot be written, or a variable has no value.
        """
        if not self._is_built:
            raise RuntimeError("`build()` should be called before save if defer_build==True")
        latest_filename = latest_filename or "checkpoint"
        if os.path.split(latest_filename)[0]:
            raise ValueError("'latest_filename' must not contain path components")
        if not isinstance(sess, BaseSession):
            raise TypeError(f"'sess' must be a Session; {sess}")
        checkpoint_file = self._checkpoint_file(sess, os.fsdecode(save_path), global_step)
        if global_step is None and Path(checkpoint_file).name == latest_filename:
            raise ValueError(
                f"'latest_filename' collides with 'save_path': '{latest_filename}' and "
                f"'{save_path}'"
            )
        folder = os.path.dirname(checkpoint_file)  # noqa: PTH120 - "" is not "."
        if self._is_empty:
            return None
        with self._saving:
            positions = drawn(sess)
            try:
                saved = sess.run(
                    self.saver_def.save_tensor_name,
                    {self.saver_def.filename_tensor_name: checkpoint_file},
                ).decode()
            except (errors.FailedPreconditionError, errors.NotFoundError):
                if folder and not systems.is_directory(folder):
                    raise ValueError(
                        f"Parent directory of {checkpoint_file} doesn't exist, can't save."
                    ) from None
                raise
            writes = lockstep.writes("checkpoints")
            if writes:
                write_drawn(saved, positions)
            if write_state:
                self._record(saved)
            if write_state and writes:
                update_checkpoint_state(
                    folder, saved, self.last_checkpoints, latest_filename,
                    save_relative_paths=self._save_relative_paths,
                )  # fmt: skip
                self._remove_one(meta_graph_suffix)
            if write_meta_graph and writes:
                self.export_meta_graph(
                    meta_graph_filename(checkpoint_file, meta_graph_suffix), graph=sess.graph
                )
            lockstep.meet(f"the checkpoint {Path(saved).name} is written")
            return saved

    def _checkpoint_file(self, sess: BaseSession, save_path: str, global_step: Any) -> str:
        if global_step is None:
            return save_path
        if not isinstance(global_step, int):
            global_step = (
                int(global_step)
                if not isinstance(global_step, Tensor) and hasattr(global_step, "__index__")
                else global_step_of(sess, global_step)
            )
        return f"{save_path}-{global_step:08d}" if self._pad_step_number else (
            f"{save_path}-{global_step}"
        )  # fmt: skip

    def _record(self, path: str) -> None:
        """Note the newest checkpoint, and which one is too many."""
        if not self.saver_def.max_to_keep:
            return
        self._last_checkpoints = [known for known in self._last_checkpoints if known[0] != path]
        self._last_checkpoints.append((path, time.time()))
        if len(self._last_checkpoints) > self.saver_def.max_to_keep:
            self._checkpoints_to_be_deleted.append(self._last_checkpoints.pop(0))

    def _remove_one(self, meta_graph_suffix: str) -> None:
        """Remove the checkpoint that is too many, unless it is the one that its hours keep."""
        if not self._checkpoints_to_be_deleted:
            return
        path, saved_at = self._checkpoints_to_be_deleted.pop(0)
        if saved_at > self._next_checkpoint_time:
            self._next_checkpoint_time += self.saver_def.keep_checkpoint_every_n_hours * 3600
            return
        try:
            remove_checkpoint(path, self.saver_def.version, meta_graph_suffix)
        except OSError as error:
            logging.warning("Ignoring: %s", error)

    @property
    def last_checkpoints(self) -> list[str]:
        """The prefixes of the checkpoints that are kept, the newest last."""
        return [path for path, _ in self._last_checkpoints]

    def set_last_checkpoints(self, last_checkpoints: Sequence[str]) -> None:
        """Set `last_checkpoints`: prefixes, the newest last, as if saved now."""
        self._last_checkpoints = [(path, time.time()) for path in last_checkpoints]

    def set_last_checkpoints_with_time(
        self, last_checkpoints_with_time: Sequence[tuple[str, float]]
    ) -> None:
        """Set `last_checkpoints` to `last_checkpoints_with_time`: (prefix, seconds since 1970)."""
        self._last_checkpoints = list(last_checkpoints_with_time)

    def recover_last_checkpoints(self, checkpoint_paths: Iterable[str]) -> None:
        """Take up, after a restart, the checkpoints of `checkpoint_paths` that are there."""
        paths = [path for path in checkpoint_paths if checkpoint_exists(path)]
        times = get_checkpoint_mtimes(paths)
        self._last_checkpoints = list(zip(paths, times, strict=True))

    # ---- restoring ----------------------------------------------------------------------------

    def restore(self, sess: Any, save_path: Any) -> None:
        """Set the variables of a session to what a checkpoint holds; they need no initializer.

        Random operations with fixed seeds that have drawn nothing yet in this session go on from
        where they were when it was saved.

        Parameters
        ----------
        sess : Session
        save_path : str
            A prefix that `save` gave, or `tf.train.latest_checkpoint`.

        Raises
        ------
        ValueError
            If there is no such checkpoint.
        NotFoundError
            If it lacks a variable.
        InvalidArgumentError
            If a variable has another shape or dtype. Nothing has been restored then.
        """
        if self._is_empty:
            return
        if save_path is None:
            raise ValueError("Can't load save_path when it is None.")
        prefix = os.fsdecode(save_path)
        if not checkpoint_exists(prefix):
            raise ValueError(f"The passed save_path is not a valid checkpoint: {prefix}")
        logging.info("Restoring parameters from %s", prefix)
        try:
            sess.run(self.saver_def.restore_op_name, {self.saver_def.filename_tensor_name: prefix})
        except errors.NotFoundError as error:
            raise errors.NotFoundError(
                error.node_def, error.op,
                "Restoring from checkpoint failed. This is most likely due to a Variable name or "
                "other graph key that is missing from the checkpoint. Please ensure that you have "
                f"not altered the graph expected based on the checkpoint. Original error:\n\n"
                f"{error.message}",
            ) from error  # fmt: skip
        except errors.InvalidArgumentError as error:
            raise errors.InvalidArgumentError(
                error.node_def, error.op,
                "Restoring from checkpoint failed. This is most likely due to a mismatch between "
                "the current graph and the graph from the checkpoint. Please ensure that you have "
                f"not altered the graph expected based on the checkpoint. Original error:\n\n"
                f"{error.message}",
            ) from error  # fmt: skip
        resume_drawing(sess, prefix)

    # ---- definitions --------------------------------------------------------------------------

    def as_saver_def(self) -> Any:
        """The `SaverDef` of this saver."""
        return self.saver_def

    def to_proto(self, export_scope: str | None = None) -> Any:
        """The `SaverDef` of this saver; None if its ops are outside of `export_scope`."""
        if export_scope is None:
            return self.saver_def
        prefix = f"{export_scope}/"
        if not self.saver_def.filename_tensor_name.startswith(prefix):
            return None
        made = protobuf("saver").SaverDef()
        made.CopyFrom(self.saver_def)
        for field in ("filename_tensor_name", "save_tensor_name", "restore_op_name"):
            setattr(made, field, getattr(made, field).removeprefix(prefix))
        return made

    @staticmethod
    def from_proto(saver_def: Any, import_scope: str | None = None) -> Saver:
        """The saver of a definition, whose ops are in the default graph.

        Parameters
        ----------
        saver_def : SaverDef
        import_scope : str, optional
            The name scope that they are below.

        Returns
        -------
        Saver
        """
        made = protobuf("saver").SaverDef()
        made.CopyFrom(saver_def)
        if import_scope:
            for field in ("filename_tensor_name", "save_tensor_name", "restore_op_name"):
                setattr(made, field, f"{import_scope}/{getattr(made, field)}")
        return Saver(saver_def=made, name=import_scope)

    def export_meta_graph(
        self,
        filename: str | None = None,
        collection_list: Iterable[str] | None = None,
        as_text: bool = False,
        export_scope: str | None = None,
        clear_devices: bool = False,
        clear_extraneous_savers: bool = False,
        strip_default_attrs: bool = False,
        save_debug_info: bool = False,
        *,
        graph: Graph | None = None,
    ) -> Any:
        """The graph with its collections and this saver, written if there is a file name.

        Parameters
        ----------
        filename : str, optional
        collection_list : list of str, optional
            All collections if not given.
        as_text : bool
            Write text.
        export_scope : str, optional
            The name scope that is written, without its name; all if not given.
        clear_devices : bool
            Leave out where ops are placed.
        clear_extraneous_savers : bool
            Leave out the ops of other savers.
        strip_default_attrs : bool
            Leave out attributes that are at their default.
        save_debug_info : bool
            Of no effect.
        graph : Graph, optional
            The default graph if not given.

        Returns
        -------
        MetaGraphDef
        """
        return export_meta_graph(
            filename, saver_def=None if self._is_empty else self.saver_def,
            collection_list=collection_list, as_text=as_text, graph=graph,
            export_scope=export_scope, clear_devices=clear_devices,
            clear_extraneous_savers=clear_extraneous_savers,
            strip_default_attrs=strip_default_attrs,
        )  # fmt: skip


def _saved(filename: Tensor, saveables: list[SaveableObject]) -> Operation:
    specs = [spec for saveable in saveables for spec in saveable.specs]
    return save_v2(
        filename,
        [spec.name for spec in specs],
        [spec.slice_spec for spec in specs],
        [spec.tensor for spec in specs],
    )


def _by_device(saveables: list[SaveableObject]) -> list[tuple[str, list[SaveableObject]]]:
    groups: dict[str, list[SaveableObject]] = {}
    for saveable in saveables:
        groups.setdefault(saveable.device, []).append(saveable)
    return sorted(groups.items())


def _require_saver_def(saver_def: Any) -> None:
    for field, what in (
        ("save_tensor_name", "save_tensor_name"),
        ("restore_op_name", "restore_op_name"),
    ):
        if not getattr(saver_def, field):
            raise ValueError(f"saver_def must specify {what}: {saver_def}")
