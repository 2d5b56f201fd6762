"""`graphmode records`: what a TFRecord file holds."""

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Annotated, Any, Literal

import typer

from graphmode.cli.refusal import refused
from graphmode.files.examples import Example, SequenceExample
from graphmode.files.records import open_records, records_in
from graphmode.framework.errors import OpError

app = typer.Typer(help="Look into files of records.", no_args_is_help=True)

File = Annotated[str, typer.Argument(help="A TFRecord file.")]
Compression = Annotated[
    Literal["none", "gzip", "zlib"] | None,
    typer.Option(help="How it is compressed; looked up in the file if not given."),
]


def _records(path: str, compression: str | None) -> Iterator[bytes]:
    try:
        if compression is None:
            with open_records(path) as file:
                start = file.read(2)
            compression = {b"\x1f\x8b": "gzip", b"\x78\x9c": "zlib"}.get(start, "none")
        file = open_records(path, "" if compression == "none" else compression.upper())
        yield from records_in(file, path)
    except OpError as error:
        raise refused("records", error) from None


_KINDS: list[Any] = [Example, SequenceExample]


def _example(record: bytes) -> Any:
    """The message that a record is, None if it is none."""
    from google.protobuf.message import DecodeError

    for kind in _KINDS:
        try:
            message = kind.FromString(record)
        except DecodeError:
            continue
        # What is no Example reads as one of fields that Example does not know.
        if message.ByteSize() == len(record) and message.ListFields() and _is_known(message):
            return message
    return None


def _is_known(message: Any) -> bool:
    again = type(message)()
    again.CopyFrom(message)
    again.DiscardUnknownFields()
    return again.ByteSize() == message.ByteSize()


def _features(message: Any) -> Iterator[tuple[str, str, int]]:
    """Name, kind and length of each feature; of a list of features the number of steps."""
    fields = message.features if isinstance(message, Example) else message.context
    for name, feature in fields.feature.items():
        kind = feature.WhichOneof("kind") or "nothing"
        yield name, kind, len(getattr(feature, kind).value) if kind != "nothing" else 0
    if isinstance(message, SequenceExample):
        for name, steps in message.feature_lists.feature_list.items():
            yield name, "steps", len(steps.feature)


@app.command("ls")
def summarize(path: File, compression: Compression = None) -> None:
    """Print how many records there are, and which features they have."""
    kinds: Counter[str] = Counter()
    lengths: dict[tuple[str, str], list[int]] = {}
    n_bytes = 0
    for record in _records(path, compression):
        n_bytes += len(record)
        message = _example(record)
        kinds["bytes" if message is None else message.DESCRIPTOR.name] += 1
        for name, kind, length in _features(message) if message is not None else ():
            lengths.setdefault((name, kind), []).append(length)
    n_records = kinds.total()
    typer.echo(f"{n_records:,} records, {n_bytes:,} bytes")
    for kind, n in kinds.most_common():
        typer.echo(f"  {kind}: {n:,}")
    width = max((len(name) for name, _ in lengths), default=0)
    for (name, kind), found in sorted(lengths.items()):
        spread = f"{min(found)}" if min(found) == max(found) else f"{min(found)} to {max(found)}"
        missing = f", in {len(found):,} of them" if len(found) < n_records else ""
        typer.echo(f"    {name:<{width}}  {kind:<10}  {spread}{missing}")


@app.command()
def show(
    path: File,
    first: Annotated[int, typer.Option(min=0, help="The number of the first record.")] = 0,
    n: Annotated[int, typer.Option("-n", min=1, help="How many records.")] = 1,
    compression: Compression = None,
) -> None:
    """Print records: an Example as text, other bytes as they are."""
    shown = 0
    for i, record in enumerate(islice(_records(path, compression), first, first + n)):
        message = _example(record)
        typer.echo(f"record {first + i}: {len(record):,} bytes")
        typer.echo(repr(record) if message is None else str(message).rstrip())
        shown += 1
    if not shown:
        raise SystemExit(f"graphmode records: {path} has no record {first}")
