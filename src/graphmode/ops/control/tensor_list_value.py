"""`TensorList`: the value of a list of tensors, immutable, on the host and in a program.

On the host `rows` is a Python list with None where nothing was written. In a loop of a program,
where the index is not known, it is one array with a leading axis of fixed length, and `written`
tells which rows count. Elements may be lists themselves: what a loop inside a loop keeps.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from graphmode.framework.errors import invalid
from graphmode.ops import xp


class NeedsHostError(Exception):
    """A program cannot express this: it has to run on the host."""


class TensorList:
    """Tensors by index: written once, read any number of times."""

    __slots__ = ("grows", "rows", "size", "written")

    def __init__(self, rows: Any, written: Any, size: int, grows: bool = False) -> None:
        self.rows = rows
        self.written = written
        """None while `rows` is a list; else bool [size]."""
        self.size = size
        self.grows = grows

    @property
    def is_list(self) -> bool:
        """Whether it is a Python list of elements, not one array and a mask."""
        return self.written is None

    @property
    def element_shape(self) -> tuple[int, ...] | None:
        """The shape of the first element that was written; None if none was."""
        if self.is_list:
            known = next((row for row in self.rows if row is not None), None)
            return None if known is None else np.shape(known)
        return None if self.rows is None else np.shape(self.rows)[1:]

    @property
    def shape(self) -> tuple[int, ...]:
        """How many elements, and the shape of one, as far as it is known."""
        return (self.size, *(self.element_shape or ()))

    @property
    def elements(self) -> list[Any]:
        """The elements, None for those that were never written."""
        return self.rows if self.is_list else self._as_list()

    def mapped(self, function: Any) -> TensorList:
        """The list with `function` applied to every array in it."""
        if self.is_list:
            rows = [
                None
                if row is None
                else row.mapped(function)
                if isinstance(row, TensorList)
                else function(row)
                for row in self.rows
            ]
            return TensorList(rows, None, self.size, self.grows)
        return _map(function, self)

    # ---- reading ----------------------------------------------------------------------------

    def get(self, index: Any) -> Any:
        """The element at `index`; None if nothing was ever written to the list.

        Raises
        ------
        InvalidArgumentError
            On the host, if `index` is outside.
        """
        if not xp.is_traced(index):
            index = int(index)
            if not 0 <= index < self.size:
                raise invalid(f"Tried to read from index {index} but array size is: {self.size}")
            if self.is_list:
                return self.rows[index]
            if not xp.is_traced(self.written) and not self.written[index]:
                return None
        array = self.stacked()
        if array.rows is None:
            return None
        rows = _traced(array.rows) if xp.is_traced(index) else array.rows
        return _map(lambda each: each[index, ...], rows)

    def has(self, index: Any) -> Any:
        """Whether the element at `index` exists and was written: bool, or a traced bool."""
        if self.is_list and not xp.is_traced(index):
            return 0 <= index < self.size and self.rows[int(index)] is not None
        written = self.stacked().written
        inside = (index >= 0) & (index < self.size)
        if not self.size:
            return inside
        return inside & xp.take(written, xp.clip(index, 0, self.size - 1), axis=0)

    def stacked(self) -> TensorList:
        """The same list as one array: for a program.

        Raises
        ------
        NeedsHostError
            If the elements have different shapes.
        """
        if not self.is_list:
            return self
        written = np.array([row is not None for row in self.rows], bool)
        known = next((row for row in self.rows if row is not None), None)
        if known is None:
            return TensorList(None, written, self.size, self.grows)
        if isinstance(known, TensorList):
            filled = [known if row is None else row.stacked() for row in self.rows]
            try:
                rows = _map(lambda *parts: _stack(parts), *filled)
            except (TypeError, ValueError, AttributeError) as error:
                raise NeedsHostError("lists of different lengths") from error
        else:
            shapes = {np.shape(row) for row in self.rows if row is not None}
            if len(shapes) > 1:
                raise NeedsHostError("elements of different shapes")
            empty = None if written.all() else xp.zeros_like(known)
            rows = _stack([empty if row is None else row for row in self.rows])
        return TensorList(rows, written, self.size, self.grows)

    # ---- writing ----------------------------------------------------------------------------

    def set(self, index: Any, value: Any) -> TensorList:
        """The list with `value` at `index`.

        Raises
        ------
        InvalidArgumentError
            On the host, if `index` is outside of a list that does not grow.
        """
        if xp.is_traced(index) or self._is_traced:
            return self._set_in_array(index, value)
        rows = self.rows if self.is_list else self._as_list()
        index = int(index)
        if index >= self.size and self.grows:
            return TensorList(
                [*rows, *[None] * (index - self.size), value], None, index + 1, self.grows
            )
        if not 0 <= index < self.size:
            raise invalid(
                f"Tried to write to index {index} but array is not resizeable and size is: "
                f"{self.size}"
            )
        rows = rows.copy()
        rows[index] = value
        return TensorList(rows, None, self.size, self.grows)

    def growing(self) -> TensorList:
        """The same list, which is made longer by what is written behind its end."""
        return TensorList(self.rows, self.written, self.size, grows=True)

    def pushed(self, value: Any) -> TensorList:
        """The list with `value` after its last element."""
        return TensorList([*self._elements(), value], None, self.size + 1, self.grows)

    def popped(self) -> TensorList:
        """The list without its last element."""
        return TensorList(self._elements()[:-1], None, self.size - 1, self.grows)

    def _elements(self) -> list[Any]:
        if self.is_list:
            return self.rows
        if self._is_traced:
            raise NeedsHostError("a list whose length changes in a loop")
        return self._as_list()

    def add(self, index: Any, value: Any) -> TensorList:
        """The list with `value` added at `index`."""
        if self.is_list and not xp.is_traced(index):
            old = self.rows[int(index)]
            return self.set(index, value if old is None else added(old, value))
        array = self.stacked()
        if array.rows is None:
            return array.set(index, value)
        if not xp.is_traced(index) and not self._is_traced:
            old = array.get(index)
            return array.set(index, value if old is None else added(old, value))
        rows = _map(lambda all_, one: _add_at(all_, index, one), _traced(array.rows), value)
        return TensorList(rows, _traced(array.written).at[index].set(True), self.size, self.grows)

    def _unlike(self) -> str:
        """TensorFlow's words for elements of different shapes."""
        shapes = [None if row is None else np.shape(row) for row in self.rows]
        first, known = next((i, s) for i, s in enumerate(shapes) if s is not None)
        other, shape = next((i, s) for i, s in enumerate(shapes) if s not in (None, known))
        texts = [",".join(map(str, dims)) for dims in (known, shape)]
        return (
            f"TensorArray has inconsistent shapes.  Index {first} has shape: [{texts[0]}] but "
            f"index {other} has shape: [{texts[1]}]"
        )

    def _set_in_array(self, index: Any, value: Any) -> TensorList:
        if self.grows:
            raise NeedsHostError("a list that grows inside a loop")
        array = self.stacked()
        value = value.stacked() if isinstance(value, TensorList) else value
        rows = array.rows
        if array.element_shape not in (None, np.shape(value)):
            raise NeedsHostError("elements of different shapes")
        if rows is None:
            rows = _map(lambda one: _zeros(self.size, one), value)
        rows = _map(lambda all_, one: all_.at[index].set(one), _traced(rows), value)
        written = _traced(array.written).at[index].set(True)
        return TensorList(rows, written, self.size, self.grows)

    @property
    def _is_traced(self) -> bool:
        """Whether it is one array of a program."""
        if self.is_list:
            return False
        inner = self.rows
        return (
            inner._is_traced if isinstance(inner, TensorList) else xp.is_traced(inner, self.written)
        )

    def _as_list(self) -> list[Any]:
        if self.rows is None:
            return [None] * self.size
        return [row if w else None for row, w in zip(self.rows, self.written, strict=True)]

    def filled(self, dims: Any, dtype: Any) -> Any:
        """All elements as one array ``[size, ...]``, zeros where nothing was written.

        Parameters
        ----------
        dims : tuple of int, or None
            The shape of an element, needed if nothing was written.
        """
        try:
            array = self.stacked()
        except NeedsHostError:
            if any(map(xp.is_traced, self.rows)):
                raise
            raise invalid(self._unlike()) from None
        if array.rows is None:
            if dims is None or any(d is None or d < 0 for d in dims):
                if self.size == 0 and dims is not None:
                    return np.zeros((0, *[max(d or 0, 0) for d in dims]), dtype)
                raise invalid(
                    "Tried to stack elements of an empty list with non-fully-defined "
                    f"element_shape: {dims}"
                )
            return np.zeros((self.size, *dims), dtype)
        return array.rows


