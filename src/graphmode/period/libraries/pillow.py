"""What Pillow no longer knows."""

from __future__ import annotations

from typing import Any

from graphmode.period.rows import Row

TITLE = "Pillow"
SOURCE = (
    "Pillow's release notes 1.0 (import PIL), 3.0 (tostring), 7.0 (PILLOW_VERSION), 10.0 (the rest)"
)

_HERE = __name__


def _row(module: str, name: str, now: str, gone: str, value: str) -> Row:
    return Row(module, name, f"`{now}`", gone, value)


ROWS = [
    _row("PIL.Image", "ANTIALIAS", "Image.LANCZOS", "Pillow 10", "PIL.Image:Resampling.LANCZOS"),
    _row("PIL.Image", "LINEAR", "Image.BILINEAR", "Pillow 10", "PIL.Image:Resampling.BILINEAR"),
    _row("PIL.Image", "CUBIC", "Image.BICUBIC", "Pillow 10", "PIL.Image:Resampling.BICUBIC"),
    _row("PIL.Image", "fromstring", "Image.frombytes", "Pillow 3", "PIL.Image:frombytes"),
    _row("PIL.Image", "VERSION", "PIL.__version__", "Pillow 7", "PIL:__version__"),
    _row("PIL.Image", "PILLOW_VERSION", "PIL.__version__", "Pillow 7", "PIL:__version__"),
    _row("PIL", "PILLOW_VERSION", "PIL.__version__", "Pillow 7", "PIL:__version__"),
    _row("PIL", "VERSION", "PIL.__version__", "Pillow 7", "PIL:__version__"),
    *(
        Row(name, "", f"`from PIL import {name}`", "Pillow 1", f"PIL.{name}")
        for name in ("Image", "ImageDraw", "ImageFont", "ImageFilter", "ImageOps")
    ),
    Row("PIL.Image", "Image.tostring", "`image.tobytes()`", "Pillow 3"),
    Row("PIL.ImageDraw", "ImageDraw.textsize", "`draw.textbbox((0, 0), text)`", "Pillow 10"),
    Row("PIL.ImageFont", "FreeTypeFont.getsize", "`font.getbbox(text)`", "Pillow 10"),
]


def _give(cls: Any, name: str, method: Any) -> None:
    if not hasattr(cls, name):
        setattr(cls, name, method)


def _change_image(module: Any) -> None:
    _give(module.Image, "tostring", module.Image.tobytes)


def _change_draw(module: Any) -> None:
    def textsize(self: Any, text: str, font: Any = None, *args: Any, **kwargs: Any) -> Any:
        """Width and height of a text, in pixels from its origin."""
        return self.textbbox((0, 0), text, font, None, *args, **kwargs)[2:]

    _give(module.ImageDraw, "textsize", textsize)
    _give(module.ImageDraw, "multiline_textsize", textsize)


def _change_font(module: Any) -> None:
    def getsize(self: Any, text: str, *args: Any, **kwargs: Any) -> Any:
        """Width and height of a text, in pixels from its origin."""
        return self.getbbox(text, *args, **kwargs)[2:]

    for cls in (module.FreeTypeFont, module.ImageFont, module.TransposedFont):
        _give(cls, "getsize", getsize)


CHANGES = {
    "PIL.Image": _change_image,
    "PIL.ImageDraw": _change_draw,
    "PIL.ImageFont": _change_font,
}
