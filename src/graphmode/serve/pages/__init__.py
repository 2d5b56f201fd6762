"""The page of ``graphmode serve``: a person draws, writes and rates, and sees what a model says."""

from __future__ import annotations

import asyncio
import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from graphmode.serve.errors import Refused, invalid, refusal_of
from graphmode.serve.pages.subjects import GRAPHS, Subject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from starlette.requests import Request
    from starlette.routing import BaseRoute

    from graphmode.serve.library import Library

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-cache",
}
# Of the picture itself: dot writes presentation attributes, no style sheets and no scripts.
_OF_GRAPHS = {
    **_HEADERS,
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
}


_FILES = {
    "/": ("index.html", "text/html"),
    "/pages/page.css": ("page.css", "text/css"),
    "/pages/page.js": ("page.js", "text/javascript"),
}


def routes() -> list[Route]:
    """What `graphmode.serve.app` shows to a person: ``app(models, routes=routes())``.

    Returns
    -------
    list of starlette.routing.Route
    """
    return [
        *(_FileRoute(path, name, kind) for path, (name, kind) in _FILES.items()),
        Route("/pages/models", _models, methods=["GET"]),
        Route("/pages/models/{name}/graph.svg", _graph, methods=["GET"]),
        Route("/pages/models/{name}/items", _items, methods=["GET"]),
        Route("/pages/models/{name}/look", _asked("look"), methods=["POST"]),
        Route("/pages/models/{name}/restore", _asked("restore"), methods=["POST"]),
    ]


def open_paths(routes: Iterable[BaseRoute]) -> list[str]:
    """The paths of `routes` that need no token: the page that asks for it, and says nothing else.

    Parameters
    ----------
    routes : iterable of starlette.routing.BaseRoute

    Returns
    -------
    list of str
    """
    return [route.path for route in routes if isinstance(route, _FileRoute)]


class _FileRoute(Route):
    """A file of this package, the same for everybody."""

    def __init__(self, path: str, name: str, kind: str) -> None:
        content = (files(__name__) / name).read_bytes()
        locked = content.replace(b"<body>", b'<body data-locked="">')

        def answer(request: Request) -> Response:
            token = request.app.state.library.settings.token
            shown = content if token is None else locked
            return Response(shown, headers=_HEADERS, media_type=f"{kind}; charset=utf-8")

        super().__init__(path, answer, methods=["GET"])


def _models(request: Request) -> Response:
    library: Library = request.app.state.library
    return JSONResponse({"models": [_described(library, name) for name in library.names]})


def _described(library: Library, name: str) -> dict[str, Any]:
    try:
        with library.using(name) as version:
            return {"name": name, **Subject(version.model).described()}
    except Refused as error:
        return {"name": name, "view": "signatures", "idea": "", "error": error.text}


def _graph(request: Request) -> Response:
    library: Library = request.app.state.library
    try:
        with library.using(request.path_params["name"]) as version:
            picture = Subject(version.model).graph_svg() if GRAPHS else None
    except Refused as error:
        return _refusal(error)
    if picture is None:
        return _refusal(Refused("UNIMPLEMENTED", "pip install 'graphmode[plots]' draws graphs"))
    return Response(picture, headers=_OF_GRAPHS, media_type="image/svg+xml")


def _items(request: Request) -> Response:
    library: Library = request.app.state.library
    try:
        with library.using(request.path_params["name"]) as version:
            found = Subject(version.model).items(request.query_params.get("q", ""))
    except Refused as error:
        return _refusal(error)
    return JSONResponse({"items": found})


def _asked(what: str) -> Callable[..., Any]:
    """The answer to a picture, computed in the model's own queue."""

    async def answer(request: Request) -> Response:
        library: Library = request.app.state.library
        try:
            body = await request.body()
            with library.using(request.path_params["name"]) as version:
                work = getattr(Subject(version.model), what)
                found = await asyncio.wrap_future(version.batches.call(work, *_pictures(body)))
        except Refused as error:
            return _refusal(error)
        return JSONResponse(found)

    return answer


def _pictures(body: bytes) -> list[list[Any]]:
    """The picture of a request, and which pixels of it are hidden, if it says so."""
    try:
        asked = json.loads(body)
        found: list[Any] = [asked["image"], *([asked["hidden"]] if "hidden" in asked else [])]
    except (ValueError, KeyError, TypeError):
        found = [None]
    if not all(isinstance(part, list) for part in found):
        raise invalid('a picture is {"image": [value, ...]}')
    return found


def _refusal(error: Exception) -> Response:
    told = refusal_of(error)
    return JSONResponse({"error": told.text}, told.status)