def fitted(rows: TensorList, like: TensorList) -> TensorList:
    """`rows` as a list of the size of `like`: elements are left out, or not written."""
    n, size = rows.size, like.size
    if n == size and rows.grows == like.grows:
        return rows
    if rows.is_list:
        kept = [*rows.rows[:size], *[None] * (size - n)]
        return TensorList(kept, None, size, like.grows)

    def cut(array: Any) -> Any:
        if size <= n:
            return array[:size]
        m = xp.module_for(array)
        return m.concatenate([array, m.zeros((size - n, *array.shape[1:]), array.dtype)], 0)

    inner = None if rows.rows is None else _map(cut, rows.rows)
    return TensorList(inner, cut(rows.written), size, like.grows)


def added(a: Any, b: Any) -> Any:
    """The sum of two elements: arrays, or lists row by row."""
    if not isinstance(a, TensorList):
        return a + b
    if a.is_list and b.is_list:
        rows = [
            y if x is None else x if y is None else added(x, y)
            for x, y in zip(a.rows, b.rows, strict=True)
        ]
        return TensorList(rows, None, a.size, a.grows)
    a, b = a.stacked(), b.stacked()
    if a.rows is None or b.rows is None:
        return b if a.rows is None else a
    rows = _map(lambda x, y: x + y, a.rows, b.rows)
    return TensorList(rows, a.written | b.written, a.size, a.grows)


