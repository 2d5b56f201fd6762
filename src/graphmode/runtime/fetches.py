"""What to compute: any nesting of fetches, flattened to graph elements and put together again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework import nest
from graphmode.framework.contexts import from_outside
from graphmode.framework.convert import fix_no_tensor
from graphmode.framework.errors import InvalidArgumentError
from graphmode.framework.indexed_slices import IndexedSlices, IndexedSlicesValue
from graphmode.framework.operation import Operation, Tensor
from graphmode.framework.sparse_tensor import SparseTensor, SparseTensorValue

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from graphmode.framework.graph import Graph

Rebuild = "Callable[[list[Any]], Any]"
_COMPOSITES: dict[type, Any] = {IndexedSlices: IndexedSlicesValue, SparseTensor: SparseTensorValue}


def fetch_key(fetches: Any) -> Any:
    """A hashable form of `fetches`: equal keys ask for the same values in the same structure."""
    if isinstance(fetches, nest.LISTS):
        return (type(fetches), *map(fetch_key, fetches))
    if isinstance(fetches, nest.DICT):
        return (type(fetches), *((key, fetch_key(value)) for key, value in fetches.items()))
    return fetches


class Fetches:
    """The elements that a fetch structure asks for, each once, and how to rebuild the structure.

    Raises
    ------
    TypeError, ValueError
        For what cannot be fetched, with TensorFlow's words.
    """

    def __init__(self, graph: Graph, fetches: Any) -> None:
        self._graph = graph
        self._index: dict[Tensor | Operation, int] = {}
        self.tensors: list[Tensor] = []
        self.operations: list[Operation] = []
        self.rebuild: Callable[[list[Any]], Any] = self._add(fetches)

    @property
    def elements(self) -> list[Tensor | Operation]:
        """The tensors, and then the operations."""
        return [*self.tensors, *self.operations]

    def _add(self, fetch: Any) -> Callable[[list[Any]], Any]:
        kind: Any = type(fetch)  # pyright: ignore[reportUnknownVariableType]
        if kind is Tensor:
            return self._add_element(fetch)
        if fetch is None:
            raise TypeError(
                f"Fetch argument {fetch!r} has invalid type {type(fetch)!r}. Cannot fetch None: "
                "an op without a return statement, or a gradient that does not exist?"
            )
        if isinstance(fetch, nest.LISTS):
            parts = [self._add(item) for item in fetch]
            if hasattr(fetch, "_fields"):
                return lambda values: kind(*[part(values) for part in parts])
            if isinstance(fetch, list):
                return lambda values: [part(values) for part in parts]
            return lambda values: tuple([part(values) for part in parts])
        if isinstance(fetch, nest.DICT):
            named = [(key, self._add(value)) for key, value in fetch.items()]
            return lambda values: kind((key, part(values)) for key, part in named)
        registered = _fetch_parts(fetch)
        if registered is not None:
            parts, contracted = [self._add(part) for part in registered[0]], registered[1]
            return lambda values: contracted([part(values) for part in parts])
        fields = getattr(kind, "__attrs_attrs__", None)  # a class made by the package attrs
        if fields is not None:
            parts = [self._add(getattr(fetch, field.name)) for field in fields]
            return lambda values: kind(*[part(values) for part in parts])
        composite = _COMPOSITES.get(kind)
        if composite is not None:
            fields = [getattr(fetch, name) for name in composite._fields]
            parts = [_none if f is None else self._add(f) for f in fields]
            return lambda values: composite(*[part(values) for part in parts])
        return self._add_element(fetch)

    def _add_element(self, fetch: Any) -> Callable[[list[Any]], Any]:
        try:
            element = self._graph.as_graph_element(fetch)
        except TypeError as error:
            raise TypeError(
                f"Fetch argument {fetch!r} has invalid type {type(fetch)!r}, must be a string or "
                f"Tensor. ({error}){fix_no_tensor(fetch)}"
            ) from None
        except ValueError as error:
            words, _, more = str(error).partition("\n")
            raise ValueError(
                f"Fetch argument {fetch!r} cannot be interpreted as a Tensor. ({words})"
                + (f"\n{more}" if more else "")
            ) from None
        except KeyError as error:
            raise ValueError(
                f"Fetch argument {fetch!r} cannot be interpreted as a Tensor. ({error.args[0]})"
            ) from None
        if not self._graph.is_fetchable(element):
            raise ValueError(
                f"Operation '{getattr(element, 'op', element).name}' has been marked as not "
                "fetchable: it is inside a loop, where it has a value for each iteration.\n"
                "  fix: return it from the body as a loop variable, or collect it in a "
                "tf.TensorArray"
            )
        if getattr(element, "op", element).context is not None:
            element = from_outside(element)
        if isinstance(element, Operation):
            if element not in self._index:
                self._index[element] = -1
                self.operations.append(element)
            return _none
        index = self._index.get(element)
        if index is None:
            index = self._index[element] = len(self.tensors)
            self.tensors.append(element)
        if element.op.control is not None:
            return lambda values: _taken(values[index], fetch)
        return lambda values: values[index]


def _none(values: list[Any]) -> Any:
    """What stands for an operation."""


def _taken(value: Any, fetch: Any) -> Any:
    if value is None:
        raise InvalidArgumentError(
            None,
            None,
            f"Retval[0] does not have value: '{getattr(fetch, 'name', fetch)}' is inside of a "
            "branch of a tf.cond that was not taken.\n  fix: fetch the result of the tf.cond",
        )
    return value


# ---- types that programs register -------------------------------------------------------------

_registered: list[tuple[type, Callable[..., Any], Callable[..., Any] | None]] = []


def register_session_run_conversion_functions(
    tensor_type: type,
    fetch_function: Callable[..., Any],
    feed_function: Callable[..., Any] | None = None,
    feed_function_for_partial_run: Callable[..., Any] | None = None,
) -> None:
    """Let `Session.run` fetch and feed objects of a type.

    Parameters
    ----------
    tensor_type : type
    fetch_function : callable
        ``fetch_function(fetch)`` gives what to fetch, a list, and a function from the list of its
        values to the result.
    feed_function : callable, optional
        ``feed_function(key, value)`` gives the list of (tensor, value) to feed.
    feed_function_for_partial_run : callable, optional
        Accepted: there are no partial runs.

    Raises
    ------
    ValueError
        If the type, or one that it is derived from, is registered.
    """
    del feed_function_for_partial_run
    for known, _, _ in _registered:
        if issubclass(tensor_type, known):
            raise ValueError(f"{tensor_type} has already been registered so ignore it.")
    _registered.insert(0, (tensor_type, fetch_function, feed_function))


def _fetch_parts(fetch: Any) -> tuple[list[Any], Callable[[list[Any]], Any]] | None:
    """What stands for `fetch` in a run, and what makes its result; None if it is as it is."""
    for known, fetch_function, _ in _registered:
        if isinstance(fetch, known):
            return fetch_function(fetch)
    return None


def expanded(feed_dict: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """`feed_dict` with tensors in the place of registered keys.

    Raises
    ------
    TypeError
        If a key is of a type that is only fetched.
    """
    if not _registered:
        return feed_dict
    fed: dict[Any, Any] = {}
    for key, value in feed_dict.items():
        for known, _, feed_function in _registered:
            if isinstance(key, known):
                if feed_function is None:
                    raise TypeError(f"Cannot interpret feed_dict key as Tensor: {key!r}")
                fed.update(feed_function(key, value))
                break
        else:
            fed[key] = value
    return fed
