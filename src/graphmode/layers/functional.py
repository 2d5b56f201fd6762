"""The function of a layer: `tf.layers.dense(x, 3)` is ``Dense(3)(x)``."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from graphmode.layers.base import Layer

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor


def layer_function(layer_class: type[Layer], name: str) -> Callable[..., Tensor]:
    """The function that makes a layer and calls it on ``inputs``.

    Parameters
    ----------
    layer_class : type
        Its arguments are those of the function, behind ``inputs`` and before ``reuse``.
    name : str
        The name of the function. Its argument ``name`` is the layer's variable scope.

    Returns
    -------
    callable
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

    def function(*args: Any, **kwargs: Any) -> Tensor:
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
    function.__doc__ = function_text(layer_class, _REUSE, "TypeError\n    For other arguments.\n")
    return function


_REUSE = """reuse : bool, optional
    Take the variables of the layer called `name`.
"""


def function_text(layer_class: type[Layer], last: str = "", raises: str = "") -> str:
    """The docstring of the function of a layer, from what its class and the bases of that say.

    Parameters
    ----------
    layer_class : type
        Its summary, and the Parameters and Raises that are first found in it or in its bases.
    last : str
        Parameters of the function alone, behind the layer's.
    raises : str
        More of Raises.

    Returns
    -------
    str
    """
    texts = [inspect.cleandoc(base.__doc__ or "") for base in layer_class.__mro__]
    parameters, errors = (
        next((part for text in texts if (part := _section(text, title))), "")
        for title in ("Parameters", "Raises")
    )
    head = texts[0].partition("\nParameters\n")[0].strip()
    errors += raises
    return (
        f"{head}\n\nThe function of the layer `tf.layers.{layer_class.__name__}`.\n\n"
        "Parameters\n----------\n"
        f"inputs : Tensor, floating\n    What the layer is called on.\n{parameters}{last}\n"
        "Returns\n-------\nTensor, floating\n    The output of the layer.\n"
        + (f"\nRaises\n------\n{errors}" if errors else "")
    )


def _section(text: str, title: str) -> str:
    """The lines of a numpydoc section, without ``**kwargs``, which the function does not take."""
    section = text.partition(f"\n{title}\n{'-' * len(title)}\n")[2].partition("\n\n")[0]
    return section.partition("\n**kwargs")[0] + "\n" if section else ""
