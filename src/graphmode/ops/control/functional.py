"""`map_fn`, `scan`, `foldl`, `foldr`: a function along the first dimension of its elements."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphmode.framework import dtypes, nest
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.operation import Tensor
from graphmode.framework.shapes import TensorShape
from graphmode.ops.array.shape_values import shape
from graphmode.ops.control.tensor_array import TensorArray
from graphmode.ops.control.while_loop import while_loop


class _Elements:
    """Nested tensors of one length, as arrays to read in a loop."""

    def __init__(self, elems: Any) -> None:
        self.structure = elems
        self.tensors = [convert_to_tensor(e, name="elem") for e in nest.flatten(elems)]
        if not self.tensors:
            raise ValueError("elems must be a Tensor or list of Tensors. Received: nothing")
        for tensor in self.tensors:
            if tensor.dims == ():
                raise ValueError(
                    f"elements in elems must be 1+ dimensional Tensors, not scalars: {tensor}"
                    if nest.is_sequence(elems)
                    else f"elems must be a 1+ dimensional Tensor, not a scalar: {tensor}"
                )
        self.static_length = None
        for tensor in self.tensors:
            dims = tensor.dims
            known = None if dims is None else dims[0]
            if self.static_length is None:
                self.static_length = known
            elif known not in (None, self.static_length):
                raise ValueError(
                    f"Dimensions {self.static_length} and {known} are not compatible: all elems "
                    "have the same length"
                )
        self.length: Any = (
            shape(self.tensors[0])[0] if self.static_length is None else self.static_length
        )
        self._arrays = [_array(t.dtype.base_dtype, self.length).unstack(t) for t in self.tensors]

    def read(self, i: Any) -> Any:
        """The elements number `i`, in their structure."""
        return nest.pack_sequence_as(self.structure, [a.read(i) for a in self._arrays])


def _empty_arrays(dtypes_: list[Any], length: Any, infer_shape: bool) -> list[TensorArray]:
    return [_array(dtype, length, infer_shape) for dtype in dtypes_]


def _array(dtype: Any, length: Any, infer_shape: bool = True) -> TensorArray:
    array = TensorArray(dtype=dtype, size=length, infer_shape=infer_shape)
    return array._trust()  # pyright: ignore[reportPrivateUsage]


def _within(n: Any, reverse: bool = False) -> Callable[..., Tensor]:
    """Whether step i is one of the `n`, counted up or down."""

    def goes_on(i: Any, *_: Any) -> Tensor:
        return i >= 0 if reverse else i < n

    return goes_on


def _stacked(arrays: list[TensorArray], length: int | None) -> list[Tensor]:
    results: list[Any] = []
    for each in arrays:
        tensor = each.stack()
        if tensor.dims is not None:
            tensor.set_shape(TensorShape([length]).concatenate(tensor.shape[1:]))
        results.append(tensor)
    return results


def _callable(fn: Any) -> None:
    if not callable(fn):
        raise TypeError("fn must be callable.")


def map_fn(
    fn: Callable[..., Any],
    elems: Any,
    dtype: Any = None,
    parallel_iterations: int | None = None,
    back_prop: bool = True,
    swap_memory: bool = False,
    infer_shape: bool = True,
    name: str | None = None,
    fn_output_signature: Any = None,
) -> Any:
    """``stack([fn(e) for e in elems])`` along the first dimension.

    Parameters
    ----------
    fn : callable
        Takes one element (of the structure of `elems`), gives a tensor or a structure.
    elems : Tensor or structure of them, of any dtype, [n, ...]
    dtype, fn_output_signature : structure of DType, optional
        Of the results, where it is not that of `elems`. `fn_output_signature` is the new name.
    parallel_iterations, swap_memory : optional
        Accepted.
    back_prop : bool
        False: no gradient flows through.
    infer_shape : bool
        Whether all results have one shape.

    Returns
    -------
    Tensor ``[n, ...]`` or structure of them

    Raises
    ------
    TypeError
        If `fn` cannot be called.
    ValueError
        If the structures or dtypes do not fit, or `elems` are scalars.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default(), tf.Session() as sess:
    ...     print(sess.run(tf.map_fn(lambda x: x * x, tf.constant([1, 2, 3]))))
    [1 4 9]
    """
    _callable(fn)
    dtype = fn_output_signature if dtype is None else dtype
    with name_scope(name, "map", nest.flatten(elems)):
        given = _Elements(elems)
        structure = given.structure if dtype is None else dtype
        wanted = (
            [t.dtype.base_dtype for t in given.tensors]
            if dtype is None
            else [dtypes.as_dtype(d) for d in nest.flatten(dtype)]
        )

        def body(i: Any, arrays: list[Any]) -> Any:
            result = fn(given.read(i))
            nest.require_same_structure(
                structure,
                result,
                ("elems or dtype:", "fn returns:"),
                "map_fn(..., dtype=...) with a dtype in place of each dot that fn returns",
            )
            return i + 1, [
                a.write(i, value) for a, value in zip(arrays, nest.flatten(result), strict=True)
            ]

        _, arrays = while_loop(
            _within(given.length),
            body,
            (0, _empty_arrays(wanted, given.length, infer_shape)),
            back_prop=back_prop,
            maximum_iterations=given.length,
        )
        return nest.pack_sequence_as(structure, _stacked(arrays, given.static_length))


def scan(
    fn: Callable[..., Any],
    elems: Any,
    initializer: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    infer_shape: bool = True,
    reverse: bool = False,
    name: str | None = None,
) -> Any:
    """All intermediate results of folding `fn` over `elems`.

    .. math:: a_i = fn(a_{i-1}, e_i)

    Parameters
    ----------
    fn : callable
        Takes the accumulator and one element, gives the next accumulator.
    elems : Tensor or structure of them, of any dtype, [n, ...]
    initializer : Tensor or structure of them, of any dtype, optional
        The first accumulator; the first element if not given, which is then the first result.
    parallel_iterations, swap_memory : optional
        Accepted.
    back_prop : bool
        False: no gradient flows through.
    infer_shape : bool
        Whether all results have one shape.
    reverse : bool
        Whether to go from the last element to the first.

    Returns
    -------
    Tensor ``[n, ...]`` or structure of them
        In the order of `elems`.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default(), tf.Session() as sess:
    ...     print(sess.run(tf.scan(lambda a, x: a + x, tf.constant([1, 2, 3]))))
    [1 3 6]
    """
    _callable(fn)
    with name_scope(name, "scan", nest.flatten(elems)):
        given = _Elements(elems)
        n = given.length
        structure, start, first = _start(given, initializer, reverse, n)
        arrays = _empty_arrays([a.dtype.base_dtype for a in start], n, infer_shape)
        if initializer is None:
            at = n - 1 if reverse else 0
            arrays = [a.write(at, value) for a, value in zip(arrays, start, strict=True)]

        def body(i: Any, accumulated: list[Any], arrays: list[Any]) -> Any:
            result = fn(nest.pack_sequence_as(structure, accumulated), given.read(i))
            nest.require_same_structure(
                given.structure if initializer is None else initializer,
                result,
                ("elems:" if initializer is None else "initializer:", "fn returns:"),
                "return what the next step takes as its first argument",
            )
            flat = nest.flatten(result)
            written = [a.write(i, value) for a, value in zip(arrays, flat, strict=True)]
            return (i - 1 if reverse else i + 1), flat, written

        _, _, arrays = while_loop(
            _within(n, reverse),
            body,
            (first, start, arrays),
            back_prop=back_prop,
            maximum_iterations=n,
        )
        return nest.pack_sequence_as(structure, _stacked(arrays, given.static_length))


def _start(given: _Elements, initializer: Any, reverse: bool, n: Any) -> tuple[Any, ...]:
    """The structure of the accumulator, its first value, and the index of the first step."""
    if initializer is None:
        structure = given.structure
        at = n - 1 if reverse else 0
        start = nest.flatten(given.read(at))
        return structure, start, (n - 2 if reverse else 1)
    start = [convert_to_tensor(value) for value in nest.flatten(initializer)]
    return initializer, start, (n - 1 if reverse else 0)


def _fold(fn: Any, elems: Any, initializer: Any, back_prop: bool, reverse: bool, name: Any) -> Any:
    _callable(fn)
    with name_scope(name, "foldr" if reverse else "foldl", nest.flatten(elems)):
        given = _Elements(elems)
        n = given.length
        structure, start, first = _start(given, initializer, reverse, n)

        def body(i: Any, accumulated: list[Any]) -> Any:
            result = fn(nest.pack_sequence_as(structure, accumulated), given.read(i))
            return (i - 1 if reverse else i + 1), nest.flatten(result)

        _, accumulated = while_loop(
            _within(n, reverse),
            body,
            (first, start),
            back_prop=back_prop,
            maximum_iterations=n,
        )
        return nest.pack_sequence_as(structure, accumulated)


def foldl(
    fn: Callable[..., Any],
    elems: Any,
    initializer: Any = None,
    parallel_iterations: Any = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    name: str | None = None,
) -> Any:
    """Fold a function over elements from the first to the last.

    .. math:: a_i = fn(a_{i-1}, e_i)

    Parameters
    ----------
    fn : callable
        Takes the accumulator and one element, gives the next accumulator.
    elems : Tensor or structure of them, of any dtype, [n, ...]
    initializer : Tensor or structure of them, of any dtype, optional
        The first accumulator; the first element that is taken if not given.
    parallel_iterations, swap_memory : optional
        Accepted.
    back_prop : bool
        False: no gradient flows through.

    Returns
    -------
    Tensor or structure of them
        The last accumulator.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default(), tf.Session() as sess:
    ...     print(sess.run(tf.foldl(lambda a, x: a * 10 + x, tf.constant([1, 2, 3]))))
    123
    """
    del parallel_iterations, swap_memory
    return _fold(fn, elems, initializer, back_prop, False, name)


def foldr(
    fn: Callable[..., Any],
    elems: Any,
    initializer: Any = None,
    parallel_iterations: Any = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    name: str | None = None,
) -> Any:
    """Fold a function over elements from the last to the first.

    .. math:: a_i = fn(a_{i+1}, e_i)

    Parameters
    ----------
    fn : callable
        Takes the accumulator and one element, gives the next accumulator.
    elems : Tensor or structure of them, of any dtype, [n, ...]
    initializer : Tensor or structure of them, of any dtype, optional
        The first accumulator; the first element that is taken if not given.
    parallel_iterations, swap_memory : optional
        Accepted.
    back_prop : bool
        False: no gradient flows through.

    Returns
    -------
    Tensor or structure of them
        The last accumulator.
    """
    del parallel_iterations, swap_memory
    return _fold(fn, elems, initializer, back_prop, True, name)
