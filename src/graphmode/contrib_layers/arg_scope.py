"""`arg_scope`: default arguments of functions, for a block."""

from __future__ import annotations

import contextlib
import functools
import inspect
import threading
from collections.abc import Callable, Generator
from typing import Any

from graphmode.framework import nest


class _Stack(threading.local):
    def __init__(self) -> None:
        self.scopes: list[dict[str, dict[str, Any]]] = [{}]


_STACK = _Stack()
_DECORATED: dict[str, tuple[str, ...]] = {}


def arg_scope_func_key(op: Callable[..., Any]) -> str:
    """The str that the arguments of the function `op` are kept under."""
    return getattr(op, "_key_op", str(op))


def current_arg_scope() -> dict[str, dict[str, Any]]:
    """The open scope: for each function's key its default arguments."""
    return _STACK.scopes[-1]


@contextlib.contextmanager
def arg_scope(
    list_ops_or_scope: Any, **kwargs: Any
) -> Generator[dict[str, dict[str, Any]], None, None]:
    """A block in which `kwargs` are the defaults of some functions.

    Parameters
    ----------
    list_ops_or_scope : list of callable, or dict
        Functions decorated by `add_arg_scope`; or what an earlier ``with`` gave, to open it again.
    **kwargs
        Arguments. An inner block's come before an outer one's, a call's own before both.

    Yields
    ------
    dict
        The scope: for each function its defaults.

    Raises
    ------
    TypeError
        If the first argument is neither.
    ValueError
        If a function is not decorated, or a scope is opened again with `kwargs`.

    Examples
    --------
    >>> import graphmode as tf
    >>> layers = tf.contrib.layers
    >>> with tf.Graph().as_default():
    ...     with tf.contrib.framework.arg_scope([layers.fully_connected], activation_fn=None):
    ...         print(layers.fully_connected(tf.zeros([2, 3]), 4).op.type)
    BiasAdd
    """
    if isinstance(list_ops_or_scope, nest.DICT):
        if kwargs:
            raise ValueError(
                "When attempting to re-use a scope by suppling a dictionary, kwargs must be empty."
            )
        scope: dict[str, dict[str, Any]] = list_ops_or_scope.copy()
    elif isinstance(list_ops_or_scope, nest.LISTS):
        scope = current_arg_scope().copy()
        for op in list_ops_or_scope:
            if not has_arg_scope(op):
                raise ValueError(f"{_name_of(op)} is not decorated with @add_arg_scope")
            key = arg_scope_func_key(op)
            scope[key] = {**scope.get(key, {}), **kwargs}
    else:
        raise TypeError("list_ops_or_scope must either be a list/tuple or reused scope (i.e. dict)")
    _STACK.scopes.append(scope)
    try:
        yield scope
    finally:
        _STACK.scopes.pop()


def _name_of(op: Any) -> tuple[Any, Any]:
    return getattr(op, "__module__", None), getattr(op, "__name__", None)


def add_arg_scope(func: Callable[..., Any]) -> Callable[..., Any]:
    """A decorator: `func` takes default arguments from the open `arg_scope`."""
    key = arg_scope_func_key(func)

    @functools.wraps(func)
    def with_defaults(*args: Any, **kwargs: Any) -> Any:
        defaults = current_arg_scope().get(key)
        return func(*args, **({**defaults, **kwargs} if defaults else kwargs))

    parameters = inspect.signature(func).parameters.values()
    _DECORATED[key] = tuple(p.name for p in parameters if p.default is not p.empty)
    with_defaults._key_op = key  # type: ignore[attr-defined]
    return with_defaults


def has_arg_scope(func: Any) -> bool:
    """Whether `func` is decorated by `add_arg_scope`."""
    return arg_scope_func_key(func) in _DECORATED


def arg_scoped_arguments(func: Callable[..., Any]) -> tuple[str, ...]:
    """The names of the arguments of `func` that have defaults."""
    return _DECORATED[arg_scope_func_key(func)]
