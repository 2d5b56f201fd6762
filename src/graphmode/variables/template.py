"""`tf.make_template`: a function whose variables the first call makes and all others use."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from graphmode.framework.default_graph import GraphKeys, get_default_graph
from graphmode.variables.scope import variable_scope

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphmode.variables.scope import VariableScope
    from graphmode.variables.variable import Variable


def make_template(
    name_: str,
    func_: Callable[..., Any],
    create_scope_now_: bool = False,
    unique_name_: str | None = None,
    custom_getter_: Callable[..., Any] | None = None,
    **kwargs: Any,
) -> Template:
    """`func_` with its own variables: the first call makes them, each later one uses the same.

    Parameters
    ----------
    name_ : str
        The variable scope, made unique where the first call is.
    func_ : callable
        Its variables are to be made by `tf.get_variable`.
    create_scope_now_ : bool
        Make the scope unique now, not at the first call.
    unique_name_ : str, optional
        The scope, as it is; it must not be in use.
    custom_getter_ : callable, optional
        As for `variable_scope`.
    **kwargs
        Given to each call of `func_`.

    Returns
    -------
    Template

    Raises
    ------
    ValueError
        If `name_` is None.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default():
    ...     scaled = tf.make_template("scaled", lambda x: x * tf.get_variable("w", []))
    ...     y, z = scaled(1.0), scaled(2.0)
    ...     print([v.name for v in tf.global_variables()])
    ['scaled/w:0']
    """
    if kwargs:
        func_ = functools.partial(func_, **kwargs)
    return Template(
        name_, func_, create_scope_now_, unique_name=unique_name_, custom_getter=custom_getter_
    )


class Template:
    """A function with its own variables; see `make_template`.

    Parameters
    ----------
    name : str
    func : callable
    create_scope_now : bool
    unique_name : str, optional
    custom_getter : callable, optional

    Raises
    ------
    ValueError
        If `name` is None.
    """

    def __init__(
        self,
        name: str | None,
        func: Callable[..., Any],
        create_scope_now: bool = False,
        unique_name: str | None = None,
        custom_getter: Callable[..., Any] | None = None,
    ) -> None:
        if name is None:
            raise ValueError("name cannot be None.")
        self._name = name
        self._func = func
        self._unique_name = unique_name
        self._custom_getter = custom_getter
        self._variable_scope: VariableScope | None = None
        self._was_called = False
        if create_scope_now:
            self._open_first()

    def _open_first(self) -> None:
        with variable_scope(
            self._unique_name, self._name, custom_getter=self._custom_getter
        ) as scope:
            self._variable_scope = scope

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """What the function gives, with the variables of its first call.

        Parameters
        ----------
        *args, **kwargs
            As for the function.

        Returns
        -------
        object

        Raises
        ------
        ValueError
            If a later call makes variables that the first did not.
        """
        if self._variable_scope is None:
            with variable_scope(
                self._unique_name, self._name, custom_getter=self._custom_getter
            ) as scope:
                self._variable_scope = scope
                return self._called(args, kwargs)
        with variable_scope(self._variable_scope, reuse=self._was_called):
            return self._called(args, kwargs)

    def _called(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        graph = get_default_graph()
        before = [len(graph.get_collection_ref(key)) for key in _COLLECTIONS]
        result = self._func(*args, **kwargs)
        trainable, variables = (
            graph.get_collection(key)[count:]
            for key, count in zip(_COLLECTIONS, before, strict=True)
        )
        if self._was_called and trainable:
            raise ValueError(
                "Trainable variable created when calling a template after the first time, perhaps "
                f"you used tf.Variable when you meant tf.get_variable: {trainable}"
            )
        if self._was_called and variables:
            raise ValueError(
                "New variables created when calling a template after the first time, perhaps you "
                f"used tf.Variable when you meant tf.get_variable: {variables}"
            )
        self._was_called = True
        return result

    @property
    def name(self) -> str:
        """The name that it was given."""
        return self._name

    @property
    def func(self) -> Callable[..., Any]:
        """The function."""
        return self._func

    @property
    def variable_scope(self) -> VariableScope | None:
        """The scope of its variables; None before the first call."""
        return self._variable_scope

    @property
    def variable_scope_name(self) -> str | None:
        """The prefix of the names of its variables, with '/' at its end."""
        scope = self._variable_scope
        return None if scope is None else (f"{scope.name}/" if scope.name else "")

    def _of(self, collection: str) -> list[Variable]:
        return get_default_graph().get_collection(collection, self.variable_scope_name)

    @property
    def variables(self) -> list[Variable]:
        """Its variables, global and local."""
        return self.global_variables + self.local_variables

    @property
    def weights(self) -> list[Variable]:
        """Its variables, global and local."""
        return self.variables

    @property
    def trainable_variables(self) -> list[Variable]:
        """Those that are trained."""
        return self._of(GraphKeys.TRAINABLE_VARIABLES)

    @property
    def trainable_weights(self) -> list[Variable]:
        """Those that are trained."""
        return self.trainable_variables

    @property
    def non_trainable_variables(self) -> list[Variable]:
        """Those that are not trained."""
        trained = set(self.trainable_variables)
        return [variable for variable in self.variables if variable not in trained]

    @property
    def non_trainable_weights(self) -> list[Variable]:
        """Those that are not trained."""
        return self.non_trainable_variables

    @property
    def global_variables(self) -> list[Variable]:
        """Those of the collection of global variables."""
        return self._of(GraphKeys.GLOBAL_VARIABLES)

    @property
    def local_variables(self) -> list[Variable]:
        """Those of the collection of local variables."""
        return self._of(GraphKeys.LOCAL_VARIABLES)


_COLLECTIONS = (GraphKeys.TRAINABLE_VARIABLES, GraphKeys.GLOBAL_VARIABLES)
