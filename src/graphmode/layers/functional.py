"""The function of a layer: `tf.layers.dense(x, 3)` is ``Dense(3)(x)``."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from graphmode.layers.base import Layer


def layer_function(layer_class: type[Layer], name: str) -> Callable[..., Any]:
    """A function called `name` of ``inputs``, the arguments of `layer_class` and ``reuse``.

    It makes a layer, whose variable scope is the argument ``name`` and which takes the variables
    that exist if ``reuse``, and calls it on ``inputs``.
    """
    own = [
        parameter
        for parameter in inspect.signature(layer_class).parameters.values()
        if parameter.kind is parameter.POSITIONAL_OR_KEYWORD
    ]
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    inputs = inspect.Parameter("inputs", kind)
    last = inspect.Parameter("reuse", kind, default=None)
    signature = inspect.Signature([inputs, *own, last])

    def function(*args, **kwargs):
        try:
            given = signature.bind(*args, **kwargs).arguments
        except TypeError as error:
            raise TypeError(f"{name}() {error}") from None
        called_on, scope = given.pop("inputs"), given.get("name")
        reuse = given.pop("reuse", None)
        return layer_class(**given, _scope=scope, _reuse=reuse)(called_on)

    function.__name__ = function.__qualname__ = name
    function.__module__ = layer_class.__module__
    function.__signature__ = signature  # type: ignore[attr-defined]
    function.__doc__ = (
        f"A `{layer_class.__name__}` layer on `inputs`, whose arguments the others are.\n\n"
        "    With `reuse` it takes the variables of the layer called `name`.\n"
    )
    return function
