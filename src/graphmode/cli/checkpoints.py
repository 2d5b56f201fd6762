"""`graphmode checkpoint`: what a checkpoint holds, and how two differ."""

from typing import Annotated

import numpy as np
import typer

from graphmode._addresses.late import late
from graphmode.cli.refusal import refused
from graphmode.framework.errors import OpError

_load_checkpoint = late("graphmode.training.checkpoint_utils", "load_checkpoint")

app = typer.Typer(help="Look into checkpoints.", no_args_is_help=True)

Checkpoint = Annotated[
    str, typer.Argument(help="A folder, of which the newest counts, or a prefix such as model-10.")
]


def _opened(path: str):
    try:
        return _load_checkpoint(path)
    except (OpError, ValueError) as error:
        raise refused("checkpoint", error) from None


@app.command("ls")
def list_tensors(path: Checkpoint) -> None:
    """Print name, dtype and shape of each tensor, and their size."""
    reader = _opened(path)
    shapes, dtypes = reader.get_variable_to_shape_map(), reader.get_variable_to_dtype_map()
    width = max(map(len, shapes), default=0)
    n_elements = n_bytes = 0
    for name, shape in shapes.items():
        size = int(np.prod(shape, dtype=object))
        n_elements += size
        n_bytes += size * dtypes[name].size
        typer.echo(f"{name:<{width}}  {dtypes[name].name:<9} {shape}")
    typer.echo(f"{len(shapes)} tensors, {n_elements:,} elements, {n_bytes / 1e6:.1f} MB")


@app.command()
def show(path: Checkpoint, names: Annotated[list[str], typer.Argument(help="Tensors.")]) -> None:
    """Print the values of tensors."""
    reader = _opened(path)
    for name in names:
        try:
            value = reader.get_tensor(name)
        except OpError as error:
            raise refused("checkpoint", error) from None
        typer.echo(f"{name}  {value.dtype} {list(value.shape)}\n{value}")


@app.command()
def diff(first: Checkpoint, second: Checkpoint) -> None:
    """Print what one checkpoint has and the other has not, and what differs in value.

    The exit status is 1 if they differ.
    """
    readers = _opened(first), _opened(second)
    shapes = [reader.get_variable_to_shape_map() for reader in readers]
    lines: list[str] = []
    for name in sorted({*shapes[0], *shapes[1]}):
        if name not in shapes[1] or name not in shapes[0]:
            lines.append(f"{'-' if name in shapes[0] else '+'} {name}")
        elif shapes[0][name] != shapes[1][name]:
            lines.append(f"! {name}  shape {shapes[0][name]} and {shapes[1][name]}")
        else:
            try:
                a, b = (reader.get_tensor(name) for reader in readers)
            except OpError as error:
                raise refused("checkpoint", error) from None
            if a.dtype != b.dtype:
                lines.append(f"! {name}  {a.dtype} and {b.dtype}")
            elif not np.array_equal(a, b, equal_nan=a.dtype.kind in "fc"):
                largest = f"  by up to {np.abs(a - b).max():.4g}" if a.dtype.kind in "iufc" else ""
                lines.append(f"! {name}{largest}")
    typer.echo("\n".join(lines) or "no difference")
    raise typer.Exit(bool(lines))
