"""`Compression`: what is sent of a gradient in place of all its bits."""

from __future__ import annotations

from typing import Any

from graphmode.framework import dtypes
from graphmode.ops import math


class Compressor:
    """A way to send a tensor: `compress` before, `decompress` after; a base of your own."""

    @staticmethod
    def compress(tensor: Any) -> tuple[Any, Any]:
        """What is sent of `tensor`, and what `decompress` has to know."""
        raise NotImplementedError

    @staticmethod
    def decompress(tensor: Any, ctx: Any) -> Any:
        """What was meant by `tensor`."""
        raise NotImplementedError


class NoneCompressor(Compressor):
    """All bits."""

    @staticmethod
    def compress(tensor: Any) -> tuple[Any, Any]:
        """`tensor` itself."""
        return tensor, None

    @staticmethod
    def decompress(tensor: Any, ctx: Any) -> Any:
        """`tensor` itself."""
        del ctx
        return tensor


class FP16Compressor(Compressor):
    """Half precision: half the bytes, sums of 11 bits."""

    @staticmethod
    def compress(tensor: Any) -> tuple[Any, Any]:
        """A floating `tensor` as float16, any other one as it is."""
        if not tensor.dtype.is_floating:
            return tensor, None
        return math.cast(tensor, dtypes.float16), tensor.dtype

    @staticmethod
    def decompress(tensor: Any, ctx: Any) -> Any:
        """`tensor` in its former dtype `ctx`."""
        return tensor if ctx is None else math.cast(tensor, ctx)


class Compression:
    """The choices for ``compression=``."""

    none = NoneCompressor
    fp16 = FP16Compressor
