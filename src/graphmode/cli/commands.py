"""The commands as Typer shows them: help, options, version."""

from importlib.metadata import version
from typing import Annotated

import typer

from graphmode.cli.run import run_program

app = typer.Typer(
    help="Run TensorFlow 1 programs on today's Python.",
    no_args_is_help=True,
    add_completion=False,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"graphmode {version('graphmode')}")
        raise typer.Exit


@app.callback()
def graphmode(
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    """Run TensorFlow 1 programs on today's Python."""


@app.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
def run(
    program: Annotated[str, typer.Argument(help="A Python program for TensorFlow 1.")],
    args: Annotated[
        list[str] | None, typer.Argument(help="What the program gets in sys.argv, as it is.")
    ] = None,
) -> None:
    """Run PROGRAM with graphmode under the name `tensorflow`."""
    raise typer.Exit(run_program(program, args or []))
