"""Windows that slide over an array: where they lie, for convolution and pooling.

Everything here is of full rank: batch and channel axes have windows of length 1. The arithmetic
goes over the *offsets* inside a window (25 for 5x5), each a strided slice of the padded array, and
so is the same in NumPy and in a trace.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from graphmode.framework.errors import invalid
from graphmode.ops import xp

DATA_FORMATS = {2: ("NHWC", "NCHW"), 3: ("NDHWC", "NCDHW")}
"""Spatial axes -> the data formats, channels last and channels first."""


def has_channels_first(data_format: str) -> bool:
    """Whether a format, such as "NCHW", has the channels before the other axes."""
    return data_format.startswith("NC")


def check_choice(op_type: str, attr: str, value: Any, choices: Sequence[str]) -> None:
    """ValueError, in TensorFlow's words, when a string attribute is none of `choices`."""
    if value not in choices:
        listed = ", ".join(f'"{choice}"' for choice in choices)
        raise ValueError(
            f"Attr '{attr}' of '{op_type}' Op passed string '{value}' not in: {listed}."
        )


def sequence(value: Any, n: int, data_format: str, name: str) -> list[int]:
    """One number for each axis, from a number, `n` spatial ones, or all ``n + 2``.

    Raises
    ------
    ValueError
        If there is another count of them.
    """
    if value is None:
        return [1] * (n + 2)
    values = [int(value)] if np.ndim(value) == 0 else [int(v) for v in value]
    if len(values) == n + 2:
        return values
    if len(values) == 1:
        values = values * n
    elif len(values) != n:
        raise ValueError(
            f"{name} should be of length 1, {n} or {n + 2}. Received: {name}={value} of length "
            f"{len(values)}"
        )
    return [1, 1, *values] if has_channels_first(data_format) else [1, *values, 1]


def strides_and_dilation(n: int, strides: Any, dilation_rate: Any) -> tuple[list[int], list[int]]:
    """The strides and the dilation along `n` spatial axes; ones where not given.

    Raises
    ------
    ValueError
        If there is another number of them, one is below 1, or both exceed 1.
    """
    checked: list[Any] = []
    for name, values in (("dilation_rate", dilation_rate), ("strides", strides)):
        values = [1] * n if values is None else [int(v) for v in values]
        if len(values) != n:
            raise ValueError(
                f"`len({name})` should be {n}. Received: {name}={values} of length {len(values)}"
            )
        if min(values) < 1:
            raise ValueError(f"all values of `{name}` must be positive. Received: {name}={values}")
        checked.append(values)
    rate, steps = checked
    if max(steps) > 1 and max(rate) > 1:
        raise ValueError(
            "strides > 1 not supported in conjunction with dilation_rate > 1. Received: "
            f"strides={steps} and dilation_rate={rate}"
        )
    return steps, rate


def convert_padding(padding: Any, expected_length: int = 4) -> tuple[Any, list[int]]:
    """The attributes `padding` and `explicit_paddings` of a public `padding` argument."""
    if isinstance(padding, str) and padding == "EXPLICIT":
        raise ValueError(
            "'EXPLICIT' is not a valid value for `padding`. To use explicit padding, `padding` "
            "must be a list."
        )
    if not isinstance(padding, list | tuple):
        return padding, []
    for i, pair in enumerate(padding):
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            raise ValueError(
                "When `padding` is a list, each element of `padding` must be a list/tuple of size "
                f"2. Received: padding={padding} with element at index {i}: {pair!r}"
            )
    if len(padding) != expected_length:
        raise ValueError(
            f"When padding is a list, it must be of size {expected_length}. Received: "
            f"padding={padding} of size {len(padding)}"
        )
    return "EXPLICIT", [int(n) for pair in padding for n in pair]


