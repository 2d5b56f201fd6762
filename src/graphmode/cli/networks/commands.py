"""The commands of `graphmode.models` as Typer shows them; what they do is imported late."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from graphmode._addresses.late import late
from graphmode.cli.networks.saying import say, table
from graphmode.cli.refusal import refused
from graphmode.framework.errors import OpError
from graphmode.models.catalog import FORMATS, MODELS, entry_of

if TYPE_CHECKING:
    from collections.abc import Generator

_train = late("graphmode.cli.networks.training", "train")
_wishes = late("graphmode.cli.networks.training", "Wishes")
_evaluate = late("graphmode.cli.networks.asking", "evaluate")
_predict = late("graphmode.cli.networks.asking", "predict")
_draw = late("graphmode.cli.networks.making", "draw")
_sampling = late("graphmode.cli.networks.making", "Sampling")
_generate = late("graphmode.cli.networks.making", "generate")
_reconstruct = late("graphmode.cli.networks.making", "reconstruct")
_recommend = late("graphmode.cli.networks.recommending", "recommend")
_show_page = late("graphmode.cli.networks.pages", "show_page")

_EXTRA = {"sklearn": "models", "pandas": "models", "matplotlib": "plots", "PIL": "plots"}


@contextlib.contextmanager
def _refusing(command: str) -> Generator[None]:
    """End with one line where the command cannot do what it was asked for."""
    try:
        yield
    except ImportError as error:
        extra = _EXTRA.get((error.name or "").partition(".")[0])
        if extra is None:
            raise
        raise SystemExit(
            f"graphmode {command}: needs {error.name}: pip install 'graphmode[{extra}]'"
        ) from None
    except BrokenPipeError:
        raise  # whoever read has seen enough: Typer ends without a word
    except OSError as error:
        text = error.strerror or str(error)
        if error.strerror and error.filename is not None:
            text += f": {error.filename}"
        raise SystemExit(f"graphmode {command}: {text}") from None
    except (ValueError, FloatingPointError, OpError) as error:
        raise refused(command, error) from None


def _names(incomplete: str) -> list[str]:
    return [name for name in MODELS if name.startswith(incomplete)]


DRAWINGS = (
    "confusion", "curve", "filters", "graph", "manifold", "samples", "tree", "words"
)  # fmt: skip
"""What is drawn of one model or another."""


def _drawings(incomplete: str) -> list[str]:
    return [what for what in DRAWINGS if what.startswith(incomplete)]


Name = Annotated[
    str, typer.Argument(metavar="MODEL", help=f"{', '.join(MODELS)}.", autocompletion=_names)
]
Folder = Annotated[Path, typer.Argument(metavar="DIR", help="A folder that `train` wrote.")]


def _known(command: str, name: str) -> None:
    try:
        entry_of(name)
    except ValueError as error:
        typer.echo(f"graphmode {command}: {error}", err=True)
        raise typer.Exit(2) from None


def train(
    model: Name,
    data: Annotated[
        str | None, typer.Option(metavar="NAME|PATH", help="A data set, a file or a folder.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="DIR", help="Default: MODEL-model.")
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="A parameter: `graphmode models MODEL`."),
    ] = None,
    epochs: Annotated[int | None, typer.Option(min=1, help="Passes through the data.")] = None,
    label: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="What is to be told, of a table.")
    ] = None,
    without: Annotated[
        list[str] | None, typer.Option(metavar="COLUMN", help="Leave it out, of a table.")
    ] = None,
    seed: Annotated[
        int, typer.Option(min=0, max=2**32 - 1, help="Of all chance.")
    ] = 0,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on where an earlier run ended.")
    ] = False,
    tensorboard: Annotated[
        bool, typer.Option("--tensorboard", help="Write a log beside DIR.")
    ] = False,
    quick: Annotated[
        bool, typer.Option("--quick", help="A small run that takes seconds.")
    ] = False,
) -> None:  # fmt: skip
    """Train MODEL; without --data on a known data set, beside a published number."""
    _known("train", model)
    with _refusing("train"):
        wishes = _wishes(
            data=data,
            output=output,
            settings=set_ or [],
            epochs=epochs,
            label=label,
            without=without or [],
            seed=seed,
            resume=resume,
            tensorboard=tensorboard,
            quick=quick,
        )
        _train(model, wishes)


def evaluate(
    folder: Folder,
    data: Annotated[
        str | None,
        typer.Option(metavar="NAME|PATH", help="Other data than what was set aside in training."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON.")] = False,
) -> None:
    """Measure a trained model on data that it has not seen."""
    with _refusing("evaluate"):
        _evaluate(folder, data, as_json)


def predict(
    folder: Folder,
    source: Annotated[str, typer.Argument(metavar="INPUT", help="Rows, or pictures.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Default: what is printed.")
    ] = None,
) -> None:
    """Write what a trained model says of each row of INPUT, as csv."""
    with _refusing("predict"):
        _predict(folder, source, output)


def models(
    name: Annotated[
        str | None, typer.Argument(metavar="[MODEL]", help="Show its page.", autocompletion=_names)
    ] = None,
) -> None:
    """List the models; by name, a page: data, parameters, an example."""
    if name is not None:
        _known("models", name)
        with _refusing("models"):
            _show_page(name)
        return
    rows = [(e.name, e.kind, e.data, e.idea) for e in MODELS.values()]
    table(("model", "learns from", "default data", "idea"), rows)
    typer.echo()
    for kind in dict.fromkeys(entry.kind for entry in MODELS.values()):
        say(kind, FORMATS[kind])
    typer.echo("\ngraphmode models MODEL shows a page; graphmode train MODEL --quick a first run")


def draw(
    folder: Folder,
    what: Annotated[
        str | None,
        typer.Argument(
            metavar="[WHAT]",
            help=f"{', '.join(DRAWINGS)}, ...; what there is of this model if not given.",
            autocompletion=_drawings,
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Default: DIR-WHAT.png.")
    ] = None,
) -> None:
    """Write a picture of a trained model."""
    with _refusing("draw"):
        _draw(folder, what, output)


def generate(
    folder: Folder,
    prompt: Annotated[str, typer.Option(help="How the text begins.")] = "",
    length: Annotated[int, typer.Option(min=1, help="Characters or words.")] = 200,
    temperature: Annotated[
        float, typer.Option(min=0, help="0 takes the likeliest, more dares more.")
    ] = 1.0,
    top_k: Annotated[
        int | None, typer.Option(min=1, help="Draw from as many, the likeliest.")
    ] = None,
    stop: Annotated[str | None, typer.Option(help="End where this is written.")] = None,
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Of what is drawn.")] = 0,
    stream: Annotated[bool, typer.Option("--stream", help="Write while it is drawn.")] = False,
) -> None:
    """Write a text as a trained language model would go on."""
    with _refusing("generate"):
        _generate(folder, _sampling(prompt, length, temperature, top_k, stop, seed, stream))


def reconstruct(
    folder: Folder,
    source: Annotated[str, typer.Argument(metavar="IMAGE", help="Or a folder, or rows.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Default: DIR-reconstruction.png.")
    ] = None,
) -> None:
    """Write pictures beside what a trained model makes of them."""
    with _refusing("reconstruct"):
        _reconstruct(folder, source, output)


def recommend(
    folder: Folder,
    user: Annotated[str | None, typer.Option(help="One who was in the training.")] = None,
    ratings: Annotated[
        Path | None, typer.Option(metavar="CSV", help="Of items, by someone new.")
    ] = None,
    n: Annotated[int, typer.Option("-n", min=1, help="How many.")] = 20,
    explain: Annotated[
        bool, typer.Option("--explain", help="Beside each what is most like it.")
    ] = False,
    rank_by: Annotated[
        Literal["liked", "rating"],
        typer.Option(help="What they would choose and like; or rate highest, had they chosen it."),
    ] = "liked",
) -> None:
    """List what a trained recommender thinks a user would like."""
    with _refusing("recommend"):
        _recommend(folder, user, ratings, n, explain, rank_by)


def add_to(app: typer.Typer) -> None:
    """Add the commands to an application."""
    for command in (train, evaluate, predict, draw, generate, reconstruct, recommend, models):
        app.command(rich_help_panel="Networks for data")(command)
