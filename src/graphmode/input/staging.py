"""`StagingArea`: what one run leaves ready for a later one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework import nest
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import colocate_with, get_default_graph, name_scope
from graphmode.framework.dtypes import DType, as_dtype
from graphmode.framework.shapes import TensorShape, as_shape
from graphmode.ops.array.identities import identity
from graphmode.ops.control.grouping import no_op
from graphmode.ops.data import staging

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphmode.framework.operation import Operation, Tensor


class StagingArea:
    """A queue that cannot be closed, through which a step gets what the step before made ready.

    It lives in a session: each session has its own.

    Parameters
    ----------
    dtypes : list of DType
        Of the parts of an element.
    shapes : list of shapes, optional
        Of the parts.
    names : list of str, optional
        Of the parts: elements are dictionaries then.
    shared_name : str, optional
        Areas of one name are the same.
    capacity : int
        The largest number of elements; 0: no bound.
    memory_limit : int
        The largest number of bytes in it; 0: no bound.

    Raises
    ------
    ValueError
        If there are not as many shapes or names as dtypes, or `shared_name` is no text.

    Examples
    --------
    ::

        area = tf.contrib.staging.StagingArea([tf.float32], shapes=[[32, 784]])
        put, (images,) = area.put([next_images]), area.get()
        sess.run(put)                       # once, before
        while True:
            sess.run([train(images), put])  # trains with one batch, makes the next one ready
    """

    def __init__(
        self,
        dtypes: Sequence[Any],
        shapes: Sequence[Any] | None = None,
        names: Sequence[str] | None = None,
        shared_name: Any = None,
        capacity: int = 0,
        memory_limit: int = 0,
    ) -> None:
        if shared_name is None:
            self._name = get_default_graph().unique_name(type(self).__name__)
        elif isinstance(shared_name, str):
            self._name = shared_name
        else:
            raise ValueError("shared_name must be a string")
        self._dtypes = [as_dtype(dtype) for dtype in dtypes]
        if shapes is not None and len(shapes) != len(self._dtypes):
            raise ValueError("StagingArea shapes must be the same length as dtypes")
        self._shapes = (
            [TensorShape(None)] * len(self._dtypes)
            if shapes is None
            else [as_shape(shape) for shape in shapes]
        )
        if names is not None and len(names) != len(self._dtypes):
            raise ValueError("StagingArea names must be the same length as dtypes")
        self._names = None if names is None else list(names)
        self._capacity, self._memory_limit = capacity, memory_limit
        with name_scope(f"{self._name}_root"):
            self._root = no_op()

    @property
    def name(self) -> str:
        """Its name, which its ops know it by."""
        return self._name

    @property
    def dtypes(self) -> list[DType]:
        """The dtypes of the parts of an element."""
        return self._dtypes

    @property
    def shapes(self) -> list[TensorShape]:
        """The shapes of the parts of an element."""
        return self._shapes

    @property
    def names(self) -> list[str] | None:
        """The names of the parts of an element, or None."""
        return self._names

    @property
    def capacity(self) -> int:
        """The largest number of elements; 0: no bound."""
        return self._capacity

    @property
    def memory_limit(self) -> int:
        """The largest number of bytes; 0: no bound."""
        return self._memory_limit

    def _attrs(self, name: str) -> dict[str, Any]:
        return {
            "dtypes": self._dtypes,
            "capacity": self._capacity,
            "memory_limit": self._memory_limit,
            "shared_name": self._name,
            "name": name,
        }

    def put(self, values: Any, name: str | None = None) -> Operation:
        """Add an element; the run waits while the area is full.

        Parameters
        ----------
        values : Tensor, list of Tensor, or dict
            Its parts, of the dtypes and shapes of the area.

        Returns
        -------
        Operation

        Raises
        ------
        ValueError
            If they are not the parts of an element.
        ResourceExhaustedError
            When it runs, if it is larger than `memory_limit`.
        """
        given = list(values.values()) if isinstance(values, nest.DICT) else values
        parts = given if isinstance(given, nest.LISTS) else [given]
        with name_scope(name, f"{self._name}_put", parts) as scope:
            tensors = self._tensors(values)
            with colocate_with(self._root):
                return staging.stage_op(tensors, **self._attrs(scope))

    def _tensors(self, values: Any) -> list[Tensor]:
        if isinstance(values, nest.DICT):
            if not self._names:
                raise ValueError("Staging areas must have names to enqueue a dictionary")
            if set(values) != set(self._names):
                raise ValueError(
                    "Keys in dictionary to put do not match names of staging area. Dictionary: "
                    f"({sorted(values)}), Queue: ({sorted(self._names)})"
                )
            parts = [values[name] for name in self._names]
        elif self._names:
            raise ValueError("You must enqueue a dictionary in a staging area with names")
        else:
            parts = list(values) if isinstance(values, nest.LISTS) else [values]
        if len(parts) != len(self._dtypes):
            raise ValueError(f"Unexpected number of inputs '{len(parts)}' vs '{len(self._dtypes)}'")
        tensors: list[Tensor] = []
        for i, (part, dtype, shape) in enumerate(
            zip(parts, self._dtypes, self._shapes, strict=True)
        ):
            given = getattr(part, "dtype", dtype)
            if as_dtype(given).base_dtype != dtype:
                raise ValueError(f"Datatypes do not match. '{given!r}' != '{dtype!r}'")
            tensor = convert_to_tensor(part, dtype=dtype, name=f"component_{i}")
            tensor.shape.assert_is_compatible_with(shape)
            tensors.append(tensor)
        return tensors

    def _given(self, tensors: list[Tensor]) -> Any:
        # What is made elsewhere is used there: it is brought to where the caller is.
        if no_op().device != self._root.device:
            tensors = [identity(tensor) for tensor in tensors]
        for tensor, shape in zip(tensors, self._shapes, strict=True):
            tensor.set_shape(shape)
        return dict(zip(self._names, tensors, strict=True)) if self._names else tensors

    def get(self, name: str | None = None) -> Any:
        """Take the first element; the run waits until there is one.

        Returns
        -------
        list of Tensor, or dict
        """
        with colocate_with(self._root):
            tensors = staging.unstage_op(**self._attrs(name or f"{self._name}_get"))
        return self._given(tensors)

    def peek(self, index: Any, name: str | None = None) -> Any:
        """An element that stays; the run waits until there are so many.

        Parameters
        ----------
        index : int, or Tensor, int32 scalar
            0 is the one that `get` would take.

        Returns
        -------
        list of Tensor, or dict
        """
        with colocate_with(self._root):
            tensors = staging.stage_peek_op(index, **self._attrs(name or f"{self._name}_peek"))
        return self._given(tensors)

    def size(self, name: str | None = None) -> Tensor:
        """The number of elements in it.

        Returns
        -------
        Tensor, int32, scalar
        """
        return staging.stage_size_op(**self._attrs(name or f"{self._name}_size"))

    def clear(self, name: str | None = None) -> Operation:
        """Take all elements out.

        Returns
        -------
        Operation
        """
        return staging.stage_clear_op(**self._attrs(name or f"{self._name}_clear"))
