"""`graphmode serve` and `graphmode bench-serve`: models behind an address, and how fast."""

from __future__ import annotations

import contextlib
import ipaddress
import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from graphmode._addresses.late import late
from graphmode.cli.networks.saying import table
from graphmode.cli.refusal import refused
from graphmode.framework.errors import OpError

_named_models = late("graphmode.serve.config", "named_models")
_listening = late("graphmode.serve.processes", "Listening")
_serve = late("graphmode.serve.processes", "serve")
_settings = late("graphmode.serve.settings", "Settings")
_measured = late("graphmode.serve.load_test", "measured")
_body_for = late("graphmode.serve.load_test", "body_for")
_server_of = late("graphmode.serve.load_test", "server_of")
_as_dicts = late("graphmode.serve.load_test", "as_dicts")
_PANEL = "Models behind an address"
_MEBIBYTE = 2**20


def serve(
    models: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="DIR|NAME=DIR ...",
            help="A SavedModel, what `train` wrote, or versions of one in numbered folders.",
        ),
    ] = None,
    model_config_file: Annotated[
        Path | None,
        typer.Option(
            exists=True, dir_okay=False, help="In place of DIR: TensorFlow Serving's model.config."
        ),
    ] = None,
    host: Annotated[str, typer.Option(help="0.0.0.0 lets other machines ask.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Of REST; 0: a free one.")] = 8501,
    grpc_port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Of gRPC; none if not given.")
    ] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes, each with all models.")] = 1,
    batch: Annotated[
        int, typer.Option(min=1, help="Rows of several requests computed together; 1: never.")
    ] = 32,
    batch_wait: Annotated[
        float, typer.Option(min=0, help="Milliseconds that a request waits for others.")
    ] = 0.0,
    queue: Annotated[int, typer.Option(min=1, help="Requests that may wait; then 429.")] = 256,
    max_body: Annotated[float, typer.Option(min=0.001, help="MiB of a request; then 413.")] = 64,
    timeout: Annotated[float, typer.Option(min=0.1, help="Seconds for an answer.")] = 30.0,
    poll: Annotated[
        float, typer.Option(min=0.05, help="Seconds between looks for other versions.")
    ] = 1.0,
    token: Annotated[
        str | None,
        typer.Option(envvar="GRAPHMODE_TOKEN", help="What requests have to bring as a Bearer."),
    ] = None,
    warm_up: Annotated[
        bool, typer.Option(help="Compute something with each version before it answers.")
    ] = True,
) -> None:
    """Answer requests about models: TensorFlow Serving's REST and gRPC interfaces."""
    if (not models) == (model_config_file is None):
        raise SystemExit(
            "graphmode serve: serve what? DIR ..., or --model-config-file: one of both"
        )
    try:
        settings = _settings(
            max_batch=batch, batch_wait=batch_wait / 1000, max_queue=queue,
            max_body=int(max_body * _MEBIBYTE), timeout=timeout, poll_seconds=poll, token=token,
            warm_up=warm_up,
        )  # fmt: skip
        listening = _listening(
            models=_named_models(models or []), config_file=model_config_file, host=host, port=port,
            grpc_port=grpc_port, workers=workers, settings=settings,
        )  # fmt: skip
        if token is None and not _is_loopback(host):
            _say(f"whoever reaches {host} may ask these models: --token TOKEN keeps others out")
        status = _serve(listening, _say)
    except ImportError as error:
        raise _needs("serve", error) from None
    except OSError as error:
        raise SystemExit(f"graphmode serve: {error}") from None
    except (ValueError, OpError) as error:
        raise refused("serve", error) from None
    raise typer.Exit(status)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:  # a name
        return host == "localhost"


def _say(text: str) -> None:
    typer.echo(text)
    sys.stdout.flush()


_SERVE = frozenset({"starlette", "uvicorn", "orjson", "grpc", "httptools"})


def _needs(command: str, error: ImportError) -> BaseException:
    """What ends a command for which a package is missing."""
    name = (error.name or "").partition(".")[0]
    extra = "serve" if name in _SERVE else "models" if name in ("sklearn", "pandas") else None
    if extra is None:
        return error
    return SystemExit(f"graphmode {command}: needs {name}: pip install 'graphmode[{extra}]'")


def bench_serve(
    target: Annotated[
        str,
        typer.Argument(
            metavar="DIR|URL", help="A folder to serve, or http://host:port/v1/models/NAME."
        ),
    ],
    clients: Annotated[str, typer.Option(help="Connections, each asking all the time.")] = "1,8,64",
    seconds: Annotated[float, typer.Option(min=0.1, help="For each number of clients.")] = 5.0,
    rows: Annotated[int, typer.Option(min=1, help="Rows of a request.")] = 1,
    body: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="A file of JSON to ask; else made up."),
    ] = None,
    token: Annotated[str | None, typer.Option(envvar="GRAPHMODE_TOKEN")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON.")] = False,
) -> None:
    """Measure how many requests a server answers a second, and how long they take."""
    counts = clients.split(",")
    if not all(count.isdecimal() and 0 < int(count) <= 4096 for count in counts):
        raise SystemExit(f"graphmode bench-serve: --clients {clients}: numbers, as 1,8,64")
    try:
        with contextlib.ExitStack() as stack:
            url = target.rstrip("/").removesuffix(":predict")
            if not target.startswith("http://"):
                if not Path(target).is_dir():
                    raise ValueError(f"{target} is no folder, and no http://host:port/v1/models/..")
                url = stack.enter_context(_server_of(Path(target).resolve()))
            asked = body.read_bytes() if body is not None else _body_for(url, rows, token)
            found = [
                _measured(f"{url}:predict", asked, int(count), seconds, token) for count in counts
            ]
    except ImportError as error:
        raise _needs("bench-serve", error) from None
    except (OSError, EOFError) as error:
        raise SystemExit(f"graphmode bench-serve: {target}: {error}") from None
    except ValueError as error:
        raise refused("bench-serve", error) from None
    if as_json:
        typer.echo(json.dumps({"target": target, "bytes": len(asked), "loads": _as_dicts(found)}))
    else:
        header = ("clients", "requests/s", "p50 ms", "p95 ms", "p99 ms", "errors")
        table(header, [
            (str(load.clients), f"{load.per_second:,.0f}", f"{load.p50:.2f}", f"{load.p95:.2f}",
             f"{load.p99:.2f}", str(load.errors))
            for load in found
        ])  # fmt: skip
    raise typer.Exit(int(any(load.errors for load in found)))


def add_to(app: typer.Typer) -> None:
    """Add the commands to an application."""
    for command in (serve, bench_serve):
        app.command(rich_help_panel=_PANEL)(command)