def from_array(array: Any) -> TensorList:
    """The list of the rows of `array`."""
    return TensorList(array, np.ones(array.shape[0], bool), array.shape[0])


def empty(size: int, grows: bool = False) -> TensorList:
    """A list of `size` elements, none of them written."""
    return TensorList([None] * size, None, size, grows)


def _map(function: Any, tree: Any, *rest: Any) -> Any:
    """`function` on an array, or on the arrays inside of a list."""
    if not isinstance(tree, TensorList):
        return function(tree, *rest)
    rows = None if tree.rows is None else _map(function, tree.rows, *[r.rows for r in rest])
    written = function(tree.written, *[r.written for r in rest])
    return TensorList(rows, written, tree.size, tree.grows)


def _stack(parts: Any) -> Any:
    return xp.stack(list(parts))


def _add_at(rows: Any, index: Any, value: Any) -> Any:
    return rows.at[index].max(value) if rows.dtype == bool else rows.at[index].add(value)


def _zeros(size: int, element: Any) -> Any:
    import jax.numpy as jnp

    return jnp.zeros((size, *element.shape), element.dtype)


def _traced(tree: Any) -> Any:
    import jax.numpy as jnp

    return _map(jnp.asarray, tree)


@functools.cache
def register_with_jax() -> None:
    """Make lists known to JAX, as trees of arrays. Called where the first program is made."""
    import jax

    jax.tree_util.register_pytree_node(
        TensorList,
        lambda value: ((value.rows, value.written), (value.size, value.grows)),
        lambda aux, children: TensorList(*children, *aux),
    )
