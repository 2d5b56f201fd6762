"""Activations and initializers by name, as Keras has them: ``activation="relu"``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphmode.framework.shapes import TensorShape
from graphmode.ops import math
from graphmode.ops.nn import activation
from graphmode.variables import initializers, random_initializers, scaled_initializers

_ACTIVATIONS = {
    "relu", "relu6", "elu", "selu", "softmax", "softplus", "softsign", "sigmoid", "tanh", "swish",
}  # fmt: skip
_INITIALIZERS = {
    "zeros": initializers.Zeros,
    "ones": initializers.Ones,
    "constant": initializers.Constant,
    "random_uniform": random_initializers.RandomUniform,
    "random_normal": random_initializers.RandomNormal,
    "truncated_normal": random_initializers.TruncatedNormal,
    "glorot_uniform": scaled_initializers.GlorotUniform,
    "glorot_normal": scaled_initializers.GlorotNormal,
    "he_normal": scaled_initializers.he_normal,
    "he_uniform": scaled_initializers.he_uniform,
    "lecun_normal": scaled_initializers.lecun_normal,
    "lecun_uniform": scaled_initializers.lecun_uniform,
    "orthogonal": random_initializers.Orthogonal,
    "identity": initializers.Identity,
}
_OF_CLASS = {each.__name__: each for each in _INITIALIZERS.values()}


def activation_of(identifier: Any) -> Callable[..., Any] | None:
    """The function that `identifier` (a name, a callable or None) means; None for ``"linear"``."""
    if identifier is None or callable(identifier):
        return identifier
    if identifier == "linear":
        return None
    if identifier in _ACTIVATIONS:
        return getattr(activation, identifier, None) or getattr(math, identifier)
    raise ValueError(f"Unknown activation function: {identifier}")


def initializer_of(identifier: Any) -> Any:
    """The initializer that a name means; anything else as it is."""
    if not isinstance(identifier, str):
        return identifier
    # Keras takes the class's name too: "GlorotUniform".
    make = _INITIALIZERS.get(identifier) or _OF_CLASS.get(identifier)
    if make is None:
        raise ValueError(f"Unknown initializer: {identifier}")
    return make()


def lengths(value: Any, n: int, name: str, allow_zero: bool = False) -> tuple[int, ...]:
    """`value`, an int or `n` ints, as `n` ints.

    Raises
    ------
    ValueError
        If it is neither, or not positive.
    """
    if isinstance(value, int):
        found = (value,) * n
    else:
        try:
            found = tuple(int(length) for length in value)
        except (TypeError, ValueError):
            found = ()
        if len(found) != n:
            raise ValueError(
                f"The `{name}` argument must be a tuple of {n} integers. Received: {value}"
            )
    if min(found) < (0 if allow_zero else 1):
        if 0 in found:
            raise ValueError(f"The argument `{name}` cannot contains 0(s). Received: {found}")
        raise ValueError(
            f"The `{name}` argument must be a tuple of {n} positive integers. Received: {value}"
        )
    return found


def data_format_of(value: str | None) -> str:
    """`value` in lower case; ValueError unless it is a data format of layers."""
    if value is None:
        return "channels_last"
    lower = value.lower()
    if lower not in ("channels_first", "channels_last"):
        raise ValueError(
            'The `data_format` argument must be one of "channels_first", "channels_last". '
            f"Received: {value}"
        )
    return lower


def padding_of(value: Any, causal: bool = False) -> str:
    """`value` in lower case; ValueError unless it is a padding of layers."""
    lower: str = value.lower() if isinstance(value, str) else value
    if lower not in (("valid", "same", "causal") if causal else ("valid", "same")):
        raise ValueError(
            'The `padding` argument must be a list/tuple or one of "valid", "same" (or "causal", '
            f"only for `Conv1D). Received: {value}"
        )
    return lower


def op_format(data_format: str, n: int) -> str:
    """The ops' word: "channels_last" over 2 axes is "NHWC"."""
    space = {1: "W", 2: "HW", 3: "DHW"}[n]
    return f"NC{space}" if data_format == "channels_first" else f"N{space}C"


def channels_of(input_shape: Any, data_format: str) -> int:
    """The static number of channels.

    Raises
    ------
    ValueError
        If it is unknown.
    """
    shape = TensorShape(input_shape)
    axis = 1 if data_format == "channels_first" else -1
    dims = None if shape.ndims is None else shape.as_list()
    if dims is None or dims[axis] is None:
        raise ValueError(
            "The channel dimension of the inputs should be defined. Found `None`.\n"
            f"The inputs are {shape}, whose axis {axis} is that of the channels."
        )
    return dims[axis]
