"""`graphmode records`: what files of records hold: examples, events, or bytes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import datetime
from itertools import islice
from typing import Annotated, Any, Literal

import typer

from graphmode.cli.file_kinds import checkpoint_of, kind_of
from graphmode.cli.refusal import refused
from graphmode.files import systems
from graphmode.files.examples import Example, SequenceExample
from graphmode.files.records import compression_of, open_records, records_in
from graphmode.framework.errors import OpError
from graphmode.framework.proto.messages import protobuf

app = typer.Typer(help="Look into files of records.", no_args_is_help=True)

Files = Annotated[
    list[str], typer.Argument(help="TFRecord or event files, folders of them, or patterns.")
]
File = Annotated[str, typer.Argument(help="A TFRecord file or an event file.")]
Compression = Annotated[
    Literal["none", "gzip", "zlib"] | None,
    typer.Option(help="How it is compressed; looked up in the file if not given."),
]
_SHOWN = 8  # values of a feature, steps of a list
_TEXT = 60  # characters of a text


def _count(n: int, what: str) -> str:
    return f"{n:,} {what}{'' if n == 1 else 's'}"


def _told(text: str) -> SystemExit:
    return SystemExit(f"graphmode records: {text}")


# ---- files ---------------------------------------------------------------------------------------


def _begins_with_a_record(path: str) -> bool:
    try:
        with closing(open_records(path, _kind(path, None))) as file:
            return next(records_in(file, path), None) is not None
    except OpError:
        return False


def _named(paths: Sequence[str]) -> list[str]:
    """The files that paths mean: those of a folder that hold records, those that a pattern fits."""
    found: list[str] = []
    for path in paths:
        if systems.is_directory(path):
            files = _files(f"{path.rstrip('/')}/*")
            held = [file for file in files if _begins_with_a_record(file)]
            if not held:
                raise _told(_without_records(path, len(files)))
            found += held
        elif not systems.exists(path) and any(sign in path for sign in "*?["):
            fitting = _files(path)
            if not fitting:
                raise _told(f"no file fits {path}")
            found += fitting
        else:
            found.append(path)
    return found


def _files(pattern: str) -> list[str]:
    found = [name for name in systems.matching(pattern) if not systems.is_directory(name)]
    return found if pattern.startswith("./") else [name.removeprefix("./") for name in found]


def _without_records(folder: str, n_files: int) -> str:
    held = checkpoint_of(folder)
    if held is not None:
        return f"{folder} holds checkpoints: graphmode checkpoint ls {held}"
    n_deeper = len(systems.names_in(folder)) - n_files
    return f"{folder} holds no files of records ({_count(n_files, 'file')})" + (
        f"; what is in its folders: '{folder.rstrip('/')}/*/*'" if n_deeper else ""
    )


def _kind(path: str, compression: str | None) -> str:
    if compression is not None:
        return "" if compression == "none" else compression.upper()
    with closing(open_records(path)) as file:
        return compression_of(file.read(12))


def _records(path: str, compression: str | None) -> Iterator[bytes]:
    """The records of a file; a program ends with one line that says what is wrong with it."""
    n = 0
    try:
        with closing(open_records(path, _kind(path, compression))) as file:
            for record in records_in(file, path):
                yield record
                n += 1
    except OpError as error:
        if n:
            raise _told(f"{error.message}, behind {_count(n, 'whole record')}") from None
        raise _other_file(path, error) from None


def _other_file(path: str, error: OpError) -> SystemExit:
    """What ends the program after a file that begins with no record."""
    held = checkpoint_of(path)
    if held is not None:
        part = "is" if held == path else "is part of"
        return _told(f"{path} {part} a checkpoint: graphmode checkpoint ls {held}")
    if systems.exists(path) and "compress" not in error.message:
        with systems.open_file(path, "rb") as file:
            what, reader = kind_of(file.read(512))
        if what:
            return _told(f"{path} holds no records: it is {what}. Read it with {reader}.")
    return refused("records", error)


# ---- messages ------------------------------------------------------------------------------------


def _message(record: bytes, is_event: bool) -> Any:
    """The message that a record is, None if it is none."""
    from google.protobuf.message import DecodeError

    kinds: list[Any] = [Example, SequenceExample]
    for kind in [protobuf("event").Event] if is_event else kinds:
        try:
            message = kind.FromString(record)
        except DecodeError:
            continue
        # What is no Example reads as one of fields that Example does not know.
        if is_event or (
            message.ByteSize() == len(record) and message.ListFields() and _is_known(message)
        ):
            return message
    return None


def _is_known(message: Any) -> bool:
    again = type(message)()
    again.CopyFrom(message)
    again.DiscardUnknownFields()
    return again.ByteSize() == message.ByteSize()


def _messages(path: str, compression: str | None) -> Iterator[tuple[bytes, Any]]:
    """Each record and its message; the first of an event file says its version."""
    is_event = False
    for i, record in enumerate(_records(path, compression)):
        if not i:
            is_event = b"brain.Event:" in record[:64]
        yield record, _message(record, is_event)


def _features(message: Any) -> Iterator[tuple[str, str, int]]:
    """Name, kind and length of each feature; of a list of features the number of steps."""
    fields = message.features if isinstance(message, Example) else message.context
    for name, feature in fields.feature.items():
        kind, _, n = _kind_and_values(feature)
        yield name, kind, n
    if isinstance(message, SequenceExample):
        for name, steps in message.feature_lists.feature_list.items():
            yield name, "steps", len(steps.feature)


def _kind_and_values(feature: Any) -> tuple[str, Sequence[Any], int]:
    kind = feature.WhichOneof("kind") or "nothing"
    values = getattr(feature, kind).value if kind != "nothing" else ()
    return kind, values, len(values)


def _value_kind(value: Any) -> str:
    plugin = value.metadata.plugin_data.plugin_name
    return plugin or value.WhichOneof("value") or "nothing"


# ---- ls ------------------------------------------------------------------------------------------


@app.command("ls")
def summarize(paths: Files, compression: Compression = None) -> None:
    """Print how many records there are, and which features or summaries they have."""
    files = _named(paths)
    n = n_bytes = 0
    failed: SystemExit | None = None
    for path in files:
        if len(files) > 1:
            typer.echo(f"{path}:")
        summary, wrong = _Summary(), None
        try:
            for record, message in _messages(path, compression):
                summary.add(record, message)
        except SystemExit as error:
            wrong = failed = error
        if summary.n or wrong is None:
            summary.show(is_empty=not systems.stat(path).length)
        if wrong is not None and len(files) > 1:
            typer.echo(f"  {wrong}")
        n, n_bytes = n + summary.n, n_bytes + summary.n_bytes
    if len(files) > 1:
        typer.echo(f"{len(files):,} files, {n:,} records, {n_bytes:,} bytes")
    if failed is not None:
        raise failed if len(files) == 1 else SystemExit(1)


class _Summary:
    """Counts what records are, and of examples and events what is in them."""

    def __init__(self) -> None:
        self.n = self.n_bytes = 0
        self._kinds: Counter[str] = Counter()
        self._lengths: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
        self._steps: defaultdict[tuple[str, str], list[int]] = defaultdict(list)

    def add(self, record: bytes, message: Any) -> None:
        self.n += 1
        self.n_bytes += len(record)
        if message is None:
            self._kinds["bytes"] += 1
        elif isinstance(message, Example | SequenceExample):
            self._kinds[message.DESCRIPTOR.name] += 1
            for name, kind, length in _features(message):
                self._lengths[name, kind].append(length)
        else:
            what = message.WhichOneof("what") or "nothing"
            self._kinds[f"Event, {what}"] += 1
            for value in message.summary.value:
                self._steps[value.tag, _value_kind(value)].append(message.step)

    def show(self, is_empty: bool) -> None:
        said = ": the file is empty" if is_empty else ""
        typer.echo(f"{_count(self.n, 'record')}, {_count(self.n_bytes, 'byte')}{said}")
        for kind, n in self._kinds.most_common():
            typer.echo(f"  {kind}: {n:,}")
        width = max((len(name) for name, _ in (*self._lengths, *self._steps)), default=0)
        for (name, kind), found in sorted(self._lengths.items()):
            missing = f", in {len(found):,} of them" if len(found) < self.n else ""
            typer.echo(f"    {name:<{width}}  {kind:<10}  {_spread(found)}{missing}")
        for (name, kind), found in sorted(self._steps.items()):
            typer.echo(f"    {name:<{width}}  {kind:<12}  {len(found):,}, steps {_spread(found)}")


def _spread(found: Sequence[int]) -> str:
    low, high = min(found), max(found)
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


# ---- show ----------------------------------------------------------------------------------------


@app.command()
def show(
    path: File,
    first: Annotated[int, typer.Option(min=0, help="The number of the first record.")] = 0,
    n: Annotated[int, typer.Option("-n", min=1, help="How many records.")] = 1,
    whole: Annotated[bool, typer.Option(help="Print messages and bytes whole.")] = False,
    compression: Compression = None,
) -> None:
    """Print records: of a message its features or values, other bytes as they are."""
    files = _named([path])
    if len(files) > 1:
        raise _told(f"{path} is {len(files):,} files: name one, such as {files[0]}")
    i = -1
    for i, (record, message) in enumerate(islice(_messages(files[0], compression), first + n)):
        if i < first:
            continue
        kind = "bytes" if message is None else message.DESCRIPTOR.name
        typer.echo(f"record {i}: {kind}, {_count(len(record), 'byte')}")
        if whole:
            typer.echo(repr(record) if message is None else str(message).rstrip())
        else:
            for line in _lines(record, message):
                typer.echo(f"  {line}")
    if i < first:
        raise _told(f"{files[0]} has no record {first}: it has {i + 1:,}")


def _lines(record: bytes, message: Any) -> Iterator[str]:
    if message is None:
        yield _shown(record)
    elif isinstance(message, Example | SequenceExample):
        yield from _feature_lines(message)
    else:
        yield from _event_lines(message)


def _feature_lines(message: Any) -> Iterator[str]:
    names = [name for name, _, _ in _features(message)]
    width = max(map(len, names), default=0)
    fields = message.features if isinstance(message, Example) else message.context
    for name in sorted(fields.feature):
        yield f"{name:<{width}}  {_feature_line(fields.feature[name])}"
    if isinstance(message, SequenceExample):
        for name, steps in sorted(message.feature_lists.feature_list.items()):
            yield f"{name:<{width}}  {_count(len(steps.feature), 'step')}"
            for i, step in enumerate(steps.feature[:_SHOWN]):
                yield f"{'':<{width}}    {i}  {_feature_line(step)}"


def _feature_line(feature: Any) -> str:
    kind, values, n = _kind_and_values(feature)
    shown = ", ".join(map(_shown, values[:_SHOWN]))
    return f"{kind:<10}  {n:,}  [{shown}{', ...' if n > _SHOWN else ''}]"


def _event_lines(event: Any) -> Iterator[str]:
    what = event.WhichOneof("what") or "nothing"
    time = datetime.fromtimestamp(event.wall_time).astimezone()
    yield f"step {event.step:,}, {time:%Y-%m-%d %H:%M:%S}, {what}"
    if what == "summary":
        width = max(len(value.tag) for value in event.summary.value) if event.summary.value else 0
        for value in event.summary.value:
            yield f"  {value.tag:<{width}}  {_value_kind(value):<12}  {_value(value)}".rstrip()
    elif what == "graph_def":
        nodes = protobuf("graph").GraphDef.FromString(event.graph_def).node
        yield f"  {_count(len(nodes), 'node')}, {len(event.graph_def):,} bytes"
    elif what == "meta_graph_def":
        yield f"  {len(event.meta_graph_def):,} bytes"
    elif what != "nothing":
        yield f"  {' '.join(str(getattr(event, what)).split())}"


def _value(value: Any) -> str:
    kind = value.WhichOneof("value")
    if kind == "simple_value":
        return f"{value.simple_value:.7g}"
    if kind == "image":
        image = value.image
        return f"{image.height} x {image.width}, {_shown(image.encoded_image_string)}"
    if kind == "histo":
        histogram = value.histo
        return f"{histogram.num:,.0f} values, {histogram.min:.7g} to {histogram.max:.7g}"
    if kind == "audio":
        return f"{value.audio.length_frames:,} frames at {value.audio.sample_rate:g} Hz"
    if kind == "tensor" and value.tensor.string_val:
        return ", ".join(map(_shown, value.tensor.string_val[:_SHOWN]))
    return ""


def _shown(value: Any) -> str:
    """A value in one line: of long bytes how many, and the first."""
    if isinstance(value, float):
        return f"{value:.7g}"
    if not isinstance(value, bytes):
        return repr(value)
    what, _ = kind_of(value)
    if what.endswith("image"):
        return f"{what}, {len(value):,} bytes"
    text = repr(value[:_TEXT])
    return text if len(value) <= _TEXT else f"{text}... {len(value):,} bytes"
