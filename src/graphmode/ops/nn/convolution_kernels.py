"""The arithmetic of convolutions, channels last.

In NumPy a convolution is one matrix product over all patches; in a trace it is XLA's, but a 1x1
convolution is a product, and the filter gradient of an input with few channels one over patches,
which took 5 ms in place of 15 (50x28x28x1 with 5x5x1x32, two cores).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from graphmode.framework.errors import invalid
from graphmode.ops import lowering, xp
from graphmode.ops.nn.windows import Windows, has_channels_first

_PATCH_COLUMNS = 128  # of a product with all patches


def channels_last(values: Sequence[Any], data_format: str) -> tuple[Any, ...]:
    """A number for each axis, in the order in which the channels come last."""
    if not has_channels_first(data_format):
        return tuple(values)
    return (values[0], *values[2:], values[1])


def as_format(values: Sequence[Any], data_format: str) -> tuple[Any, ...]:
    """The inverse of `channels_last`."""
    if not has_channels_first(data_format):
        return tuple(values)
    return (values[0], values[-1], *values[1:-1])


def window_of(filter_dims: Sequence[Any]) -> tuple[Any, ...]:
    """The lengths of a window from the shape of a filter, 1 for batch and channels."""
    return (1, *filter_dims[:-2], 1)


def channels_last_attrs(
    attrs: dict[str, Any],
) -> tuple[tuple[Any, ...], tuple[Any, ...], list[Any]]:
    """Strides, dilations and explicit paddings, channels last."""
    fmt = attrs["data_format"]
    explicit = attrs.get("explicit_paddings") or []
    pairs = [(explicit[i], explicit[i + 1]) for i in range(0, len(explicit), 2)]
    flat = [n for pair in channels_last(pairs, fmt) for n in pair] if pairs else []
    strides = channels_last(attrs["strides"], fmt)
    return strides, channels_last(attrs["dilations"], fmt), flat


class Convolution:
    """One convolution of known shapes: ``[batch, *space, depth]`` with ``[*window, inner, out]``.

    `depth` may be a multiple of `inner`: then the channels are convolved in groups.
    """

    def __init__(self, x_shape: Any, kernel_shape: Any, attrs: dict[str, Any]) -> None:
        strides, dilations, explicit = channels_last_attrs(attrs)
        if strides[0] != 1 or strides[-1] != 1 or dilations[0] != 1 or dilations[-1] != 1:
            raise invalid(
                "Current implementation does not yet support strides in the batch and depth "
                f"dimensions: strides={list(attrs['strides'])}, "
                f"dilations={list(attrs['dilations'])}, data_format={attrs['data_format']!r}."
            )
        self.kernel_shape = tuple(kernel_shape)
        self.windows = Windows.over(
            x_shape, window_of(kernel_shape), strides, attrs["padding"], explicit, dilations
        )
        self.depth, self.inner, self.out = x_shape[-1], kernel_shape[-2], kernel_shape[-1]
        if not self.inner or self.depth % self.inner or self.out % (self.depth // self.inner or 1):
            raise invalid(
                f"input depth must be evenly divisible by filter depth: {self.depth} vs "
                f"{self.inner}. The input is {list(x_shape)}, the filter {list(kernel_shape)}."
            )
        self.groups = self.depth // self.inner
        self.y_shape = (*self.windows.lengths[:-1], self.out)
        self.n_windows = math.prod(self.windows.lengths[:-1])
        self.patch = math.prod(self.windows.window) * self.inner

    def check_y(self, shape: Any) -> None:
        """InvalidArgumentError unless `shape` is what the convolution gives."""
        if tuple(shape) != self.y_shape:
            raise invalid(
                "Size of out_backprop doesn't match computed: actual = "
                f"{list(shape)}, computed = {list(self.y_shape)} for input sizes "
                f"{list(self.windows.sizes)}, filter {list(self.kernel_shape)}, strides "
                f"{list(self.windows.strides)} (channels last). For a transposed convolution, "
                "output_shape must be one that convolves back to the value's shape."
            )

    @property
    def is_product(self) -> bool:
        """Whether it is one matrix product over the channels: 1x1, stride 1, no padding."""
        w = self.windows
        return (
            self.groups == 1
            and math.prod(w.window) == 1
            and math.prod(w.strides) == 1
            and not any(map(any, w.pads))
        )

    def columns(self, x):
        """NumPy: ``[n_windows, groups, patch]``, the patches of each group of channels."""
        w = self.windows
        rank = len(w.sizes)
        patches = w.patches(x)  # [batch, *lengths, channels, 1, *window, 1]
        patches = np.moveaxis(patches, rank - 1, -1).squeeze((rank - 1, -2))
        if self.groups == 1:
            return np.reshape(patches, (self.n_windows, 1, self.patch))
        patches = patches.reshape(self.n_windows, -1, self.groups, self.inner)
        return patches.swapaxes(1, 2).reshape(self.n_windows, self.groups, self.patch)

    def traced_columns(self, x):
        """In a trace: ``[n_windows, patch]``."""
        import jax.numpy as jnp

        parts = self.windows.parts(x, 0)
        return jnp.concatenate(parts, -1).reshape(self.n_windows, len(parts) * self.depth)

    @property
    def _has_small_patches(self):
        """Whether a product with all patches is faster than XLA's convolution."""
        small = self.groups == 1 and self.patch <= _PATCH_COLUMNS
        return small and lowering.current().small_patches

    def grouped_kernel(self, kernel):
        """``[groups, patch, out of the group]``."""
        return kernel.reshape(self.patch, self.groups, self.out // self.groups).swapaxes(0, 1)

    def grouped(self, y):
        """``[groups, n_windows, out of the group]``."""
        return y.reshape(self.n_windows, self.groups, self.out // self.groups).swapaxes(0, 1)

    def xla(self, x, kernel):
        """The convolution by XLA's own instruction."""
        from jax import lax

        w, space = self.windows, "DHW"[3 - (len(self.kernel_shape) - 2) :]
        inner = slice(1, -1)
        return lax.conv_general_dilated(
            x,
            kernel,
            w.strides[inner],
            w.pads[inner],
            rhs_dilation=w.dilations[inner],
            dimension_numbers=(f"N{space}C", f"{space}IO", f"N{space}C"),
            feature_group_count=self.groups,
        )

    def forward(self, x, kernel):
        """The output for the images `x` and the filter `kernel`, channels last."""
        if self.is_product:
            y = xp.matmul(
                x.reshape(self.n_windows, self.depth), kernel.reshape(self.depth, self.out)
            )
        elif xp.is_traced(x, kernel):
            if not (self.depth == 1 and self._has_small_patches):
                return self.xla(x, kernel)
            # One channel: the columns are those of the filter gradient, too.
            y = xp.matmul(self.traced_columns(x), kernel.reshape(self.patch, self.out))
        else:
            y = np.matmul(
                self.columns(x).swapaxes(0, 1), np.ascontiguousarray(self.grouped_kernel(kernel))
            ).swapaxes(0, 1)
        return y.reshape(self.y_shape)

    def input_gradient(self, kernel, dy):
        """The gradient of the images, from that of the output, `dy`."""
        w = self.windows
        if self.is_product:
            dx = xp.matmul(
                dy.reshape(self.n_windows, self.out), kernel.reshape(self.depth, self.out).T
            )
            return dx.reshape(w.sizes)
        if xp.is_traced(kernel, dy):
            import jax

            like = jax.ShapeDtypeStruct(w.sizes, dy.dtype)
            return jax.linear_transpose(lambda x: self.xla(x, kernel), like)(dy)[0]
        grouped = self.grouped(dy)
        columns = np.matmul(grouped, self.grouped_kernel(kernel).swapaxes(1, 2))
        columns = columns.reshape(
            self.groups, *w.lengths[:-1], self.patch // self.inner, self.inner
        )
        columns = np.moveaxis(columns, 0, -2).reshape(
            *w.lengths[:-1], self.patch // self.inner, self.depth
        )
        return w.spread([columns[..., i, :] for i in range(columns.shape[-2])], dy.dtype)

    def filter_gradient(self, x, dy):
        """The gradient of the filter, from that of the output, `dy`."""
        if self.is_product:
            dk = xp.matmul(
                x.reshape(self.n_windows, self.depth).T, dy.reshape(self.n_windows, self.out)
            )
        elif not xp.is_traced(x, dy):
            dk = self._filter_gradient_of_patches(x, dy)
        elif self._has_small_patches:
            dk = xp.matmul(self.traced_columns(x).T, dy.reshape(self.n_windows, self.out))
        else:
            import jax

            like = jax.ShapeDtypeStruct(self.kernel_shape, dy.dtype)
            return jax.linear_transpose(lambda kernel: self.xla(x, kernel), like)(dy)[0]
        return dk.reshape(self.kernel_shape)

    def _filter_gradient_of_patches(self, x, dy):
        """In NumPy; small ones image by image.

        OpenBLAS divides one long and narrow product badly among threads: 1,400 ms against 2 on a
        busy machine.
        """
        images = len(x) if self.patch <= _PATCH_COLUMNS else 1
        columns = self.columns(x).reshape(images, -1 if images else 0, self.groups, self.patch)
        dy = dy.reshape(*columns.shape[:3], self.out // self.groups)
        total = np.zeros((self.groups, self.patch, self.out // self.groups), dy.dtype)
        for patches, gradients in zip(columns, dy, strict=True):
            for group in range(self.groups):
                total[group] += patches[:, group].T @ gradients[:, group]
        return total.swapaxes(0, 1)


class Depthwise(Convolution):
    """Each channel convolved by itself: ``[batch, *space, depth]``, ``[*window, depth, multiple]``.

    By shifted products in NumPy and on a CPU: there XLA's grouped convolution took 350 ms where
    these take 5 (32x28x28x64 with 3x3x64x1), and its filter gradient 250 ms where this takes 16.
    """

    def __init__(self, x_shape: Any, kernel_shape: Any, attrs: dict[str, Any]) -> None:
        depth, inner, multiple = x_shape[-1], kernel_shape[-2], kernel_shape[-1]
        if depth != inner:
            raise invalid(
                f"input and filter must have the same depth: {depth} vs {inner}. The input is "
                f"{list(x_shape)}, the filter {list(kernel_shape)}."
            )
        strides = channels_last(attrs["strides"], attrs["data_format"])
        if strides[1] != strides[2]:
            raise invalid(
                "Current implementation only supports equal length strides in the row and column "
                f"dimensions, got strides={list(attrs['strides'])}."
            )
        super().__init__(x_shape, (*kernel_shape[:-2], 1, depth * multiple), attrs)
        self.multiple = multiple

    def _per_channel(self, y):
        return y.reshape(*self.windows.lengths, self.multiple)

    def _by_shifts(self, *values):
        return not xp.is_traced(*values) or lowering.current().depthwise_by_shifts

    def forward(self, x, kernel):
        """The output for the images `x` and the filter `kernel`, channels last."""
        if not self._by_shifts(x, kernel):
            return super().forward(x, kernel.reshape(self.kernel_shape))
        kernel = kernel.reshape(-1, self.depth, self.multiple)
        total = None
        for part, weight in zip(self.windows.parts(x, 0), kernel, strict=True):
            product = part[..., None] * weight
            total = product if total is None else total + product
        return total.reshape(self.y_shape)

    def input_gradient(self, kernel, dy):
        """The gradient of the images, from that of the output, `dy`."""
        if not self._by_shifts(kernel, dy):
            return super().input_gradient(kernel.reshape(self.kernel_shape), dy)
        dy, kernel = self._per_channel(dy), kernel.reshape(-1, self.depth, self.multiple)
        parts = []
        for weight in kernel:
            terms = [dy[..., m] * weight[:, m] for m in range(self.multiple)]
            parts.append(sum(terms[1:], terms[0]))
        return self.windows.spread(parts, dy.dtype)

    def filter_gradient(self, x, dy):
        """The gradient of the filter, from that of the output, `dy`."""
        per_channel = (*self.kernel_shape[:-2], self.depth, self.multiple)
        if not self._by_shifts(x, dy):
            return super().filter_gradient(x, dy).reshape(per_channel)
        dy = self._per_channel(dy)
        sums = [sum_leading(part[..., None] * dy) for part in self.windows.parts(x, 0)]
        return xp.stack(sums).reshape(per_channel)


def sum_leading(x):
    """The sum of ``[batch, height, width, depth, n]`` over its first three axes.

    By halves in a trace: XLA's own reduction over leading axes does not use vectors on the CPU.
    """
    if xp.is_traced(x) and lowering.current().sums_by_halves:
        for axis in (0, 1):
            rest = None
            while x.shape[axis] > 1:
                half = x.shape[axis] // 2
                start = (slice(None),) * axis
                if x.shape[axis] % 2:
                    last = x[(*start, slice(2 * half, None))]
                    rest = last if rest is None else rest + last
                x = x[(*start, slice(half))] + x[(*start, slice(half, 2 * half))]
            x = x if rest is None else x + rest
    return xp.sum(x, axis=(0, 1, 2), dtype=x.dtype)


def _last(x, data_format: str):
    return xp.moveaxis(x, 1, -1) if has_channels_first(data_format) else x


def _in_format(x, data_format: str):
    return xp.moveaxis(x, -1, 1) if has_channels_first(data_format) else x


def _wide_on_host(x):
    """Of 16-bit floats, what NumPy must add up in single precision; XLA does so by itself."""
    return x if xp.is_traced(x) else xp.wide(x)


def forward(kind: type[Convolution], x, kernel, attrs: dict[str, Any]) -> Any:
    """The convolution of `kind`, in the format that the attributes say."""
    fmt = attrs["data_format"]
    moved = _last(x, fmt)
    y = kind(moved.shape, kernel.shape, attrs).forward(_wide_on_host(moved), _wide_on_host(kernel))
    return xp.astype(_in_format(y, fmt), x.dtype)


def input_gradient(kind: type[Convolution], sizes, kernel, dy, attrs: dict[str, Any]) -> Any:
    """The gradient by the input, of the lengths `sizes`, in the format that the attributes say."""
    fmt = attrs["data_format"]
    sizes = [int(n) for n in np.ravel(sizes)]
    if len(sizes) != dy.ndim:
        raise invalid(
            f"input_sizes must have {dy.ndim} elements, [batch, ..., channels] in the order of "
            f"{fmt}, got {sizes}."
        )
    moved = _last(dy, fmt)
    conv = kind(channels_last(sizes, fmt), kernel.shape, attrs)
    conv.check_y(moved.shape)
    dx = conv.input_gradient(_wide_on_host(kernel), _wide_on_host(moved))
    return xp.astype(_in_format(dx, fmt), dy.dtype)


def filter_gradient(kind: type[Convolution], x, sizes, dy, attrs: dict[str, Any]) -> Any:
    """The gradient by the filter, of the lengths `sizes`, in the format that the attributes say."""
    fmt = attrs["data_format"]
    moved, moved_dy = _last(x, fmt), _last(dy, fmt)
    conv = kind(moved.shape, [int(n) for n in np.ravel(sizes)], attrs)
    conv.check_y(moved_dy.shape)
    return xp.astype(conv.filter_gradient(_wide_on_host(moved), _wide_on_host(moved_dy)), dy.dtype)