def output_length(n, window: int, stride: int, padding: str, pads=(0, 0)) -> int | None:
    """The static output length along one axis; `window` counts the gaps of a dilation.

    Raises
    ------
    ValueError
        If the window does not fit.
    """
    if n is None:
        return None
    if padding == "SAME":
        return -(-n // stride)
    n += sum(pads)
    if window > n:
        raise ValueError(
            f"Negative dimension size caused by subtracting {window} from {n}: the window is "
            "larger than its input. padding='SAME' pads the input; a smaller window or stride in "
            "the layers before leaves more of it"
        )
    return (n - window + stride) // stride


def output_dims(
    dims, window, strides, padding: str, explicit=(), dilations=None
) -> tuple[Any, ...]:
    """`output_length` along each axis; unknown lengths give unknown ones."""
    dilations = dilations or [1] * len(dims)
    pads = _pairs(explicit, len(dims))
    lengths: list[Any] = []
    for n, k, s, d, pad in zip(dims, window, strides, dilations, pads, strict=True):
        if k is None and padding != "SAME":
            lengths.append(None)
        elif k == s == 1 and pad == (0, 0):
            lengths.append(n)
        else:
            lengths.append(output_length(n, ((k or 1) - 1) * d + 1, s, padding, pad))
    return tuple(lengths)


def _pairs(explicit, rank: int) -> list[tuple[int, int]]:
    if not explicit:
        return [(0, 0)] * rank
    return [(explicit[2 * i], explicit[2 * i + 1]) for i in range(rank)]


@dataclass(frozen=True, slots=True)
class Windows:
    """The windows over an array of shape `sizes`: `lengths` of them along each axis."""

    sizes: tuple[int, ...]
    window: tuple[int, ...]
    strides: tuple[int, ...]
    dilations: tuple[int, ...]
    pads: tuple[tuple[int, int], ...]
    lengths: tuple[int, ...]

    @classmethod
    def over(cls, sizes, window, strides, padding: str, explicit=(), dilations=None) -> Windows:
        """The windows over an array of known shape.

        Raises
        ------
        InvalidArgumentError
            If a window is larger than what it slides over.
        """
        rank = len(sizes)
        dilations = tuple(dilations) if dilations else (1,) * rank
        pads, lengths = [], []
        for n, k, s, d, pad in zip(
            sizes, window, strides, dilations, _pairs(explicit, rank), strict=True
        ):
            reach = (k - 1) * d + 1
            if padding == "SAME":
                length = -(-n // s)
                total = max((length - 1) * s + reach - n, 0)
                pad = (total // 2, total - total // 2)
            else:
                room = n + sum(pad) - reach + s
                if room < 0:
                    raise invalid(
                        f"Computed output size would be negative: {(room - 1) // s + 1} "
                        f"[input_size: {n}, effective_filter_size: {reach}, stride: {s}]. The "
                        "window is larger than its input; padding='SAME' pads the input."
                    )
                length = room // s
            pads.append(pad)
            lengths.append(length)
        return cls(
            tuple(sizes), tuple(window), tuple(strides), dilations, tuple(pads), tuple(lengths)
        )

    @property
    def tile(self) -> bool:
        """Whether they neither overlap nor leave gaps: each element is in one window at most."""
        return self.window == self.strides and all(
            d == 1 or k == 1 for k, d in zip(self.window, self.dilations, strict=True)
        )

    def offsets(self) -> Iterator[tuple[int, ...]]:
        """The places inside a window, the last axis fastest."""
        return itertools.product(*(range(k) for k in self.window))

    def slices(self, offset: Sequence[int]) -> tuple[slice, ...]:
        """What of the padded array lies at `offset` of each window."""
        return tuple(
            slice(o * d, o * d + (n - 1) * s + 1 if n else o * d, s)
            for o, d, n, s in zip(offset, self.dilations, self.lengths, self.strides, strict=True)
        )

    def pad(self, x, fill):
        """`x` with its padding, filled with `fill`."""
        if not any(low or high for low, high in self.pads):
            return x
        if xp.is_traced(x):
            import jax.numpy as jnp

            return jnp.pad(x, self.pads, constant_values=fill)
        padded = np.full(self._padded_shape(), fill, x.dtype)
        padded[self._inside()] = x
        return padded

    def _padded_shape(self) -> list[int]:
        return [n + low + high for n, (low, high) in zip(self.sizes, self.pads, strict=True)]

    def _inside(self) -> tuple[slice, ...]:
        return tuple(slice(low, low + n) for n, (low, _) in zip(self.sizes, self.pads, strict=True))

    def parts(self, x, fill) -> list[Any]:
        """For each offset, the elements of `x` there, one for each window."""
        padded = self.pad(x, fill)
        return [padded[self.slices(offset)] for offset in self.offsets()]

    def patches(self, x, fill=0):
        """A NumPy view ``[*lengths, *window]`` of the padded `x`."""
        padded = self.pad(x, fill)
        steps = padded.strides
        return np.lib.stride_tricks.as_strided(
            padded,
            (*self.lengths, *self.window),
            (
                *(a * s for a, s in zip(steps, self.strides, strict=True)),
                *(a * d for a, d in zip(steps, self.dilations, strict=True)),
            ),
            writeable=False,
        )

    def spread(self, parts: Sequence[Any], dtype):
        """Add up what each window gives to each of its elements: the transpose of `parts`."""
        if not xp.is_traced(*parts):
            total = np.zeros(self._padded_shape(), dtype)
            for offset, part in zip(self.offsets(), parts, strict=True):
                total[self.slices(offset)] += part
            return np.ascontiguousarray(total[self._inside()])
        return self._spread_traced(parts, dtype)

    def _spread_traced(self, parts: Sequence[Any], dtype):
        """`spread` without scattering: one grid for each place within a stride, interleaved."""
        import jax.numpy as jnp
        from jax import lax

        zero = jnp.zeros((), dtype)
        places = list(zip(self.window, self.dilations, self.strides, self.lengths, strict=True))
        lengths = [n + (k - 1) * d // s for k, d, s, n in places]
        grids: dict[tuple[int, ...], Any] = {}
        for offset, part in zip(self.offsets(), parts, strict=True):
            config = [
                (o * d // s, length - o * d // s - n, 0)
                for o, (_, d, s, n), length in zip(offset, places, lengths, strict=True)
            ]
            placed = lax.pad(jnp.asarray(part, dtype), zero, config)
            key = tuple(o * d % s for o, (_, d, s, _) in zip(offset, places, strict=True))
            grids[key] = grids[key] + placed if key in grids else placed
        for axis in reversed(range(len(lengths))):
            grids = self._interleaved(grids, axis)
        (total,) = grids.values()
        config = [
            (-low, n + low - length, 0)
            for n, (low, _), length in zip(self.sizes, self.pads, total.shape, strict=True)
        ]
        return lax.pad(total, zero, config) if any(map(any, config)) else total

    def _interleaved(
        self, grids: dict[tuple[int, ...], Any], axis: int
    ) -> dict[tuple[int, ...], Any]:
        """Put the grids that differ in the place along `axis` into one array each."""
        import jax.numpy as jnp

        stride = self.strides[axis]
        if stride == 1:
            return grids
        rows: dict[tuple[int, ...], list[Any]] = {}
        for key, grid in grids.items():
            rest = (*key[:axis], 0, *key[axis + 1 :])
            rows.setdefault(rest, [None] * stride)[key[axis]] = grid
        merged: dict[Any, Any] = {}
        for key, row in rows.items():
            some = next(grid for grid in row if grid is not None)
            full = [jnp.zeros_like(some) if grid is None else grid for grid in row]
            shape = (*some.shape[:axis], some.shape[axis] * stride, *some.shape[axis + 1 :])
            merged[key] = jnp.stack(full, axis + 1).reshape(shape)
        return merged

    def along(self, axis: int) -> Windows:
        """The windows that slide along `axis` alone, the axes before it being pooled already."""
        rank = len(self.sizes)

        def only(values, other):
            return tuple(values[i] if i == axis else other for i in range(rank))

        sizes = (*self.lengths[:axis], *self.sizes[axis:])
        lengths = (*self.lengths[: axis + 1], *self.sizes[axis + 1 :])
        return Windows(
            sizes,
            only(self.window, 1),
            only(self.strides, 1),
            only(self.dilations, 1),
            only(self.pads, (0, 0)),
            lengths,
        )

    def axes(self) -> list[int]:
        """The axes along which a window does more than take each element."""
        return [
            i
            for i, (k, s, pad) in enumerate(zip(self.window, self.strides, self.pads, strict=True))
            if k != 1 or s != 1 or any(pad)
        ]

    def counts(self, dtype) -> np.ndarray:
        """How many elements of the array, padding not counted, each window holds."""
        total = np.ones((1,) * len(self.sizes))
        for i, (n, k, s, d, (low, _)) in enumerate(
            zip(self.sizes, self.window, self.strides, self.dilations, self.pads, strict=True)
        ):
            places = np.arange(self.lengths[i])[:, None] * s - low + np.arange(k) * d
            inside = ((places >= 0) & (places < n)).sum(1)
            total = total * inside.reshape([-1 if j == i else 1 for j in range(len(self.sizes))])
        return total.astype(dtype)
