"""`variable_scope` and `get_variable`: a prefix of variable names, and defaults for them."""

from __future__ import annotations

import contextlib
import functools
import inspect
import threading
from typing import TYPE_CHECKING, Any

from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import GraphKeys, get_default_graph, graph_of
from graphmode.framework.graph import Graph
from graphmode.variables.copies import (
    VariableAggregation,
    VariableSynchronization,
    is_trainable,
)
from graphmode.variables.store import (
    AUTO_REUSE,
    VariableStore,
    true_getter,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from graphmode.framework.dtypes import DType
    from graphmode.variables.variable import Variable


class VariableScope:
    """A prefix of variable names, and the defaults of `get_variable` under it.

    Parameters
    ----------
    reuse : bool or AUTO_REUSE
        Whether variables that exist are taken.
    name : str
        The full prefix, without '/' at its end; '' is the root.
    initializer, regularizer, caching_device, partitioner : optional
        The defaults.
    custom_getter, dtype, use_resource, constraint : optional
        The defaults.
    name_scope : str
        The name scope of its ops, with '/' at its end: the attribute ``original_name_scope``.
    """

    def __init__(
        self,
        reuse: Any,
        name: str = "",
        initializer: Any = None,
        regularizer: Any = None,
        caching_device: Any = None,
        partitioner: Any = None,
        custom_getter: Any = None,
        name_scope: str = "",
        dtype: Any = dtypes.float32,
        use_resource: Any = None,
        constraint: Any = None,
    ) -> None:
        self.name = name
        self.original_name_scope = name_scope
        self.reuse = reuse
        self.initializer = initializer
        self.regularizer = regularizer
        self.caching_device = caching_device
        self.partitioner = partitioner
        self.custom_getter = custom_getter
        self.dtype = dtype
        self.use_resource = use_resource
        self.constraint = constraint

    def reuse_variables(self) -> None:
        """From here on take variables that exist."""
        self.reuse = True

    def set_initializer(self, initializer: Any) -> None:
        """Make `initializer` the default."""
        self.initializer = initializer

    def set_dtype(self, dtype: Any) -> None:
        """Make `dtype` the default."""
        self.dtype = dtype

    def set_use_resource(self, use_resource: Any) -> None:
        """Make `use_resource` the default."""
        self.use_resource = use_resource

    def set_regularizer(self, regularizer: Any) -> None:
        """Make `regularizer` the default."""
        self.regularizer = regularizer

    def set_caching_device(self, caching_device: Any) -> None:
        """Make `caching_device` the default."""
        self.caching_device = caching_device

    def set_partitioner(self, partitioner: Any) -> None:
        """Make `partitioner` the default."""
        self.partitioner = partitioner

    def set_custom_getter(self, custom_getter: Any) -> None:
        """Make `custom_getter` the default."""
        self.custom_getter = custom_getter

    def get_collection(self, name: Any) -> list[Any]:
        """The items of the collection whose names begin with this scope."""
        prefix = f"{self.name}/" if self.name else ""
        return get_default_graph().get_collection(name, prefix)

    def trainable_variables(self) -> list[Variable]:
        """The variables under this scope that are trained by default."""
        return self.get_collection(GraphKeys.TRAINABLE_VARIABLES)

    def global_variables(self) -> list[Variable]:
        """The global variables under this scope."""
        return self.get_collection(GraphKeys.GLOBAL_VARIABLES)

    def local_variables(self) -> list[Variable]:
        """The local variables under this scope."""
        return self.get_collection(GraphKeys.LOCAL_VARIABLES)

    def get_variable(
        self,
        var_store: VariableStore,
        name: str,
        shape: Any = None,
        dtype: Any = None,
        initializer: Any = None,
        regularizer: Any = None,
        reuse: Any = None,
        caching_device: Any = None,
        partitioner: Any = None,
        use_resource: Any = None,
        custom_getter: Any = None,
        constraint: Any = None,
        **options: Any,
    ) -> Any:
        """The variable `name` under this scope, with its defaults.

        Parameters
        ----------
        var_store : VariableStore
            Where variables are kept by name.
        name : str
            The name under the scope.
        shape, dtype, initializer, regularizer, reuse, caching_device : optional
            As for `tf.get_variable`; the scope's if not given.
        partitioner, use_resource, custom_getter, constraint : optional
            As for `tf.get_variable`; the scope's if not given.
        **options
            Given on to the getter.

        Returns
        -------
        Variable or PartitionedVariable

        Raises
        ------
        ValueError
            If `custom_getter` is not callable, or as `tf.get_variable`.
        """

        def default(value: Any, of_scope: Any):
            return of_scope if value is None else value

        custom_getter = default(custom_getter, self.custom_getter)
        if custom_getter is not None and not callable(custom_getter):
            raise ValueError(f"Passed a custom_getter which is not callable: {custom_getter}")
        with get_default_graph().name_scope(None):
            if dtype is not None and initializer is not None and not callable(initializer):
                _check_initializer_dtype(initializer, dtypes.as_dtype(dtype))
            arguments = {
                "name": f"{self.name}/{name}" if self.name else name,
                "shape": shape,
                "dtype": dtypes.as_dtype(default(dtype, self.dtype)).base_dtype,
                "initializer": default(initializer, self.initializer),
                "regularizer": default(regularizer, self.regularizer),
                "reuse": default(reuse, self.reuse),
                "caching_device": default(caching_device, self.caching_device),
                "partitioner": default(partitioner, self.partitioner),
                "use_resource": default(use_resource, self.use_resource),
                "constraint": default(constraint, self.constraint),
                **options,
            }
            getter = true_getter(var_store)
            if custom_getter is None:
                return getter(**arguments)
            return custom_getter(getter, **_accepted(custom_getter, arguments))


def _accepted(custom_getter: Callable[..., Any], arguments: dict[str, Any]) -> dict[str, Any]:
    """`arguments`, without `constraint` for the getters written before there was one."""
    parameters = inspect.signature(custom_getter).parameters
    takes_any = any(p.kind is p.VAR_KEYWORD for p in parameters.values())
    if takes_any or "constraint" in parameters:
        return arguments
    return {key: value for key, value in arguments.items() if key != "constraint"}


def _check_initializer_dtype(initializer: Any, dtype: DType) -> None:
    found = convert_to_tensor(initializer).dtype.base_dtype
    if found is not dtype.base_dtype:
        raise ValueError(f"Initializer type '{found}' and explicit dtype '{dtype}' don't match.")


class _Scopes(threading.local):
    """The scope that a thread has open in one graph, and how often it opened each scope.

    The counts are what a default name is made unique by. The variables are those of all threads.
    """

    def __init__(self, store: VariableStore) -> None:
        self.store = store
        self.current = VariableScope(False)
        self.counts: dict[str, int] = {}

    def open(self, name: str) -> None:
        self.counts[name] = self.counts.get(name, 0) + 1

    def close_below(self, name: str) -> None:
        """Forget how often the scopes inside `name` were opened."""
        prefix = name + "/"
        for key in self.counts:
            if key.startswith(prefix):
                self.counts[key] = 0

    def unique_name(self, prefix: str) -> str:
        outer = self.current.name
        full = f"{outer}/{prefix}" if outer else prefix
        if not self.counts.get(full):
            return prefix
        i = 1
        while self.counts.get(f"{full}_{i}"):
            i += 1
        return f"{prefix}_{i}"


def _scopes_of(graph: Graph) -> _Scopes:
    if graph.variable_scopes is None:
        graph.variable_scopes = _Scopes(VariableStore())
    return graph.variable_scopes


def get_variable_scope() -> VariableScope:
    """The variable scope that is open."""
    return _scopes_of(get_default_graph()).current


def get_variable(
    name: str,
    shape: Any = None,
    dtype: Any = None,
    initializer: Any = None,
    regularizer: Callable[..., Any] | None = None,
    trainable: bool | None = None,
    collections: Any = None,
    caching_device: Any = None,
    partitioner: Callable[..., Any] | None = None,
    validate_shape: bool = True,
    use_resource: Any = None,
    custom_getter: Callable[..., Any] | None = None,
    constraint: Callable[..., Any] | None = None,
    synchronization: Any = VariableSynchronization.AUTO,
    aggregation: Any = VariableAggregation.NONE,
) -> Any:
    """The variable called `name` under the open `variable_scope`: a new one, or one that exists.

    Parameters
    ----------
    name : str
    shape : sequence of int, optional
        Not with a constant `initializer`, which has a shape.
    dtype : DType, optional
        The scope's (float32) if not given.
    initializer : callable, class, Tensor or array, optional
        ``initializer(shape, dtype=...)``, a callable without arguments, or the value, of any dtype.
        By default the scope's; then Glorot uniform for floating dtypes and zeros for the others.
    regularizer : callable, optional
        ``regularizer(variable)`` is added to `GraphKeys.REGULARIZATION_LOSSES` when it is made.
    trainable : bool, optional
        True if not given; False for ``VariableSynchronization.ON_READ``.
    collections : list, optional
        `GraphKeys.GLOBAL_VARIABLES` if not given.
    caching_device : str or callable, optional
        Where the value that is read is kept.
    partitioner : callable, optional
        ``partitioner(shape=, dtype=)`` gives the number of parts along each axis.
    validate_shape : bool
        False lets values of any shape be assigned.
    use_resource : bool, optional
        As for `tf.Variable`; what the scope says if not given.
    custom_getter : callable, optional
        ``custom_getter(getter, name, **arguments)`` gives the variable.
    constraint : callable, optional
        Projects the value after an optimizer's step: ``constraint(value) -> value``.
    synchronization, aggregation : optional
        Accepted.

    Returns
    -------
    Variable
        A `PartitionedVariable` with a `partitioner`.

    Raises
    ------
    ValueError
        If the variable exists and `reuse` does not allow it, or the other way round; if it exists
        with another shape or dtype; if there is neither a shape nor a value.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default():
    ...     with tf.variable_scope("layer"):
    ...         w = tf.get_variable("w", [3, 2])
    ...     with tf.variable_scope("layer", reuse=True):
    ...         print(w.name, tf.get_variable("w") is w)
    layer/w:0 True
    """
    return get_variable_scope().get_variable(
        _scopes_of(get_default_graph()).store,
        name,
        shape=shape,
        dtype=dtype,
        initializer=initializer,
        regularizer=regularizer,
        trainable=is_trainable(trainable, synchronization),
        collections=collections,
        caching_device=caching_device,
        partitioner=partitioner,
        validate_shape=validate_shape,
        use_resource=use_resource,
        custom_getter=custom_getter,
        constraint=constraint,
        synchronization=synchronization,
        aggregation=aggregation,
    )


@functools.wraps(get_variable)
def get_local_variable(
    name: Any, *args: Any, collections: Any = None, trainable: bool = False, **kwargs: Any
) -> Any:
    """As `get_variable`, for a variable of the local collection, which is not trained."""
    del trainable
    collections = [*(collections or ()), GraphKeys.LOCAL_VARIABLES]
    return get_variable(name, *args, collections=collections, trainable=False, **kwargs)


class _Entered(threading.local):
    """The blocks of one `variable_scope` that a thread is in, the innermost last."""

    def __init__(self) -> None:
        self.blocks: list[tuple[VariableScope, contextlib.ExitStack]] = []


class variable_scope:  # noqa: N801 - TensorFlow's name: it reads as a function
    """A context in which `get_variable` prefixes names and takes defaults.

    It opens a name scope too. Entered a second time by name, ops get a new name scope (``a_1/``)
    while variables keep theirs (``a/``).

    Parameters
    ----------
    name_or_scope : str, VariableScope or None
        A scope is entered again by the object that an earlier ``with`` gave.
    default_name : str, optional
        Used, made unique, if `name_or_scope` is None.
    values : list, optional
        Tensors that the block reads; they select the graph.
    initializer, regularizer, caching_device, partitioner : optional
        Defaults of `get_variable` in the block.
    custom_getter : callable, optional
        Called in place of the getter; inside a scope with one it is given that one.
    reuse : bool or AUTO_REUSE, optional
        None and False inherit.
    dtype, use_resource, constraint : optional
        Defaults of `get_variable` in the block.
    auxiliary_name_scope : bool
        False opens no name scope.

    Raises
    ------
    TypeError, ValueError
        For a scope or `reuse` that is none.
    """

    def __init__(
        self,
        name_or_scope: Any,
        default_name: str | None = None,
        values: Any = None,
        initializer: Any = None,
        regularizer: Any = None,
        caching_device: Any = None,
        partitioner: Any = None,
        custom_getter: Callable[..., Any] | None = None,
        reuse: Any = None,
        dtype: Any = None,
        use_resource: Any = None,
        constraint: Any = None,
        auxiliary_name_scope: Any = True,
    ) -> None:
        if default_name is None and name_or_scope is None:
            raise TypeError("If default_name is None then name_or_scope is required")
        if reuse is not None and not isinstance(reuse, bool) and reuse is not AUTO_REUSE:
            raise ValueError("The reuse parameter must be True or False or None.")
        if not isinstance(auxiliary_name_scope, bool):
            raise TypeError(
                "The auxiliary_name_scope must be `True` or `False`, while get "
                f"{auxiliary_name_scope}"
            )
        self._name_or_scope = name_or_scope
        self._default_name: Any = default_name
        self._graph = graph_of(values) or get_default_graph()
        self._reuse = reuse or None
        self._custom_getter = custom_getter
        self._constraint = constraint
        self._defaults = {
            "initializer": initializer,
            "regularizer": regularizer,
            "caching_device": caching_device,
            "partitioner": partitioner,
            "dtype": dtype,
            "use_resource": use_resource,
        }
        self._auxiliary_name_scope = auxiliary_name_scope
        self._entered = _Entered()
        # Of the first time that it was entered: they stay when it is entered again.
        self._unique_name = ""
        self._original_name_scope: str | None = None

    def __enter__(self) -> VariableScope:
        with contextlib.ExitStack() as stack:
            scope = self._open(stack)
            self._entered.blocks.append((scope, stack.pop_all()))
        return scope

    def __exit__(self, *exception: Any) -> None:
        scope, stack = self._entered.blocks[-1]
        if _scopes_of(self._graph).current is not scope:
            raise RuntimeError("Improper nesting of variable_scope.")
        del self._entered.blocks[-1]
        stack.__exit__(*exception)

    def _open(self, stack: contextlib.ExitStack) -> VariableScope:
        given, graph = self._name_or_scope, self._graph
        if given is not None and not isinstance(given, VariableScope | str):
            raise TypeError("VariableScope: name_or_scope must be a string or VariableScope.")
        if given is None and self._reuse:
            raise ValueError("reuse=True cannot be used without a name_or_scope")
        stack.enter_context(graph.as_default())
        scopes = _scopes_of(graph)
        if isinstance(given, VariableScope):
            if given.name or not self._auxiliary_name_scope:
                self._enter_name_scope(stack, given.name.rpartition("/")[2])
            scope = self._derived(given, given.name, given.original_name_scope)
        else:
            name_scope = self._enter_name_scope(stack, given or self._default_name)
            if self._original_name_scope is None:
                self._original_name_scope = name_scope
                self._unique_name = (
                    scopes.unique_name(self._default_name) if given is None else given
                )
            outer, name = scopes.current, self._unique_name
            full = f"{outer.name}/{name}" if outer.name else name
            scope = self._derived(outer, full, self._original_name_scope)
        stack.enter_context(_opened(scopes, scope, jumps=isinstance(given, VariableScope)))
        return scope

    def _enter_name_scope(self, stack: contextlib.ExitStack, name: str) -> str:
        graph = self._graph
        if not self._auxiliary_name_scope:
            current = graph.get_name_scope()
            name = f"{current}/" if current else ""
        return stack.enter_context(graph.name_scope(name))

    def _derived(self, base: VariableScope, name: str, name_scope: str) -> VariableScope:
        settings = {
            key: getattr(base, key) if value is None else value
            for key, value in self._defaults.items()
        }
        getter = self._custom_getter
        return VariableScope(
            self._reuse or base.reuse,
            name=name,
            name_scope=name_scope,
            custom_getter=_wrapped(getter, base.custom_getter) if getter else base.custom_getter,
            constraint=self._constraint,
            **settings,
        )


def _wrapped(getter: Callable[..., Any], outer: Callable[..., Any] | None) -> Callable[..., Any]:
    """`getter`, which calls the `outer` scope's getter as the true one."""
    if outer is None:
        return getter

    def wrapped(true_getter: Any, *args: Any, **kwargs: Any):
        return getter(functools.partial(outer, true_getter), *args, **kwargs)

    return wrapped


@contextlib.contextmanager
def _opened(scopes: _Scopes, scope: VariableScope, jumps: bool) -> Generator[None, None, None]:
    """Make `scope` the current one; `jumps` is for one that is not below the current one."""
    outer = scopes.current
    scopes.open(scope.name)
    counts = dict(scopes.counts)
    scopes.current = scope
    try:
        yield
    finally:
        if jumps:
            scopes.counts = counts
        else:
            scopes.close_below(scope.name)
        scopes.current = outer


@contextlib.contextmanager
def variable_op_scope(
    values: Any, name_or_scope: Any, default_name: Any = None, **options: Any
) -> Generator[VariableScope, None, None]:
    """The old form of `variable_scope`, with `values` first.

    Parameters
    ----------
    values : list
        Tensors of any dtype that the block reads; they select the graph.
    name_or_scope, default_name : optional
        As for `variable_scope`.
    **options
        As for `variable_scope`.

    Yields
    ------
    VariableScope
    """
    with variable_scope(name_or_scope, default_name, values, **options) as scope:
        yield scope
