"""The default graph of a thread, its collections, and the scopes that are opened on it."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from graphmode.framework.defaults import defaults
from graphmode.framework.graph import Graph

if TYPE_CHECKING:
    from collections.abc import Generator
    from contextlib import AbstractContextManager

_process_graph = Graph()


def get_default_graph() -> Graph:
    """The graph that operations are added to: the innermost `as_default`, else the process's."""
    stack = defaults.graphs
    return stack[-1] if stack else _process_graph


def reset_default_graph() -> None:
    """Start the process's default graph afresh.

    Raises
    ------
    AssertionError
        Inside a ``with graph.as_default():`` block.
    """
    global _process_graph
    if defaults.graphs:
        raise AssertionError(
            "Do not use tf.reset_default_graph() to clear nested graphs. If you need a cleared "
            "graph, exit the nesting and create a new graph."
        )
    _process_graph = Graph()


@contextlib.contextmanager
def name_scope(
    name: str | None, default_name: str | None = None, values: Any = None
) -> Generator[str, None, None]:
    """Prefix the names of operations made in the block.

    Parameters
    ----------
    name : str or None
        The scope; None takes `default_name`.
    default_name : str, optional
    values : list, optional
        Tensors that the block reads; they select the graph.

    Yields
    ------
    str
        The full scope name, ending with '/'.

    Raises
    ------
    TypeError
        If the default is no str.
    ValueError
        If there is neither a name nor a default.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default():
    ...     with tf.name_scope("layer"):
    ...         print(tf.constant(1, name="one").name)
    layer/one:0
    """
    given: Any = default_name
    if given is not None and not isinstance(given, str | bytes):
        raise TypeError(
            f"`default_name` type ({type(default_name)}) is not a string type. You likely meant to "
            "pass this into the `values` kwarg."
        )
    scope = default_name if name is None else name
    if scope is None and values is not None:
        raise ValueError("At least one of name (None) and default_name (None) must be provided.")
    graph = graph_of(values) or get_default_graph()
    if graph is get_default_graph():
        with graph.name_scope(scope) as full:
            yield full
    else:
        with graph.as_default(), graph.name_scope(scope) as full:
            yield full


def op_scope(
    values: Any, name: str | None, default_name: str | None = None
) -> AbstractContextManager[str]:
    """`name_scope` with its arguments as they were before 1.0.

    Parameters
    ----------
    values : list
        Tensors that the block reads.
    name : str or None
        The scope; None takes `default_name`.
    default_name : str, optional

    Returns
    -------
    context manager
        Gives the full scope name.
    """
    return name_scope(name, default_name, values)


@contextlib.contextmanager
def init_scope() -> Generator[None, None, None]:
    """In the block, operations do not wait for what the `control_dependencies` around it name."""
    with get_default_graph().control_dependencies(None):
        yield


def variable_creator_scope(variable_creator: Any) -> AbstractContextManager[None]:
    """In the block, a function makes the variables of the default graph.

    Parameters
    ----------
    variable_creator : callable
        ``variable_creator(next_creator, **arguments)``, where ``next_creator(**arguments)`` makes
        the variable, or calls the function of the block outside.

    Returns
    -------
    context manager
    """
    return get_default_graph().variable_creator_scope(variable_creator)


def get_name_scope() -> str:
    """The name scope that is open on the default graph, without the '/' at its end."""
    return get_default_graph().get_name_scope()


def graph_of(values: Any) -> Graph | None:
    """The graph of those of `values` that are in one.

    Raises
    ------
    ValueError
        If they are in several.
    """
    first: Any = None
    for value in values or ():
        graph = getattr(value, "graph", None)
        if isinstance(graph, Graph):
            if get_default_graph().captures_from(graph):
                continue
            if first is None:
                first = value
            elif graph is not first.graph:
                raise ValueError(f"{value!r} must be from the same graph as {first!r}.")
    return None if first is None else first.graph


