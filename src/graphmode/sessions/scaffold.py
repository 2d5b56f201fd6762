"""`Scaffold`: what a session needs beside its graph, made when it is missing."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from graphmode.framework.default_graph import (
    GraphKeys,
    add_to_collection,
    get_collection,
    get_default_graph,
)
from graphmode.ops.array.joining import concat
from graphmode.ops.control.grouping import group
from graphmode.platform import logging
from graphmode.summary.merging import merge_all
from graphmode.training.saver import Saver
from graphmode.variables.collections import (
    global_variables,
    global_variables_initializer,
    local_variables_initializer,
    report_uninitialized_variables,
    tables_initializer,
)
from graphmode.variables.resources import (
    initialize_resources,
    local_resources,
    report_uninitialized_resources,
    shared_resources,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphmode.framework.operation import Operation
    from graphmode.runtime.session import Session


class Scaffold:
    """What a session needs beside its graph: initializers, a saver, summaries.

    `finalize`, which a session calls, takes from the graph's collections what is not given, or
    makes it.

    Parameters
    ----------
    init_op : Operation, optional
        Initialises the variables.
    init_feed_dict : dict, optional
        What it is fed.
    init_fn : callable, optional
        Called after it, with this object and the session.
    ready_op : Tensor, string vector, optional
        The names of what is missing; empty when the model is ready.
    ready_for_local_init_op : Tensor, string vector, optional
        The same, for what `local_init_op` needs.
    local_init_op : Operation, optional
        Run for each session: local variables, tables.
    summary_op : Tensor, string scalar, optional
    saver : Saver, optional
    copy_from_scaffold : Scaffold, optional
        Whose parts are taken where none is given.

    Raises
    ------
    TypeError
        If `copy_from_scaffold` is none.

    Examples
    --------
    >>> import graphmode as tf
    >>> v = tf.get_variable("v", [2], initializer=tf.zeros_initializer())
    >>> scaffold = tf.train.Scaffold(init_fn=lambda scaffold, sess: v.load([3.0, 4.0], sess))
    >>> with tf.train.MonitoredTrainingSession(scaffold=scaffold) as sess:
    ...     print(sess.run(v))
    [3. 4.]
    """

    def __init__(
        self,
        init_op: Any = None,
        init_feed_dict: Any = None,
        init_fn: Callable[[Scaffold, Session], Any] | None = None,
        ready_op: Any = None,
        ready_for_local_init_op: Any = None,
        local_init_op: Any = None,
        summary_op: Any = None,
        saver: Saver | None = None,
        copy_from_scaffold: Scaffold | None = None,
    ) -> None:
        other: Any = copy_from_scaffold
        if other is not None:
            if not isinstance(other, Scaffold):
                raise TypeError("copy_from_scaffold is not a Scaffold instance.")
            init_fn = init_fn or other._user_init_fn
        self._user_init_fn = init_fn
        self._init_fn: Callable[[Session], Any] | None = (
            None if init_fn is None else functools.partial(init_fn, self)
        )

        def given(value: Any, part: str) -> Any:
            return value if value is not None or other is None else getattr(other, part)

        self._init_op = given(init_op, "init_op")
        self._init_feed_dict = given(init_feed_dict, "init_feed_dict")
        self._ready_op = given(ready_op, "ready_op")
        self._ready_for_local_init_op = given(ready_for_local_init_op, "ready_for_local_init_op")
        self._local_init_op = given(local_init_op, "local_init_op")
        self._summary_op = given(summary_op, "summary_op")
        self._saver: Any = given(saver, "saver")

    def finalize(self) -> Scaffold:
        """Take or make all parts, and finalize the default graph.

        Returns
        -------
        Scaffold
            This one.

        Raises
        ------
        RuntimeError
            If a collection holds several where one is needed.
        """
        if self._init_op is None:
            self._init_op = self.get_or_default("init_op", GraphKeys.INIT_OP, _init_op)
        if self._ready_op is None:
            self._ready_op = self.get_or_default("ready_op", GraphKeys.READY_OP, _ready_op)
        if self._ready_for_local_init_op is None:
            self._ready_for_local_init_op = self.get_or_default(
                "ready_for_local_init_op",
                GraphKeys.READY_FOR_LOCAL_INIT_OP,
                _ready_for_local_init_op,
            )
        if self._local_init_op is None:
            self._local_init_op = self.get_or_default(
                "local_init_op", GraphKeys.LOCAL_INIT_OP, Scaffold.default_local_init_op
            )
        if self._summary_op is None:
            self._summary_op = self.get_or_default("summary_op", GraphKeys.SUMMARY_OP, merge_all)
        if self._saver is None:
            self._saver = self.get_or_default("saver", GraphKeys.SAVERS, _saver)
        self._saver.build()
        get_default_graph().finalize()
        logging.info("Graph was finalized.")
        return self

    @property
    def init_op(self) -> Any:
        """The operation that initialises the variables."""
        return self._init_op

    @property
    def init_fn(self) -> Callable[[Session], Any] | None:
        """What is called with the session after `init_op`."""
        return self._init_fn

    @property
    def init_feed_dict(self) -> Any:
        """What `init_op` is fed."""
        return self._init_feed_dict

    @property
    def ready_op(self) -> Any:
        """The names of what is missing."""
        return self._ready_op

    @property
    def ready_for_local_init_op(self) -> Any:
        """The names of what is missing for `local_init_op`."""
        return self._ready_for_local_init_op

    @property
    def local_init_op(self) -> Any:
        """The operation that is run for each session."""
        return self._local_init_op

    @property
    def summary_op(self) -> Any:
        """All summaries as one."""
        return self._summary_op

    @property
    def saver(self) -> Saver:
        """What saves and restores."""
        return self._saver

    @staticmethod
    def get_or_default(
        arg_name: str, collection_key: str, default_constructor: Callable[[], Any]
    ) -> Any:
        """What a collection of the default graph holds, made and put there if it is empty.

        Parameters
        ----------
        arg_name : str
            What it is called here.
        collection_key : str
        default_constructor : callable
            Makes it, or gives None.

        Returns
        -------
        object

        Raises
        ------
        RuntimeError
            If there are several.
        """
        elements = get_collection(collection_key)
        if len(elements) > 1:
            raise RuntimeError(
                f'More than one item in the collection "{collection_key}". Please indicate which '
                "one to use by passing it to the tf.Scaffold constructor as:  "
                f"tf.Scaffold({arg_name}=item to use)"
            )
        if elements:
            return elements[0]
        made = default_constructor()
        if made is not None:
            add_to_collection(collection_key, made)
        return made

    @staticmethod
    def default_local_init_op() -> Operation:
        """An operation that initialises local variables, tables and local resources."""
        return group(
            local_variables_initializer(),
            tables_initializer(),
            initialize_resources(local_resources()),
        )


def _init_op() -> Operation:
    return group(global_variables_initializer(), initialize_resources(shared_resources()))


def _ready_op() -> Any:
    return concat([report_uninitialized_variables(), report_uninitialized_resources()], 0)


def _ready_for_local_init_op() -> Any:
    return concat(
        [
            report_uninitialized_variables(global_variables()),
            report_uninitialized_resources(shared_resources()),
        ],
        0,
    )


def _saver() -> Saver:
    return Saver(sharded=True, allow_empty=True)
