"""`SavedModelBuilder` and `simple_save`: write SavedModels."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from graphmode.framework.default_graph import add_to_collection, get_collection
from graphmode.framework.errors import of_system
from graphmode.framework.operation import Operation, Tensor
from graphmode.graph_io.message_files import write_message
from graphmode.platform import logging
from graphmode.saved_models import constants as names
from graphmode.saved_models.assets import copy_assets, packed_assets
from graphmode.saved_models.messages import saved_model_class
from graphmode.saved_models.signatures import predict_signature_def
from graphmode.training.saveables import all_saveable_objects
from graphmode.training.saver import Saver
from graphmode.variables.collections import GraphKeys


class SavedModelBuilder:
    """Writes a SavedModel: one or more graphs that share variables and files.

    The first graph comes with the variables (`add_meta_graph_and_variables`), others with their
    tags alone (`add_meta_graph`); `save` then writes the model.

    Parameters
    ----------
    export_dir : str
        A folder that is empty or not there yet.

    Raises
    ------
    AssertionError
        If there is something in the folder.
    OpError
        If the folder cannot be made.
    """

    def __init__(self, export_dir: Any) -> None:
        self._export_dir = os.fsdecode(export_dir)
        self._saved_model = saved_model_class()(
            saved_model_schema_version=names.SAVED_MODEL_SCHEMA_VERSION
        )
        self._has_saved_variables = False
        folder = Path(self._export_dir)
        try:
            if folder.exists() and any(folder.iterdir()):
                raise AssertionError(
                    "Export directory already exists, and isn't empty. Please choose a different "
                    "export directory, or delete all the contents of the specified directory: "
                    f"{self._export_dir}"
                )
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise of_system(error) from error

    def add_meta_graph_and_variables(
        self,
        sess: Any,
        tags: Iterable[str],
        signature_def_map: Mapping[str, Any] | None = None,
        assets_collection: Iterable[Tensor] | None = None,
        legacy_init_op: Operation | None = None,
        clear_devices: bool = False,
        main_op: Operation | None = None,
        strip_default_attrs: bool = False,
        saver: Saver | None = None,
    ) -> None:
        """Add the default graph, and write the variables of a session.

        Parameters
        ----------
        sess : Session
        tags : list of str
            What the graph is for; a loader names them: ``[tf.saved_model.tag_constants.SERVING]``.
        signature_def_map : dict of str to SignatureDef, optional
        assets_collection : list of Tensor, string, [], optional
            Constants that hold paths of files, which are copied into the model.
        legacy_init_op : Operation, optional
            The old name of `main_op`.
        clear_devices : bool
            Leave out where ops are placed.
        main_op : Operation, optional
            Is run once the model is loaded and its variables are restored.
        strip_default_attrs : bool
            Leave out attributes that have their default value.
        saver : Saver, optional
            In place of a new one of all variables.

        Raises
        ------
        AssertionError
            If variables have been added already, or a TensorInfo is incomplete.
        TypeError
            If `main_op` is no operation, or an asset no constant string.
        ValueError
            If the graph has a main op already.
        OpError
            If a variable has no value, or a file cannot be written.
        """
        if self._has_saved_variables:
            raise AssertionError(
                "Graph state including variables and assets has already been saved. Please invoke "
                "`add_meta_graph()` instead."
            )
        _require_complete(signature_def_map or {})
        self._collect(assets_collection, legacy_init_op if main_op is None else main_op)
        folder = Path(self._export_dir, names.VARIABLES_DIRECTORY)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise of_system(error) from error
        saver = saver or _saver_of_all()
        saver.save(
            sess, str(folder / names.VARIABLES_FILENAME), write_meta_graph=False, write_state=False
        )
        self._add(tags, signature_def_map, saver, clear_devices, strip_default_attrs)
        self._has_saved_variables = True

    def add_meta_graph(
        self,
        tags: Iterable[str],
        signature_def_map: Mapping[str, Any] | None = None,
        assets_collection: Iterable[Tensor] | None = None,
        legacy_init_op: Operation | None = None,
        clear_devices: bool = False,
        main_op: Operation | None = None,
        strip_default_attrs: bool = False,
        saver: Saver | None = None,
    ) -> None:
        """Add the default graph, which takes its variables from those that are written.

        Parameters
        ----------
        tags : list of str
        signature_def_map : dict of str to SignatureDef, optional
        assets_collection : list of Tensor, string, [], optional
        legacy_init_op : Operation, optional
        clear_devices : bool
        main_op : Operation, optional
        strip_default_attrs : bool
        saver : Saver, optional
            As those of `add_meta_graph_and_variables`.

        Raises
        ------
        AssertionError
            If no variables have been written yet, or a TensorInfo is incomplete.
        TypeError
            If `main_op` is no operation, or an asset no constant string.
        ValueError
            If the graph has a main op already.
        """
        if not self._has_saved_variables:
            raise AssertionError(
                "Graph state including variables and assets has not been saved yet. Please invoke "
                "`add_meta_graph_and_variables()` first."
            )
        _require_complete(signature_def_map or {})
        self._collect(assets_collection, legacy_init_op if main_op is None else main_op)
        self._add(
            tags, signature_def_map, saver or _saver_of_all(), clear_devices, strip_default_attrs
        )

    def save(self, as_text: bool = False) -> bytes:
        """Write the model's message; until then the folder holds no model.

        Parameters
        ----------
        as_text : bool
            Write saved_model.pbtxt in place of saved_model.pb.

        Returns
        -------
        bytes
            The path of the file.

        Raises
        ------
        OpError
            If it cannot be written.
        """
        name = names.SAVED_MODEL_FILENAME_PBTXT if as_text else names.SAVED_MODEL_FILENAME_PB
        path = os.path.join(self._export_dir, name)  # noqa: PTH118 - as the user wrote the folder
        write_message(self._saved_model, path, as_text)
        logging.info("SavedModel written to: %s", path)
        return os.fsencode(path)

    def _collect(self, assets: Iterable[Tensor] | None, main_op: Any) -> None:
        """Note assets and the main op in the graph; copy the assets."""
        packed, sources = packed_assets(assets or ())
        if main_op is not None:
            if not isinstance(main_op, Operation):
                raise TypeError(f"main_op needs to be an Operation: {main_op!r}")
            for key in (names.MAIN_OP_KEY, names.LEGACY_INIT_OP_KEY):
                if get_collection(key):
                    raise ValueError(
                        f"Graph already contains one or more main ops under the collection {key}."
                    )
        if sources:
            logging.info("Assets added to graph.")
            logging.info("Assets written to: %s", copy_assets(sources, self._export_dir))
        else:
            logging.info("No assets to save." if assets is None else "Assets added to graph.")
            logging.info("No assets to write.")
        for asset in packed:
            add_to_collection(names.ASSETS_KEY, asset)
        if main_op is not None:
            add_to_collection(names.MAIN_OP_KEY, main_op)

    def _add(
        self,
        tags: Iterable[str],
        signatures: Mapping[str, Any] | None,
        saver: Saver,
        clear_devices: bool,
        strip_default_attrs: bool,
    ) -> None:
        meta_graph = saver.export_meta_graph(
            clear_devices=clear_devices, strip_default_attrs=strip_default_attrs
        )
        meta_graph.meta_info_def.tags.extend(tags)
        for key, signature in (signatures or {}).items():
            meta_graph.signature_def[key].CopyFrom(signature)
        self._saved_model.meta_graphs.add().CopyFrom(meta_graph)


def _saver_of_all() -> Saver:
    return Saver(all_saveable_objects(), sharded=True, allow_empty=True)


def _require_complete(signatures: Mapping[str, Any]) -> None:
    """Refuse signatures that leave out what a tensor is."""
    for signature in signatures.values():
        for info in (*signature.inputs.values(), *signature.outputs.values()):
            if info.WhichOneof("encoding") is None:
                raise AssertionError(
                    "All TensorInfo protos used in the SignatureDefs must have one of the "
                    f"'encoding' fields (e.g., name or coo_sparse) set: {info}"
                )
            if not info.dtype:
                raise AssertionError(
                    "All TensorInfo protos used in the SignatureDefs must have the dtype field "
                    f"set: {info}"
                )
    if names.INIT_OP_SIGNATURE_KEY in signatures:
        raise KeyError(
            f'SignatureDef map key "{names.INIT_OP_SIGNATURE_KEY}" is reserved for '
            "initialization. Please use a different key."
        )


def simple_save(
    session: Any,
    export_dir: Any,
    inputs: Mapping[str, Any],
    outputs: Mapping[str, Any],
    legacy_init_op: Operation | None = None,
) -> None:
    """Write a SavedModel for serving.

    Its tag is ``serve``, its signature ``serving_default``; the files that the collection
    `ASSET_FILEPATHS` names go with it.

    Parameters
    ----------
    session : Session
    export_dir : str
        A folder that is empty or not there yet.
    inputs, outputs : dict of str to Tensor or SparseTensor, of any dtype and shape
    legacy_init_op : Operation, optional
        Is run once the model is loaded.

    Raises
    ------
    AssertionError
        If there is something in the folder.
    ValueError
        If there is no input or no output.
    OpError
        If a variable has no value, or a file cannot be written.
    """
    signature = predict_signature_def(inputs, outputs)
    builder = SavedModelBuilder(export_dir)
    builder.add_meta_graph_and_variables(
        session,
        tags=[names.SERVING],
        signature_def_map={names.DEFAULT_SERVING_SIGNATURE_DEF_KEY: signature},
        assets_collection=get_collection(GraphKeys.ASSET_FILEPATHS),
        main_op=legacy_init_op,
        clear_devices=True,
    )
    builder.save()
