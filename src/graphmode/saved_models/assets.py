"""Assets: files that a graph names in constants, such as vocabularies, and that go with it."""

from __future__ import annotations

import filecmp
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from graphmode.files.whole import write_whole
from graphmode.framework import dtypes
from graphmode.framework.errors import of_system
from graphmode.framework.inference import constant_value
from graphmode.framework.operation import Tensor
from graphmode.framework.proto.messages import protobuf
from graphmode.saved_models.constants import ASSETS_DIRECTORY, ASSETS_KEY

_TYPE_URL = "type.googleapis.com/tensorflow.AssetFileDef"


def packed_assets(tensors: Iterable[Tensor]) -> tuple[list[Any], dict[str, str]]:
    """What a meta graph says of assets.

    Parameters
    ----------
    tensors : list of Tensor, string, []
        Constants that hold paths.

    Returns
    -------
    packed : list of Any
        An `AssetFileDef` for each, as the collection `saved_model_assets` holds it.
    sources : dict of str to str
        Name in the folder of the model -> path. Two files of one name get names of their own.

    Raises
    ------
    TypeError
        If something is no constant string.
    ValueError
        If a path is empty.
    """
    from google.protobuf.any_pb2 import Any as AnyProto

    packed: list[Any] = []
    sources: dict[str, str] = {}
    for tensor in tensors:
        source = _path_in(tensor)
        name = _name_for(source, sources)
        sources[name] = source
        asset = protobuf("meta_graph").AssetFileDef(filename=name)
        asset.tensor_info.name = tensor.name
        packed.append(AnyProto(type_url=_TYPE_URL, value=asset.SerializeToString()))
    return packed, sources


def _path_in(tensor: Any) -> str:
    if not isinstance(tensor, Tensor):
        raise TypeError("Asset path tensor must be a Tensor.")
    if tensor.op.type != "Const":
        raise TypeError("Asset path tensor must be of type constant.")
    if tensor.dtype != dtypes.string:
        raise TypeError("Asset path tensor must be of dtype string.")
    value = constant_value(tensor)
    assert value is not None  # noqa: S101 - of a constant
    if value.size != 1:
        raise TypeError("Asset path tensor must be a scalar.")
    if not value.item():
        raise ValueError(f"Invalid asset filepath tensor {tensor}")
    return os.fsdecode(value.item())


def _name_for(source: str, taken: dict[str, str]) -> str:
    """The last part of the path, with a number if another file has that name."""
    name = candidate = Path(source).name
    n = 0
    while candidate in taken and not _same_file(source, taken[candidate]):
        n += 1
        candidate = f"{name}_{n}"
    return candidate


def _same_file(first: str, second: str) -> bool:
    try:
        return first == second or filecmp.cmp(first, second, shallow=False)
    except OSError as error:
        raise of_system(error) from error


def copy_assets(sources: dict[str, str], folder: str) -> Path:
    """Copy files into the assets of a model; those that are there stay.

    Parameters
    ----------
    sources : dict of str to str
        Name -> path.
    folder : str
        Of the model.

    Returns
    -------
    Path
        The folder of its assets.

    Raises
    ------
    OpError
        If a file cannot be read or written.
    """
    target = Path(folder) / ASSETS_DIRECTORY
    try:
        target.mkdir(parents=True, exist_ok=True)
        for name, source in sources.items():
            if not (target / name).exists():
                write_whole(target / name, Path(source).read_bytes())
    except OSError as error:
        raise of_system(error) from error
    return target


def asset_feeds(meta_graph_def: Any, folder: str, import_scope: str | None) -> dict[str, str]:
    """The tensors of a meta graph that name assets, and where these lie now.

    Parameters
    ----------
    meta_graph_def : MetaGraphDef
    folder : str
        Of the model.
    import_scope : str, optional

    Returns
    -------
    dict of str to str
        Name of the tensor -> path; feeds for the main op.
    """
    assets = list(meta_graph_def.asset_file_def)
    if not assets and ASSETS_KEY in meta_graph_def.collection_def:
        for packed in meta_graph_def.collection_def[ASSETS_KEY].any_list.value:
            assets.append(protobuf("meta_graph").AssetFileDef.FromString(packed.value))
    prefix = f"{import_scope}/" if import_scope else ""
    return {
        prefix + asset.tensor_info.name: str(
            Path(folder, ASSETS_DIRECTORY, Path(asset.filename).name)
        )
        for asset in assets
    }
