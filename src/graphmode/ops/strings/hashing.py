"""Strings put into buckets by their hashes: FarmHash, SipHash, MurmurHash."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import shape_rules
from graphmode.framework.dtypes import ANY
from graphmode.framework.errors import invalid
from graphmode.framework.inference import constant_value
from graphmode.framework.op import op, overloaded
from graphmode.ops.old_names import either
from graphmode.ops.strings.each import each

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor

_MASK = (1 << 64) - 1

# ---- FarmHash ------------------------------------------------------------------------------------

_K0, _K1, _K2 = 0xC3A5C85C97CB3127, 0xB492B66FBE98F273, 0x9AE16A3B2F90404F


def _word(string: bytes, start: int, size: int = 8) -> int:
    return int.from_bytes(string[start : start + size], "little")


def _turned(value: int, by: int) -> int:
    """The 64 bits of `value` turned to the right."""
    return (value >> by | value << (64 - by)) & _MASK


def _mixed(value: int) -> int:
    return value ^ value >> 47


def _of_16(u: int, v: int, factor: int = 0x9DDFEA08EB382D69) -> int:
    a = _mixed((u ^ v) * factor & _MASK)
    b = _mixed((v ^ a) * factor & _MASK)
    return b * factor & _MASK


def _up_to_16(s: bytes) -> int:
    n = len(s)
    if n >= 8:
        factor = _K2 + n * 2
        a, b = _word(s, 0) + _K2 & _MASK, _word(s, n - 8)
        c = _turned(b, 37) * factor + a & _MASK
        d = (_turned(a, 25) + b) * factor & _MASK
        return _of_16(c, d, factor)
    if n >= 4:
        return _of_16(n + (_word(s, 0, 4) << 3), _word(s, n - 4, 4), _K2 + n * 2)
    if n:
        y = s[0] + (s[n >> 1] << 8)
        z = n + (s[-1] << 2)
        return _mixed((y * _K2 ^ z * _K0) & _MASK) * _K2 & _MASK
    return _K2


def _up_to_32(s: bytes) -> int:
    n = len(s)
    factor = _K2 + n * 2
    a, b = _word(s, 0) * _K1 & _MASK, _word(s, 8)
    c, d = _word(s, n - 8) * factor & _MASK, _word(s, n - 16) * _K2 & _MASK
    first = _turned(a + b & _MASK, 43) + _turned(c, 30) + d
    return _of_16(first & _MASK, a + _turned(b + _K2 & _MASK, 18) + c & _MASK, factor)


def _up_to_64(s: bytes) -> int:
    n = len(s)
    factor = _K2 + n * 2
    a, b = _word(s, 0) * _K2 & _MASK, _word(s, 8)
    c, d = _word(s, n - 8) * factor & _MASK, _word(s, n - 16) * _K2 & _MASK
    y = _turned(a + b & _MASK, 43) + _turned(c, 30) + d & _MASK
    z = _of_16(y, a + _turned(b + _K2 & _MASK, 18) + c & _MASK, factor)
    e, f = _word(s, 16) * factor & _MASK, _word(s, 24)
    g, h = (y + _word(s, n - 32)) * factor & _MASK, (z + _word(s, n - 24)) * factor & _MASK
    first = _turned(e + f & _MASK, 43) + _turned(g, 30) + h
    return _of_16(first & _MASK, e + _turned(f + a & _MASK, 18) + g & _MASK, factor)


def _weak_of_32(s: bytes, start: int, a: int, b: int) -> tuple[int, int]:
    w, x, y, z = (_word(s, start + 8 * i) for i in range(4))
    a = a + w & _MASK
    b = _turned(b + a + z & _MASK, 21)
    c = a
    a = a + x + y & _MASK
    return a + z & _MASK, b + _turned(a, 44) + c & _MASK


@functools.lru_cache(maxsize=1 << 15)  # words of texts come again
def farm_fingerprint(s: bytes) -> int:
    """The 64 bits of FarmHash that never change between its versions (farmhashna)."""
    n = len(s)
    if n <= 64:
        return _up_to_16(s) if n <= 16 else _up_to_32(s) if n <= 32 else _up_to_64(s)
    x, y = 81, 81 * _K1 + 113 & _MASK
    z = _mixed(y * _K2 + 113 & _MASK) * _K2 & _MASK
    v, w = (0, 0), (0, 0)
    x = x * _K2 + _word(s, 0) & _MASK
    end = (n - 1) // 64 * 64
    last = end + ((n - 1) & 63) - 63

    def step(at: int, x: int, y: int, z: int, v: Any, w: Any, factor: int, times: int):
        x = _turned(x + y + v[0] + _word(s, at + 8) & _MASK, 37) * factor & _MASK
        y = _turned(y + v[1] + _word(s, at + 48) & _MASK, 42) * factor & _MASK
        x ^= w[1] * times & _MASK
        y = y + v[0] * times + _word(s, at + 40) & _MASK
        z = _turned(z + w[0] & _MASK, 33) * factor & _MASK
        v = _weak_of_32(s, at, v[1] * factor & _MASK, x + w[0] & _MASK)
        w = _weak_of_32(s, at + 32, z + w[1] & _MASK, y + _word(s, at + 16) & _MASK)
        return z, y, x, v, w  # x and z change places

    for at in range(0, end, 64):
        x, y, z, v, w = step(at, x, y, z, v, w, _K1, 1)
    factor = _K1 + ((z & 0xFF) << 1) & _MASK
    w = (w[0] + ((n - 1) & 63) & _MASK, w[1])
    v = (v[0] + w[0] & _MASK, v[1])
    w = (w[0] + v[0] & _MASK, w[1])
    x, y, z, v, w = step(last, x, y, z, v, w, factor, 9)
    return _of_16(
        _of_16(v[0], w[0], factor) + _mixed(y) * _K0 + z & _MASK,
        _of_16(v[1], w[1], factor) + x & _MASK,
        factor,
    )


# ---- SipHash, MurmurHash -------------------------------------------------------------------------


def _rounds(state: list[int], count: int) -> None:
    a, b, c, d = state
    for _ in range(count):
        a, c = a + b & _MASK, c + d & _MASK
        b, d = _turned(b, 51) ^ a, _turned(d, 48) ^ c
        a, c = _turned(a, 32) + d & _MASK, c + b & _MASK
        d, b = _turned(d, 43) ^ a, _turned(b, 47) ^ c
        c = _turned(c, 32)
    state[:] = a, b, c, d


def sip_hash(s: bytes, key: Sequence[int]) -> int:
    """SipHash-2-4 of `s` by a key of two 64-bit numbers (Aumasson, Bernstein 2012)."""
    low, high = (number & _MASK for number in key)
    state = [
        low ^ 0x736F6D6570736575, high ^ 0x646F72616E646F6D,
        low ^ 0x6C7967656E657261, high ^ 0x7465646279746573,
    ]  # fmt: skip
    padded = s + bytes(7 - len(s) % 8) + bytes([len(s) & 0xFF])
    for at in range(0, len(padded), 8):
        word = _word(padded, at)
        state[3] ^= word
        _rounds(state, 2)
        state[0] ^= word
    state[2] ^= 0xFF
    _rounds(state, 4)
    return state[0] ^ state[1] ^ state[2] ^ state[3]


def murmur_hash(s: bytes) -> int:
    """MurmurHash64A of `s` with the seed that TensorFlow takes."""
    factor, n = 0xC6A4A7935BD1E995, len(s)
    found = 0xDECAFCAFFE ^ n * factor & _MASK
    for at in range(0, n - 7, 8):
        word = _word(s, at) * factor & _MASK
        found = (found ^ (word ^ word >> 47) * factor & _MASK) * factor & _MASK
    if n % 8:
        found = (found ^ _word(s[n - n % 8 :], 0)) * factor & _MASK
    found = _mixed(found) * factor & _MASK
    return _mixed(found)


def joined_fingerprint(first: int, second: int) -> int:
    """The fingerprint of two fingerprints, in this order, as TensorFlow joins them."""
    factor = 0xC6A4A7935BD1E995
    found = first ^ factor ^ _mixed(second * factor & _MASK) * factor & _MASK
    return _mixed(_mixed(found * factor & _MASK) * factor & _MASK)


# ---- the ops -------------------------------------------------------------------------------------


def _bucket_shape(op):
    if op.attrs["num_buckets"] < 1:
        raise ValueError(
            f"Value for attr 'num_buckets' of {op.attrs['num_buckets']} must be at least minimum 1"
        )
    return [op.inputs[0].dims]


def _buckets(strings, hashed: Callable[[bytes], int], num_buckets: int):
    return each(lambda string: hashed(string) % num_buckets, strings, np.int64)


@op("StringToHashBucket", "string -> int64", shape=_bucket_shape)
def _to_bucket(string_tensor, *, num_buckets: int):
    return _buckets(string_tensor, murmur_hash, num_buckets)


@overloaded
def string_to_hash_bucket(
    string_tensor: Any = None, num_buckets: Any = None, name: str | None = None, input: Any = None
) -> Tensor:
    """The bucket of each string by its MurmurHash.

    Parameters
    ----------
    string_tensor, input : Tensor, string, of any shape
        `input` is another name of it.
    num_buckets : int
        At least 1.

    Returns
    -------
    Tensor, int64, of the same shape

    Raises
    ------
    ValueError
        If `num_buckets` is below 1.

    Notes
    -----
    TF op StringToHashBucket.
    """
    strings = either("input", input, "string_tensor", string_tensor)
    return _to_bucket(strings, num_buckets=num_buckets, name=name)


@op("StringToHashBucketFast", "string -> int64", shape=_bucket_shape)
def string_to_hash_bucket_fast(input, *, num_buckets: int):
    """The bucket of each string by its FarmHash.

    Parameters
    ----------
    input : Tensor, string, of any shape
    num_buckets : int
        At least 1.

    Returns
    -------
    Tensor, int64, of the same shape

    Raises
    ------
    ValueError
        If `num_buckets` is below 1.

    Notes
    -----
    TF op StringToHashBucketFast.
    """
    return _buckets(input, farm_fingerprint, num_buckets)


@op("StringToHashBucketStrong", "string -> int64", shape=_bucket_shape)
def string_to_hash_bucket_strong(input, *, num_buckets: int, key: Sequence[int]):
    """The bucket of each string by its SipHash, which nobody can foresee without the key.

    Parameters
    ----------
    input : Tensor, string, of any shape
    num_buckets : int
        At least 1.
    key : list of two int

    Returns
    -------
    Tensor, int64, of the same shape

    Raises
    ------
    ValueError
        If `num_buckets` is below 1.
    InvalidArgumentError
        When it runs, if `key` has another length.

    Notes
    -----
    TF op StringToHashBucketStrong.
    """
    if len(key) != 2:
        raise invalid("Key must have 2 elements")
    return _buckets(input, lambda string: sip_hash(string, key), num_buckets)


def _fingerprint_shape(op):
    dims = op.inputs[0].dims
    if dims == ():
        raise ValueError("Shape must be at least rank 1 but is rank 0")
    shape_rules.with_rank(op.inputs[1].dims, 0)
    method = constant_value(op.inputs[1])
    if method is not None and method.item() != b"farmhash64":
        raise ValueError(f"Unsupported method: {method.item().decode()}")
    return [(dims[0] if dims else None, 8)]


@op("Fingerprint", "T, string -> fingerprint: uint8", shape=_fingerprint_shape, T=ANY)
def _fingerprint(data, method):
    if method.item() != b"farmhash64":
        raise invalid(f"Unsupported method: {method.item().decode()}")
    words = data
    if data.dtype == object:
        words = np.array([farm_fingerprint(text) for text in data.ravel().tolist()], "<u8")
        words = words.reshape(data.shape)
        if data.ndim == 1:
            return words.view(np.uint8).reshape(-1, 8)
    rows = (np.ascontiguousarray(row).tobytes() for row in words)
    return np.array([farm_fingerprint(row) for row in rows], "<u8").view(np.uint8).reshape(-1, 8)


def fingerprint(data: Any, method: str = "farmhash64", name: str | None = None) -> Tensor:
    """The 64 bits of FarmHash of each row, which never change.

    Parameters
    ----------
    data : Tensor, of any dtype and at least one axis
    method : {"farmhash64"}

    Returns
    -------
    Tensor, uint8 [rows, 8]
        The lowest byte first. Rows of several strings are those of their fingerprints.

    Raises
    ------
    ValueError
        If `data` is a scalar, or there is no such method.

    Notes
    -----
    TF op Fingerprint.
    """
    return _fingerprint(data, method, name=name)
