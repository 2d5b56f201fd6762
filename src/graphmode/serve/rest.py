"""TensorFlow Serving's REST API: addresses, verbs, answers and errors.

``/v1/models/NAME[/versions/N|/labels/L]`` and after it ``:predict``, ``:classify``, ``:regress`` or
``/metadata``; for models of `graphmode.models` also ``:recommend`` and ``:generate``.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from google.protobuf import json_format
from starlette.responses import Response, StreamingResponse

from graphmode.saved_models.constants import CLASSIFY_INPUTS
from graphmode.serve.errors import Refused, invalid, refusal_of
from graphmode.serve.examples import examples_in
from graphmode.serve.inference import classified, regressed
from graphmode.serve.limits import error_body
from graphmode.serve.tensors import as_json, feeds_in, parsed, signature_name_in, written

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

    from graphmode.serve.library import Library, Version

_ADDRESS = re.compile(
    r"/v1/models/(?P<name>[^/:]+)"
    r"(?:/versions/(?P<version>[0-9]+)|/labels/(?P<label>[^/:]+))?"
    r"(?::(?P<verb>predict|classify|regress|recommend|generate)|/(?P<metadata>metadata))?"
)
_LARGE = 256 * 1024
"""Bodies of more bytes are parsed in another thread: other requests are not kept waiting."""


@dataclass(frozen=True)
class Address:
    """What a path asks for.

    Parameters
    ----------
    name : str
    version : int or None
    label : str or None
    verb : str
        ``status`` and ``metadata`` for what is only shown.
    """

    name: str
    version: int | None
    label: str | None
    verb: str

    @classmethod
    def of(cls, method: str, path: str) -> Address:
        """Take a path apart.

        Raises
        ------
        Refused
            If it is none, or is asked for by another method.
        """
        if path.rstrip("/") == "/v1/models" and method == "GET":
            raise invalid("Missing model name in request.")
        found = _ADDRESS.fullmatch(path)
        if found is None:
            raise invalid(f"Malformed request: {method} {path}")
        name, version, label, verb, metadata = found.group(
            "name", "version", "label", "verb", "metadata"
        )
        verb = verb or metadata or "status"
        if method != ("GET" if verb in ("status", "metadata") else "POST"):
            raise invalid(f"Malformed request: {method} {path}")
        if version is not None and int(version) >= 2**63:
            raise invalid(f"Failed to convert version: {version} to numeric.")
        return cls(name, None if version is None else int(version), label, verb)


class Api:
    """Answers requests about models.

    Parameters
    ----------
    library : Library
    """

    def __init__(self, library: Library) -> None:
        self._library = library
        self._settings = library.settings
        self._n_streams = 0

    async def answer(self, scope: Any, body: Callable[[], Awaitable[bytes]]) -> Response:
        """Answer a request.

        Parameters
        ----------
        scope : dict
            ASGI's, of a request.
        body : coroutine function
            Gives what was sent.

        Returns
        -------
        starlette.responses.Response

        Raises
        ------
        Refused
            If the body is not what it may be: the connection cannot go on.
        """
        start = time.perf_counter()
        model, verb = "", "malformed"
        try:
            address = Address.of(scope["method"], scope["path"])
            model, verb = address.name, address.verb
            if verb == "status":
                found = self._library.status(model, address.version, address.label)
                response = _pretty({"model_version_status": found})
            elif verb == "metadata":
                with self._library.using(model, address.version, address.label) as version:
                    response = _pretty(metadata(model, version))
            else:
                response = await self._computed(address, scope, await body())
        except TimeoutError:
            seconds = self._settings.timeout
            response = _refusal(
                Refused("DEADLINE_EXCEEDED", f"the model took more than {seconds:g} s")
            )
        except Refused as error:
            if error.status in (408, 413):
                raise
            response = _refusal(error)
        self._library.metrics.observe_request(
            model if self._library.has(model) else "", verb, response.status_code,
            time.perf_counter() - start,
        )  # fmt: skip
        return response

    async def predicted(self, path: str, body: bytes) -> Response:
        """Answer a request to predict, as `answer` does.

        Parameters
        ----------
        path : str
        body : bytes

        Returns
        -------
        starlette.responses.Response
        """

        async def whole() -> bytes:
            return body

        return await self.answer({"method": "POST", "path": path, "headers": ()}, whole)

    def refusal(self, error: Refused) -> Response:
        """The answer to what is refused."""
        return _refusal(error)

    async def _computed(self, address: Address, scope: Any, body: bytes) -> Response:
        version = self._library.taken(address.name, address.version, address.label)
        is_streamed = False
        try:
            if address.verb == "predict":
                made = await _predicted(version, body, self._settings.timeout)
                return Response(made, media_type=_JSON)
            async with asyncio.timeout(self._settings.timeout):
                if address.verb in ("classify", "regress"):
                    made = await _of_examples(version, address.verb, body)
                    return Response(made, media_type=_JSON)
                if address.verb == "recommend":
                    return Response(await _recommended(version, body), media_type=_JSON)
                accepts = dict(scope["headers"]).get(b"accept", b"").decode("latin-1")
                response = await self._generated(version, body, accepts)
                is_streamed = isinstance(response, StreamingResponse)
                return response
        finally:
            if not is_streamed:
                self._library.released(version)

    # ---- text ------------------------------------------------------------------------------------

    async def _generated(self, version: Version, body: bytes, accepts: str) -> Response:
        _require_verb(version, "generate")
        request = parsed(body)
        is_stream = request.get("stream", False)
        if not isinstance(is_stream, bool):
            raise invalid("'stream' must be true or false")
        if self._n_streams >= self._settings.max_streams:
            raise Refused(
                "RESOURCE_EXHAUSTED",
                f"{self._n_streams} texts are being generated: try again later",
            )
        try:
            pieces = version.model.generate(request)
        except ValueError as error:
            raise refusal_of(error) from None
        if not is_stream:
            self._n_streams += 1
            try:
                text = await asyncio.to_thread(_joined, pieces, self._settings.timeout)
            finally:
                self._n_streams -= 1
            return Response(as_json({"text": text}), media_type=_JSON)
        # The first piece is made before the answer begins: what is wrong is still a status.
        first = await asyncio.to_thread(_next_piece, pieces)
        as_lines = _LINES in accepts
        self._n_streams += 1

        def end() -> None:
            self._n_streams -= 1
            self._library.released(version)

        return _TextStream(_streamed(first, pieces, as_lines), as_lines, end)


_JSON = "application/json"
_LINES = "application/x-ndjson"


class _TextStream(StreamingResponse):
    """An answer that comes in pieces; `end` is called once nobody sends it any more.

    The pieces' own iterator could not say so: of a client that leaves before the first one is sent
    it is never begun.
    """

    def __init__(
        self, pieces: AsyncIterator[bytes], as_lines: bool, end: Callable[[], None]
    ) -> None:
        super().__init__(
            pieces,
            media_type=_LINES if as_lines else "text/event-stream",
            headers={"cache-control": "no-cache", "x-accel-buffering": "no"},
        )
        self._end = end

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._end()


async def _streamed(
    piece: str | None, pieces: Iterator[str], as_lines: bool
) -> AsyncIterator[bytes]:
    """Pieces of a text as events, or as lines of JSON; the last one says that it is done."""
    form = b"%s\n" if as_lines else b"data: %s\n\n"
    try:
        while piece is not None:
            yield form % as_json({"text": piece})
            piece = await asyncio.to_thread(_next_piece, pieces)
        yield form % as_json({"done": True})
    except Refused as error:
        yield form % error_body(error)


def _refusal(error: Refused) -> Response:
    return Response(error_body(error), error.status, media_type=_JSON)


def _pretty(value: Any) -> Response:
    return Response(json.dumps(value, indent=1, ensure_ascii=False) + "\n", media_type=_JSON)


def _next_piece(pieces: Iterator[str]) -> str | None:
    try:
        return next(pieces, None)
    except Exception as error:
        raise refusal_of(error) from error


def _joined(pieces: Iterator[str], seconds: float) -> str:
    """All pieces together; an end is put to what takes too long."""
    until = time.monotonic() + seconds
    made = []
    while (piece := _next_piece(pieces)) is not None:
        made.append(piece)
        if time.monotonic() > until:
            raise Refused("DEADLINE_EXCEEDED", f"the text took more than {seconds:g} s: ask for "
                          "less, or with 'stream': true")  # fmt: skip
    return "".join(made)


def _require_verb(version: Version, verb: str) -> None:
    if verb not in getattr(version.model, "verbs", ()):
        raise invalid(f"this model has no {verb}")


# ---- what models compute -------------------------------------------------------------------------


async def _predicted(version: Version, body: bytes, seconds: float) -> bytes:
    def read() -> Any:
        request = parsed(body)
        signature = version.signature(signature_name_in(request))
        signature.check_method("predict")
        # A byte is found in no time: most bodies have none of "true" and "false".
        has_words = (b"r" in body and b"true" in body) or (b"l" in body and b"false" in body)
        return signature, *feeds_in(request, signature, has_words)

    is_large = len(body) > _LARGE
    asked = None if is_large else read()
    # What this thread computes itself no timer could interrupt.
    is_quick = asked is not None and asked[0].is_quick
    async with contextlib.nullcontext() if is_quick else asyncio.timeout(seconds):
        signature, feeds, by_row = asked or await asyncio.to_thread(read)
        found = await version.batches.compute(signature, feeds, list(signature.outputs))
        is_large = is_large or sum(array.nbytes for array in found.values()) > _LARGE
        if is_large:
            return await asyncio.to_thread(written, found, by_row)
        return written(found, by_row)


async def _of_examples(version: Version, verb: str, body: bytes) -> bytes:
    request = parsed(body)
    signature = version.signature(signature_name_in(request))
    signature.check_method(verb)
    examples = examples_in(request)
    signature.check_inputs([CLASSIFY_INPUTS])
    found = await version.batches.compute(
        signature, {CLASSIFY_INPUTS: examples}, list(signature.outputs)
    )  # fmt: skip
    if verb == "classify":
        return as_json({"results": classified(found, len(examples))})
    return as_json({"results": regressed(found, len(examples))})


async def _recommended(version: Version, body: bytes) -> bytes:
    _require_verb(version, "recommend")
    request = parsed(body)
    return as_json(
        await asyncio.wrap_future(version.batches.call(version.model.recommend, request))
    )


def metadata(name: str, version: Version) -> dict[str, Any]:
    """What ``GetModelMetadata`` says of a version, as JSON has it.

    Parameters
    ----------
    name : str
        Of the model.
    version : Version

    Returns
    -------
    dict
    """
    signatures = {
        key: json_format.MessageToDict(
            signature.definition,
            preserving_proto_field_name=True,
            always_print_fields_with_no_presence=True,
        )
        for key, signature in version.model.signatures.items()
    }
    return {
        "model_spec": {"name": name, "signature_name": "", "version": str(version.number)},
        "metadata": {"signature_def": {"signature_def": signatures}},
    }
