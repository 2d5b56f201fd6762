"""The commands as Typer shows them: help, options, version."""

from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Literal

import typer

from graphmode.cli import (
    check,
    checkpoints,
    coverage,
    datasets,
    export,
    records,
    saved_models,
    serving,
)
from graphmode.cli.launch import launch
from graphmode.cli.mesh_option import checked_mesh
from graphmode.cli.networks import commands as networks
from graphmode.cli.run import Options, run_target

app = typer.Typer(
    help="Run TensorFlow 1 programs on today's Python.",
    no_args_is_help=True,
)
kernel = typer.Typer(help="The Jupyter kernel.", no_args_is_help=True)
app.add_typer(kernel, name="kernel")
app.add_typer(checkpoints.app, name="checkpoint")
app.add_typer(datasets.app, name="datasets")
app.command()(check.check)
app.command()(export.export)
app.add_typer(records.app, name="records")
app.add_typer(saved_models.app, name="saved-model")
app.command()(coverage.coverage)
networks.add_to(app)
serving.add_to(app)
_UNPARSED = {"ignore_unknown_options": True, "allow_interspersed_args": False}
app.command(context_settings=_UNPARSED)(launch)


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


@app.command(context_settings=_UNPARSED)
def run(
    target: Annotated[
        str,
        typer.Argument(
            help="A script, a notebook, a folder with main.py or train.py, or - for standard input."
        ),
    ],
    args: Annotated[
        list[str] | None, typer.Argument(help="What the program gets in sys.argv, as it is.")
    ] = None,
    module: Annotated[
        bool, typer.Option("--module", "-m", help="TARGET is the name of a module.")
    ] = False,
    data: Annotated[
        Path | None, typer.Option(file_okay=False, exists=True, help="Where data sets lie.")
    ] = None,
    plots: Annotated[
        Path | None,
        typer.Option(file_okay=False, help="Write figures here as PNG; no window opens."),
    ] = None,
    timeout: Annotated[
        float | None, typer.Option(min=0.001, help="Seconds after which it is stopped.")
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(min=0, max=2**32 - 1, help="Of graphs, NumPy and random."),
    ] = None,
    mode: Annotated[
        Literal["auto", "interpreted", "compiled"] | None, typer.Option(help="How sessions run.")
    ] = None,
    mesh: Annotated[
        str | None,
        typer.Option(
            help="How many devices sessions use: 8, data=4,model=2 or all.", callback=checked_mesh
        ),
    ] = None,
    profile: Annotated[
        bool, typer.Option("--profile", help="Say at the end where the time of runs went.")
    ] = False,
    distributed: Annotated[
        bool,
        typer.Option("--distributed", help="Join the ranks that MPI, SLURM or Kubernetes started."),
    ] = False,
    inplace: Annotated[
        bool, typer.Option("--inplace", help="Of a notebook: write the output into it.")
    ] = False,
    to: Annotated[
        Literal["html"] | None, typer.Option(help="Of a notebook: write a page, too.")
    ] = None,
) -> None:
    """Run TARGET with graphmode under the name `tensorflow`.

    A notebook is written with its output beside it, as NAME.out.ipynb.
    """
    options = Options(
        module, _text(data), _text(plots), timeout, seed, mode, inplace, to, profile, mesh,
        distributed,
    )  # fmt: skip
    raise typer.Exit(run_target(target, args or [], options))


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)


@kernel.command()
def install(
    user: Annotated[bool, typer.Option("--user", help="For this user alone.")] = False,
    prefix: Annotated[Path | None, typer.Option(file_okay=False, help="Below this folder.")] = None,
) -> None:
    """Install the kernel "TensorFlow 1 (graphmode)" for Jupyter."""
    try:
        from graphmode.notebook.kernelspec import install_kernel
    except ImportError as error:
        raise SystemExit(
            f"graphmode kernel: needs {error.name}: pip install 'graphmode[notebook]'"
        ) from None
    try:
        folder = install_kernel(user, _text(prefix))
    except OSError as error:
        raise SystemExit(f"graphmode kernel: {error.strerror}: {error.filename}") from None
    typer.echo(f"installed in {folder}")
