"""`app`: the server as an ASGI application, which others can add routes to."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from graphmode.serve import pages
from graphmode.serve.errors import Refused, refusal_of
from graphmode.serve.library import Library, ModelConfig
from graphmode.serve.limits import Limits, error_body
from graphmode.serve.metrics import Metrics
from graphmode.serve.openapi import openapi
from graphmode.serve.rest import Api
from graphmode.serve.settings import Settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from starlette.requests import Request
    from starlette.routing import BaseRoute


def app(
    models: Mapping[str, str | Path] | Sequence[ModelConfig],
    *,
    settings: Settings | None = None,
    routes: Sequence[BaseRoute] = (),
    library: Library | None = None,
) -> Starlette:
    """Make the server of models as an ASGI application.

    Parameters
    ----------
    models : dict of str to path, or list of ModelConfig
        Name -> a folder that is a model, or holds versions in numbered folders.
    settings : Settings, optional
    routes : sequence of starlette Route or Mount
        Come after its own: `graphmode.serve.pages.routes`, or others. They find what
        is served in ``request.app.state.library``, and may raise `graphmode.serve.errors.Refused`.
    library : Library, optional
        One that is started and stopped by somebody else, in place of a new one.

    Returns
    -------
    Starlette
        It loads the models when it starts, and lets go of them when it stops. Its
        ``state.library`` is the `Library`.
    """
    settings = settings or Settings()
    is_ours = library is None
    found = library or Library(_configs(models), settings, Metrics())

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        if is_ours:
            await asyncio.to_thread(found.start)
        yield
        if is_ours:
            await asyncio.to_thread(found.stop)

    made = Starlette(
        routes=[
            Route("/healthz", _healthy, methods=["GET"]),
            Route("/readyz", _ready, methods=["GET"]),
            Route("/metrics", _metrics, methods=["GET"]),
            Route("/monitoring/prometheus/metrics", _metrics, methods=["GET"]),
            Route("/openapi.json", _openapi, methods=["GET"]),
            *routes,
        ],
        middleware=[
            Middleware(
                Limits, api=Api(found), settings=settings, open_paths=pages.open_paths(routes)
            )
        ],
        exception_handlers={
            404: _not_found,
            405: _wrong_method,
            Refused: _refused,
            Exception: _failed,
        },
        lifespan=lifespan,
    )
    made.state.library = found
    return made


def _configs(models: Any) -> list[ModelConfig]:
    if isinstance(models, dict):
        return [ModelConfig(name, Path(folder)) for name, folder in models.items()]
    return list(models)


async def _healthy(request: Request) -> Response:
    return JSONResponse({"status": "ok"})


async def _ready(request: Request) -> Response:
    library: Library = request.app.state.library
    is_ready = library.is_ready()
    return JSONResponse(
        {"status": "ok" if is_ready else "unavailable", "errors": library.errors()},
        200 if is_ready else 503,
    )


async def _metrics(request: Request) -> Response:
    library: Library = request.app.state.library
    return PlainTextResponse(
        library.metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8"
    )


async def _openapi(request: Request) -> Response:
    return JSONResponse(openapi(request.app.state.library))


def _as_json(error: Refused) -> Response:
    return Response(error_body(error), error.status, media_type="application/json")


async def _not_found(request: Request, error: Any) -> Response:
    return _as_json(Refused("NOT_FOUND", f"Not found: {request.method} {request.url.path}"))


async def _wrong_method(request: Request, error: Any) -> Response:
    made = _as_json(
        Refused("INVALID_ARGUMENT", f"Malformed request: {request.method} {request.url.path}", 405)
    )
    made.headers.update(getattr(error, "headers", None) or {})
    return made


async def _refused(request: Request, error: Any) -> Response:
    """The answer of a route that refuses; what `Limits` refuses goes on to it."""
    if error.status in (408, 413):
        raise error
    return _as_json(error)


async def _failed(request: Request, error: Exception) -> Response:
    return _as_json(refusal_of(error))
