"""The collections of the default graph, and the names of the standard ones."""

from __future__ import annotations

from graphmode.framework.default_graph import get_default_graph


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


def add_to_collection(name, value) -> None:
    """`Graph.add_to_collection` of the default graph.

    Parameters
    ----------
    name : str
    value : object
    """
    get_default_graph().add_to_collection(name, value)


def add_to_collections(names, value) -> None:
    """`Graph.add_to_collections` of the default graph.

    Parameters
    ----------
    names : iterable of str, or one str
    value : object
    """
    get_default_graph().add_to_collections(names, value)


def get_collection(key, scope=None) -> list:
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


def get_collection_ref(key) -> list:
    """The list of the collection `key` of the default graph itself, not a copy."""
    return get_default_graph().get_collection_ref(key)