def control_dependencies(control_inputs: Any) -> AbstractContextManager[None]:
    """`Graph.control_dependencies` of the default graph.

    Operations made in the block run after those given.

    Parameters
    ----------
    control_inputs : list of Operation or Tensor, of any dtype, or None
        None forgets the blocks outside.

    Returns
    -------
    context manager

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default(), tf.Session() as sess:
    ...     count = tf.Variable(0)
    ...     sess.run(count.initializer)
    ...     with tf.control_dependencies([count.assign_add(5)]):
    ...         print(sess.run(count.read_value()))
    5
    """
    return get_default_graph().control_dependencies(control_inputs)


def device(device_name_or_function: Any) -> AbstractContextManager[None]:
    """`Graph.device` of the default graph.

    Parameters
    ----------
    device_name_or_function : str, DeviceSpec, callable or None
        Where operations made in the block are placed, such as "/cpu:0"; None forgets the blocks
        outside. A callable is given each operation.

    Returns
    -------
    context manager
    """
    return get_default_graph().device(device_name_or_function)


def colocate_with(op: Any, ignore_existing: bool = False) -> AbstractContextManager[None]:
    """`Graph.colocate_with` of the default graph.

    Parameters
    ----------
    op : Operation, Tensor or None
        Of any dtype; what operations made in the block are placed beside.
    ignore_existing : bool
        Forget the blocks outside.

    Returns
    -------
    context manager
    """
    return get_default_graph().colocate_with(op, ignore_existing)


def container(container_name: str) -> AbstractContextManager[str]:
    """`Graph.container` of the default graph, with the name `container_name`, a str."""
    return get_default_graph().container(container_name)


# ---- collections ---------------------------------------------------------------------------------


class GraphKeys:
    """The names of the standard collections."""

    GLOBAL_VARIABLES = "variables"
    LOCAL_VARIABLES = "local_variables"
    METRIC_VARIABLES = "metric_variables"
    MODEL_VARIABLES = "model_variables"
    TRAINABLE_VARIABLES = "trainable_variables"
    SUMMARIES = "summaries"
    QUEUE_RUNNERS = "queue_runners"
    TABLE_INITIALIZERS = "table_initializer"
    ASSET_FILEPATHS = "asset_filepaths"
    MOVING_AVERAGE_VARIABLES = "moving_average_variables"
    REGULARIZATION_LOSSES = "regularization_losses"
    CONCATENATED_VARIABLES = "concatenated_variables"
    SAVERS = "savers"
    WEIGHTS = "weights"
    BIASES = "biases"
    ACTIVATIONS = "activations"
    UPDATE_OPS = "update_ops"
    LOSSES = "losses"
    SAVEABLE_OBJECTS = "saveable_objects"
    RESOURCES = "resources"
    LOCAL_RESOURCES = "local_resources"
    INIT_OP = "init_op"
    LOCAL_INIT_OP = "local_init_op"
    READY_OP = "ready_op"
    READY_FOR_LOCAL_INIT_OP = "ready_for_local_init_op"
    SUMMARY_OP = "summary_op"
    GLOBAL_STEP = "global_step"
    EVAL_STEP = "eval_step"
    TRAIN_OP = "train_op"
    COND_CONTEXT = "cond_context"
    WHILE_CONTEXT = "while_context"
    VARIABLES = "variables"


def add_to_collection(name: Any, value: Any) -> None:
    """`Graph.add_to_collection` of the default graph.

    Parameters
    ----------
    name : str
    value : object
    """
    get_default_graph().add_to_collection(name, value)


def add_to_collections(names: Any, value: Any) -> None:
    """`Graph.add_to_collections` of the default graph.

    Parameters
    ----------
    names : iterable of str, or one str
    value : object
    """
    get_default_graph().add_to_collections(names, value)


def get_collection(key: Any, scope: str | None = None) -> list[Any]:
    """The values of a collection of the default graph.

    Parameters
    ----------
    key : str
        Such as ``tf.GraphKeys.TRAINABLE_VARIABLES``.
    scope : str, optional
        What names begin with, a regular expression; what has no name is left out then.

    Returns
    -------
    list
        A copy.
    """
    return get_default_graph().get_collection(key, scope)


def get_collection_ref(key: Any) -> list[Any]:
    """The list of the collection `key` of the default graph itself, not a copy."""
    return get_default_graph().get_collection_ref(key)
