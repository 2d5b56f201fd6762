"""`graphmode saved-model`: what a SavedModel takes and gives, and what it computes."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer

from graphmode._addresses.late import late
from graphmode.cli.refusal import refused
from graphmode.framework.dtypes import as_dtype
from graphmode.framework.errors import OpError
from graphmode.framework.shapes import TensorShape
from graphmode.saved_models.constants import DEFAULT_SERVING_SIGNATURE_DEF_KEY, SERVING
from graphmode.saved_models.messages import read_saved_model
from graphmode.saved_models.signatures import signature_of, tensor_names

if TYPE_CHECKING:
    from graphmode.saved_models.predictor import Predictor

_get_meta_graph_def = late("graphmode.saved_models.loader", "get_meta_graph_def")
_from_saved_model = late("graphmode.saved_models.predictor", "from_saved_model")

app = typer.Typer(help="Look into SavedModels, and run them.", no_args_is_help=True)

Folder = Annotated[str, typer.Argument(help="The folder with saved_model.pb.")]
Tags = Annotated[str | None, typer.Option("--tag-set", help="With commas between them.")]
Signature = Annotated[str | None, typer.Option("--signature-def", help="The name of a signature.")]


@app.command()
def show(folder: Folder, tag_set: Tags = None, signature_def: Signature = None) -> None:
    """Print the graphs of a SavedModel by their tags, and the signatures of each."""
    try:
        graphs = (
            read_saved_model(folder).meta_graphs
            if tag_set is None
            else [_get_meta_graph_def(folder, tag_set)]
        )
        for graph in graphs:
            shown = (
                sorted(key for key in graph.signature_def if not key.startswith("__"))
                if signature_def is None
                else [signature_def]
            )
            version = graph.meta_info_def.tensorflow_version
            typer.echo(
                f"{', '.join(graph.meta_info_def.tags) or 'no tags'}: "
                f"{len(graph.graph_def.node)} nodes, TensorFlow {version or 'unknown'}"
            )
            for key in shown:
                _show_signature(key, signature_of(graph, key))
    except (OpError, ValueError, RuntimeError) as error:
        raise refused("saved-model", error) from None


def _show_signature(key: str, signature: Any) -> None:
    typer.echo(f"  {key}" + (f" ({signature.method_name})" if signature.method_name else ""))
    rows = [("input", *row) for row in _described(signature.inputs)]
    rows += [("output", *row) for row in _described(signature.outputs)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        typer.echo(f"    {'  '.join(cells)}".rstrip())


def _described(infos: Any) -> Iterable[tuple[str, str, str, str]]:
    for key in sorted(infos):
        info = infos[key]
        dtype = as_dtype(info.dtype).base_dtype.name if info.dtype else "?"
        yield key, dtype, str(TensorShape(info.tensor_shape)), ", ".join(tensor_names(info))


@app.command()
def run(
    folder: Folder,
    tag_set: Tags = SERVING,
    signature_def: Signature = DEFAULT_SERVING_SIGNATURE_DEF_KEY,
    inputs: Annotated[
        list[str] | None,
        typer.Option(
            "--inputs", help="KEY=FILE.npy, or KEY=FILE.npz[ARRAY]; for each input that has a file."
        ),
    ] = None,
    input_exprs: Annotated[
        list[str] | None,
        typer.Option("--input-exprs", help="KEY=NUMBERS, for instance 'x=[[1, 2]]'."),
    ] = None,
    outdir: Annotated[
        Path | None, typer.Option(file_okay=False, help="Write each output here, as KEY.npy.")
    ] = None,
    overwrite: Annotated[bool, typer.Option(help="Write over files that are there.")] = False,
) -> None:
    """Compute the outputs of a signature and print them."""
    try:
        feeds = {key: _array_in(file) for key, file in _pairs(inputs or [])}
        feeds |= {key: _literal(key, text) for key, text in _pairs(input_exprs or [])}
        model = _from_saved_model(folder, signature_def_key=signature_def, tags=tag_set)
        _require_inputs(model, feeds)
        results = model(feeds)
        for key, value in results.items():
            typer.echo(f"Result for output key {key}:\n{value}")
            if outdir is not None:
                typer.echo(f"Output {key} is saved to {_written(outdir, key, value, overwrite)}")
    except (OpError, ValueError, RuntimeError, OSError) as error:
        raise refused("saved-model", error) from None


def _pairs(options: list[str]) -> Iterable[tuple[str, str]]:
    """The parts of KEY=VALUE;KEY=VALUE, as TensorFlow's command takes them."""
    for text in (part for option in options for part in option.split(";") if part):
        key, equals, value = text.partition("=")
        if not equals or not key:
            raise ValueError(f"{text!r} is not of the form KEY=VALUE")
        yield key.strip(), value.strip()


def _array_in(text: str) -> Any:
    """The array of a file.npy, or of a file.npz[name]. A pickle is not read."""
    path, bracket, name = text.partition("[")
    loaded: Any = np.load(path, allow_pickle=False)
    names = getattr(loaded, "files", None)
    if names is None:  # a file.npy
        return loaded
    name = name.rstrip("]") if bracket else names[0]
    if name not in names or (not bracket and len(names) > 1):
        raise ValueError(f"say which array of {path}: {path}[NAME], one of {', '.join(names)}")
    return loaded[name]


def _literal(key: str, text: str) -> Any:
    try:
        return np.asarray(ast.literal_eval(text))
    except (ValueError, SyntaxError):
        raise ValueError(
            f"--input-exprs {key}={text}: numbers, texts and lists of them, for instance "
            f"'{key}=[[1.0, 2.0]]'. For anything larger, save it with np.save and say --inputs."
        ) from None


def _require_inputs(model: Predictor, feeds: dict[str, Any]) -> None:
    missing = sorted(set(model.feed_tensors) - set(feeds))
    if missing and not all(
        tensor.op.type == "PlaceholderWithDefault"
        for key, tensor in model.feed_tensors.items()
        if key in missing
    ):
        raise ValueError(f"no value for the input {', '.join(missing)}: say --inputs KEY=FILE.npy")


def _written(folder: Path, key: str, value: Any, overwrite: bool) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{key}.npy"
    if path.exists() and not overwrite:
        raise ValueError(f"{path} is there: say --overwrite, or another folder")
    np.save(path, value, allow_pickle=False)
    return path
