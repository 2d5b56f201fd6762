"""`graphmode export`: a trained graph in a folder, written for another system."""

import ast
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from graphmode._addresses.late import late
from graphmode.cli.refusal import refused
from graphmode.deploy.exporting import ENDINGS, checked_target, write
from graphmode.framework.errors import OpError

_opened = late("graphmode.deploy.trained", "opened")


def export(
    source: Annotated[
        str,
        typer.Argument(
            help="A SavedModel, a model that graphmode trained, or a checkpoint with its .meta.",
            show_default=False,
        ),
    ],
    to: Annotated[str, typer.Option("--to", help=f"One of {', '.join(ENDINGS)}.")],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Where to; beside SOURCE if not given.")
    ] = None,
    signature: Annotated[
        str | None, typer.Option("--signature", help="Of a SavedModel; serving_default by default.")
    ] = None,
    tag_set: Annotated[
        str | None, typer.Option("--tag-set", help="Of a SavedModel, with commas between them.")
    ] = None,
    inputs: Annotated[
        list[str] | None,
        typer.Option("--input", help="NAME=TENSOR or TENSOR, in place of a signature."),
    ] = None,
    outputs: Annotated[
        list[str] | None,
        typer.Option("--output", help="NAME=TENSOR or TENSOR, in place of a signature."),
    ] = None,
    constant: Annotated[
        list[str] | None,
        typer.Option("--constant", help="TENSOR=NUMBER, of a placeholder: keep_prob=1.0."),
    ] = None,
    batch: Annotated[
        int | None, typer.Option(min=1, help="The number of rows that go in; any by default.")
    ] = None,
    shape: Annotated[
        list[str] | None,
        typer.Option("--shape", help="INPUT=LENGTHS where others than the first are open: x=1,20."),
    ] = None,
    overwrite: Annotated[bool, typer.Option(help="Write over what is there.")] = False,
) -> None:
    """Write what a trained graph computes in the format of another system."""
    name = Path(source).expanduser().resolve()
    default = name.with_name(name.name.removesuffix(".meta") + ENDINGS.get(to, ""))
    try:
        target = checked_target(out or default, to, overwrite)
        with _opened(
            source, signature, tag_set, _named(inputs), _named(outputs), _constants(constant)
        ) as trained:
            trained.fix_shapes(_shapes(shape))
            write(trained, target, to, batch)
            for kind, tensors in (("input", trained.inputs), ("output", trained.outputs)):
                for key, tensor in tensors.items():
                    dtype = tensor.dtype.base_dtype.name
                    typer.echo(f"{kind:6}  {key}  {dtype}  {tensor.shape}  {tensor.name}")
    except (OpError, ValueError, RuntimeError, OSError, ImportError) as error:
        raise refused("export", error) from None
    typer.echo(f"{to} is written to {target}")


def _named(options: Iterable[str] | None) -> dict[str, str] | None:
    """NAME=TENSOR by name; what is TENSOR alone is called as its op."""
    if not options:
        return None
    named: dict[str, str] = {}
    for text in options:
        name, equals, tensor = text.partition("=")
        named[name if equals else text.partition(":")[0]] = tensor if equals else text
    return named


def _constants(options: Iterable[str] | None) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for text in options or ():
        name, equals, value = text.partition("=")
        try:
            if not equals:
                raise ValueError
            values[name] = ast.literal_eval(value)
        except (ValueError, SyntaxError):
            raise ValueError(
                f"--constant {text}: TENSOR=NUMBER, for instance keep_prob=1.0"
            ) from None
    return values


def _shapes(options: Iterable[str] | None) -> dict[str, list[int | None]]:
    shapes: dict[str, list[int | None]] = {}
    for text in options or ():
        name, equals, lengths = text.partition("=")
        try:
            if not equals:
                raise ValueError
            shapes[name] = [
                None if length.strip() in ("?", "None") else int(length)
                for length in (lengths.split(",") if lengths.strip() else ())
            ]
        except ValueError:
            raise ValueError(f"--shape {text}: INPUT=LENGTHS, for instance x=1,20") from None
    return shapes
