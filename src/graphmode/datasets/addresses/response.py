"""A file as what `urllib.request.urlopen` gives."""

from __future__ import annotations

from email.message import Message
from typing import TYPE_CHECKING
from urllib.response import addinfourl

if TYPE_CHECKING:
    from pathlib import Path


class FileResponse(addinfourl):
    """The response to a GET whose body is a file, with what `http.client` adds to one."""

    reason = "OK"
    version = 11

    def __init__(self, path: Path, address: str, headers: dict[str, str]) -> None:
        message = Message()
        for name, value in headers.items():
            message[name] = value
        super().__init__(path.open("rb"), message, address, 200)
        self.msg = self.reason

    def getheader(self, name: str, default: str | None = None) -> str | None:
        """One header, whatever the case of its name."""
        return self.headers.get(name, default)

    def getheaders(self) -> list[tuple[str, str]]:
        """All headers."""
        return list(self.headers.items())
