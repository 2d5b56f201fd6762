"""`Layer`: what has variables and is called on tensors; the base of every layer.

A layer's variables live in a variable scope that is found at its first call: the name that was
given, or the class's name made unique among the open scopes. Later calls take the same variables.
"""

from __future__ import annotations

import copy
import math as python_math
import re
import weakref
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import dtypes, nest
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import GraphKeys, get_default_graph, name_scope
from graphmode.framework.graph import Graph
from graphmode.framework.indexed_slices import IndexedSlices
from graphmode.framework.operation import Operation, Tensor
from graphmode.framework.shapes import TensorShape
from graphmode.framework.sparse_tensor import SparseTensor
from graphmode.layers.identifiers import initializer_of
from graphmode.layers.input_spec import check_inputs
from graphmode.ops import array, math
from graphmode.variables.copies import VariableAggregation, VariableSynchronization
from graphmode.variables.partitioned import PartitionedVariable
from graphmode.variables.scope import VariableScope, get_variable, variable_scope
from graphmode.variables.variable import Variable

if TYPE_CHECKING:
    from collections.abc import Callable

_IGNORED_ARGUMENTS = {"input_shape", "batch_input_shape", "batch_size", "weights", "autocast"}


def snake_case(name: str) -> str:
    """``MaxPooling2D`` -> ``max_pooling2d``."""
    name = re.sub(r"(?<=.)([A-Z][a-z0-9]+)", r"_\1", name)
    name = re.sub(r"(?<=[a-z])([A-Z])", r"_\1", name).lower()
    return f"private{name}" if name.startswith("_") else name


def flat_tensors(structure: Any) -> list[Any]:
    """The leaves of nested lists, tuples and dicts (by sorted key)."""
    if isinstance(structure, nest.DICT):
        return [leaf for key in sorted(structure) for leaf in flat_tensors(structure[key])]
    if isinstance(structure, nest.LISTS):
        return [leaf for part in structure for leaf in flat_tensors(part)]
    return [structure]


def _converted(structure: Any) -> Any:
    """`structure` with arrays, numbers and variables as tensors."""
    if isinstance(structure, nest.DICT):
        return {key: _converted(value) for key, value in structure.items()}
    if isinstance(structure, nest.LISTS):
        kind: Any = structure.__class__
        parts = [_converted(part) for part in structure]
        return kind(*parts) if hasattr(structure, "_fields") else kind(parts)
    if isinstance(structure, np.ndarray | float | int | Variable | PartitionedVariable):
        return convert_to_tensor(structure)
    return structure


def _shapes(structure: Any) -> Any:
    if isinstance(structure, nest.DICT):
        return {key: _shapes(value) for key, value in structure.items()}
    if isinstance(structure, nest.LISTS):
        return [_shapes(part) for part in structure]
    return structure.get_shape() if hasattr(structure, "get_shape") else TensorShape([])


def _depend_on(operations: list[Operation], inputs: list[Tensor]) -> set[Operation]:
    """Those of `operations` that some of `inputs` are needed for."""
    known = dict.fromkeys((tensor.op for tensor in inputs), True)
    for operation in operations:
        stack = [operation]
        while stack:
            op = stack[-1]
            before = [*(tensor.op for tensor in op.inputs), *op.control_inputs]
            waiting = [b for b in before if b not in known]
            if op in known or not waiting:
                known.setdefault(op, any(known[b] for b in before))
                stack.pop()
            else:
                stack += waiting
    return {operation for operation in operations if known[operation]}


class Layer:
    """The base of layers. Write `call`, and make variables in `build`, which runs once.

    Parameters
    ----------
    trainable : bool
        Whether its variables are trained.
    name : str, optional
        The scope of its variables and operations; the class's name, made unique, if not given.
    dtype : dtype, optional
        Of its variables; the dtype of the first input if not given.
    **kwargs
        Of those above; ``input_shape``, ``batch_size`` and the like are accepted.
    activity_regularizer : callable, optional
        ``activity_regularizer(output)``, divided by the batch size, is added to the losses.
    _scope : str or VariableScope, optional
        The variable scope to use.
    _reuse : bool, optional
        Take variables that exist.

    Attributes
    ----------
    built : bool
    input_spec : InputSpec or list of InputSpec, optional
        What `__call__` asks of its inputs.

    Raises
    ------
    TypeError
        For an argument that it does not know.

    Examples
    --------
    >>> import graphmode as tf
    >>> class Scale(tf.layers.Layer):
    ...     def build(self, input_shape):
    ...         self.scale = self.add_variable("scale", [input_shape[-1]])
    ...         super().build(input_shape)
    ...     def call(self, inputs):
    ...         return inputs * self.scale
    >>> with tf.Graph().as_default():
    ...     print(Scale()(tf.zeros([2, 3])).shape)
    (2, 3)
    """

    def __init__(
        self, trainable: bool = True, name: str | None = None, dtype: Any = None, **kwargs: Any
    ) -> None:
        scope = kwargs.pop("_scope", None)
        self._reuse = kwargs.pop("_reuse", None)
        self._activity_regularizer = kwargs.pop("activity_regularizer", None)
        for key in kwargs:
            if key not in _IGNORED_ARGUMENTS:
                raise TypeError("Keyword argument not understood:", key)
        self.trainable = trainable
        self.built = False
        self.stateful = False
        self.input_spec: Any = None
        self._dtype = None if dtype is None else dtypes.as_dtype(dtype).base_dtype
        self._trainable_weights: list[Any] = []
        self._non_trainable_weights: list[Any] = []
        self._losses: list[Tensor] = []
        self._updates: list[Operation] = []
        self._of_inputs: set[Operation] = set()
        self._called_on: list[Tensor] = []
        self._scope: Any = None
        self._current_scope: Any = None
        self._set_name(name)
        if scope:
            with variable_scope(scope) as captured:
                self._scope = captured

    def _set_name(self, name: Any) -> None:
        base = snake_case(type(self).__name__)
        if isinstance(name, VariableScope):
            self._base_name, self._name = name.name, _unique_layer_name(base)
        elif name:
            self._base_name = self._name = name
        else:
            self._base_name, self._name = base, _unique_layer_name(base)

    # ---- what it is -------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """The name of its scope."""
        return self._name

    @property
    def dtype(self) -> Any:
        """The dtype of its variables; None as long as it is to be that of the first input."""
        return None if self._dtype is None else self._dtype.name

    @property
    def scope_name(self) -> str:
        """The name of its variable scope, known from the first call on.

        Raises
        ------
        ValueError
            Before the first call.
        """
        if self._scope is None:
            raise ValueError(
                f'No name available for layer scope because the layer "{self._name}" has not been '
                "used yet. The scope name  is determined the first time the layer instance is "
                "called. You must therefore call the layer before querying `scope_name`."
            )
        return self._scope.name

    @property
    def trainable_weights(self) -> list[Any]:
        """The variables that are trained; none where the layer is not."""
        return list(self._trainable_weights) if self.trainable else []

    @property
    def non_trainable_weights(self) -> list[Any]:
        """The variables that are not trained; all where the layer is not."""
        if self.trainable:
            return list(self._non_trainable_weights)
        return self._trainable_weights + self._non_trainable_weights

    @property
    def weights(self) -> list[Any]:
        """Its variables, the trainable ones first."""
        return self.trainable_weights + self.non_trainable_weights

    @property
    def trainable_variables(self) -> list[Any]:
        """`trainable_weights`."""
        return self.trainable_weights

    @property
    def non_trainable_variables(self) -> list[Any]:
        """`non_trainable_weights`."""
        return self.non_trainable_weights

    @property
    def variables(self) -> list[Any]:
        """`weights`."""
        return self.weights

    @property
    def losses(self) -> list[Tensor]:
        """The losses that it added: of its regularizers, and of its calls."""
        return list(self._losses)

    @property
    def updates(self) -> list[Operation]:
        """The operations that it added to `GraphKeys.UPDATE_OPS`."""
        return list(self._updates) if self.trainable or self.stateful else []

    def get_losses_for(self, inputs: Any) -> list[Tensor]:
        """The losses that depend on `inputs`.

        Parameters
        ----------
        inputs : Tensor or nested list of them, or None
            Of any dtype. None for those that depend on no inputs of the layer.

        Returns
        -------
        list of Tensor
        """
        if inputs is None:
            return [loss for loss in self.losses if loss.op not in self._of_inputs]
        candidates = [loss for loss in self.losses if loss.op in self._of_inputs]
        reached = _depend_on([loss.op for loss in candidates], flat_tensors(inputs))
        return [loss for loss in candidates if loss.op in reached]

    def get_updates_for(self, inputs: Any) -> list[Operation]:
        """The updates that depend on `inputs`.

        Parameters
        ----------
        inputs : Tensor or nested list of them, or None
            Of any dtype. None for those that depend on no inputs of the layer.

        Returns
        -------
        list of Operation
        """
        if inputs is None:
            return [update for update in self.updates if update not in self._of_inputs]
        candidates = [update for update in self.updates if update in self._of_inputs]
        reached = _depend_on(candidates, flat_tensors(inputs))
        return [update for update in candidates if update in reached]

    @property
    def activity_regularizer(self) -> Callable[..., Any] | None:
        """The function of an output that gives a penalty, or None."""
        return self._activity_regularizer

    def count_params(self) -> int:
        """The number of elements of its variables.

        Returns
        -------
        int

        Raises
        ------
        ValueError
            Before the layer is built.
        """
        if not self.built:
            raise ValueError(
                f"You tried to call `count_params` on {self.name}, but the layer isn't built. You "
                f"can build it manually via: `{self.name}.build(batch_input_shape)`."
            )
        return sum(python_math.prod(v.get_shape().as_list()) for v in self.weights)

    # ---- what it adds -----------------------------------------------------------------------

    def add_weight(
        self,
        name: str,
        shape: Any,
        dtype: Any = None,
        initializer: Any = None,
        regularizer: Callable[..., Any] | None = None,
        trainable: bool | None = None,
        constraint: Callable[..., Any] | None = None,
        use_resource: Any = None,
        synchronization: Any = VariableSynchronization.AUTO,
        aggregation: Any = VariableAggregation.NONE,
        partitioner: Callable[..., Any] | None = None,
    ) -> Any:
        """A variable in the layer's scope, new or, where the layer reuses, one that exists.

        Parameters
        ----------
        name : str
        shape : sequence of int
        dtype : dtype, optional
            The layer's if not given.
        initializer : callable or str, optional
            The scope's, then Glorot uniform, if not given.
        regularizer : callable, optional
            ``regularizer(variable)`` is added to the losses if the variable is new.
        trainable : bool, optional
            True if not given. Not where the layer is not.
        constraint : callable, optional
        use_resource : bool, optional
            As for `tf.Variable`.
        synchronization, aggregation : optional
            Accepted.
        partitioner : callable, optional
            As for `tf.get_variable`.

        Returns
        -------
        Variable

        Raises
        ------
        ValueError
            If a variable to be synchronised on reading is to be trained.
        """
        if synchronization is VariableSynchronization.ON_READ:
            if trainable:
                raise ValueError(
                    "Synchronization value can be set to VariableSynchronization.ON_READ only for "
                    "non-trainable variables. You have specified trainable=True and "
                    "synchronization=VariableSynchronization.ON_READ."
                )
            trainable = False
        trainable = (trainable is None or bool(trainable)) and bool(self.trainable)
        dtype = dtypes.as_dtype(dtype or self._dtype or dtypes.float32)
        self._set_scope(None)
        graph = get_default_graph()
        n_variables = len(graph.variables)
        reuse = self.built or self._reuse
        with variable_scope(self._scope, reuse=reuse, auxiliary_name_scope=False) as scope:
            self._current_scope = scope
            with graph.name_scope(scope.original_name_scope):
                variable = get_variable(
                    name,
                    shape=shape,
                    dtype=dtype,
                    initializer=initializer_of(initializer),
                    trainable=trainable,
                    constraint=constraint,
                    partitioner=partitioner,
                    use_resource=use_resource,
                    synchronization=synchronization,
                    aggregation=aggregation,
                )
                if regularizer is not None and len(graph.variables) > n_variables:
                    parts = variable if isinstance(variable, PartitionedVariable) else [variable]
                    for part in parts:
                        with name_scope(f"{name}/Regularizer"):
                            loss = regularizer(part)
                        if loss is not None:
                            self.add_loss(loss)
        self._track(variable, trainable)
        return variable

    def add_variable(self, *args: Any, **kwargs: Any) -> Any:
        """`add_weight` under its first name.

        Parameters
        ----------
        *args, **kwargs
            As for `add_weight`.

        Returns
        -------
        Variable
        """
        return self.add_weight(*args, **kwargs)

    def _track(self, variable: Any, trainable: bool) -> None:
        known = self._trainable_weights + self._non_trainable_weights
        parts = list(variable) if isinstance(variable, PartitionedVariable) else [variable]
        for part in parts:
            if any(part is other for other in known):
                continue
            # A custom getter may have made it one that is not trained.
            is_trained = trainable and getattr(part, "trainable", True)
            (self._trainable_weights if is_trained else self._non_trainable_weights).append(part)

    def add_loss(self, losses: Any, inputs: Any = None) -> None:
        """Add scalars to its losses and to `GraphKeys.REGULARIZATION_LOSSES`.

        Parameters
        ----------
        losses : Tensor or callable that gives one, or nested list of them
            Floating scalars.
        inputs : optional
            The tensors that they depend on; `get_losses_for` finds them by those.
        """
        added = [loss() if callable(loss) else loss for loss in flat_tensors(losses)]
        added = [convert_to_tensor(loss) for loss in added if loss is not None]
        self._losses += added
        if inputs is not None:
            self._of_inputs.update(loss.op for loss in added)
        _add_new(GraphKeys.REGULARIZATION_LOSSES, added)

    def add_update(self, updates: Any, inputs: Any = None) -> None:
        """Add operations that are to run with each step of training.

        Parameters
        ----------
        updates : Operation, Tensor or callable that gives one, or nested list of them
            Of any dtype.
        inputs : optional
            Accepted: the graph knows what they depend on.
        """
        del inputs
        for update in flat_tensors(updates):
            made: Any = update() if callable(update) else update
            if made is not None:
                added: Operation = getattr(made, "op", made)
                self._updates.append(added)
                if _depend_on([added], self._called_on):
                    self._of_inputs.add(added)

    # ---- calling ----------------------------------------------------------------------------

    def build(self, input_shape: Any) -> None:
        """Make the variables; `input_shape` is a TensorShape, or a list as the inputs are."""
        del input_shape
        self.built = True

    def call(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """The layer's output; what a subclass writes.

        Parameters
        ----------
        inputs : Tensor, or nested list, tuple or dict of them
            Of the dtypes and shapes that the layer takes.
        *args, **kwargs
            What the subclass takes besides.

        Returns
        -------
        Tensor, or nested structure of them
        """
        del args, kwargs
        return inputs

    def compute_output_shape(self, input_shape: Any) -> TensorShape:
        """The shape of the output; what a subclass writes.

        Parameters
        ----------
        input_shape : TensorShape

        Returns
        -------
        TensorShape

        Raises
        ------
        NotImplementedError
            Where the subclass does not say.
        """
        raise NotImplementedError(
            f"{type(self).__name__} does not say its output shape: call it and ask the output"
        )

    def apply(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """Call the layer: `__call__` under its other name.

        Parameters
        ----------
        inputs : Tensor, or nested list, tuple or dict of them
            Of the dtypes and shapes that the layer takes.
        *args, **kwargs
            As for `__call__`.

        Returns
        -------
        Tensor, or nested structure of them
        """
        return self(inputs, *args, **kwargs)

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """`call` on `inputs`, in the layer's scope, after `build` at the first time.

        Parameters
        ----------
        inputs : Tensor, or nested list, tuple or dict of them
            Of the dtypes and shapes that the layer takes; arrays become tensors.
        *args, **kwargs
            Given on to `call`.
        scope : str or VariableScope, optional
            The variable scope to use, at the first call.

        Returns
        -------
        Tensor, or nested structure of them
            What `call` gives.

        Raises
        ------
        ValueError
            If the inputs are not as `input_spec` asks, or `call` gives None.
        """
        self._set_scope(kwargs.pop("scope", None))
        reuse = True if self.built else self._reuse
        with variable_scope(self._scope, reuse=reuse, auxiliary_name_scope=False) as scope:
            self._current_scope = scope
            inputs = _converted(inputs)
            with get_default_graph().name_scope(scope.original_name_scope):
                outputs = self._call(inputs, args, kwargs)
        _add_new(GraphKeys.UPDATE_OPS, self.updates)
        return outputs

    def _call(self, inputs: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        tensors = [t for t in flat_tensors(inputs) if isinstance(t, Tensor)]
        check_inputs(self.name, self.input_spec, tensors)
        self._called_on = tensors
        if not self.built:
            if self._dtype is None and tensors:
                self._dtype = tensors[0].dtype.base_dtype
            self.build(_shapes(inputs))
            self.built = True
        outputs = self.call(inputs, *args, **kwargs)
        if outputs is None:
            raise ValueError(
                "A layer's `call` method should return a Tensor or a list of Tensors, not None "
                f"(layer: {self.name})."
            )
        if self._activity_regularizer is not None:
            self._regularize_activity(inputs, outputs)
        return outputs

    def _regularize_activity(self, inputs: Any, outputs: Any) -> None:
        with name_scope("ActivityRegularizer"):
            for output in flat_tensors(outputs):
                loss = self._activity_regularizer(output)
                batch = math.cast(array.shape(output)[0], loss.dtype)
                self.add_loss(loss / batch, inputs)

    def _set_scope(self, scope: Any) -> None:
        if self._scope is not None:
            return
        if self._reuse:
            entered = variable_scope(scope if scope is not None else self._base_name)
        else:
            entered = variable_scope(scope, default_name=self._base_name)
        with entered as captured:
            self._scope = captured

    def __deepcopy__(self, memo: dict[int, Any]) -> Layer:
        # What belongs to the graph is shared: a copy of a layer that was called has its variables.
        shared = (Variable, PartitionedVariable, Tensor, Operation, IndexedSlices, SparseTensor)
        result = type(self).__new__(type(self))
        memo[id(self)] = result
        for key, value in self.__dict__.items():
            if isinstance(value, _LIST) and any(isinstance(part, shared) for part in value):
                result.__dict__[key] = list(value)
            elif key == "_of_inputs":
                result.__dict__[key] = set(value)
            elif isinstance(value, (*shared, VariableScope)):
                result.__dict__[key] = value
            else:
                result.__dict__[key] = copy.deepcopy(value, memo)
        return result


_LIST: type[Any] = list


def _add_new(collection: str, elements: list[Any]) -> None:
    """Append to a collection of the default graph what is not there."""
    present = get_default_graph().get_collection_ref(collection)
    known = {id(element) for element in present}
    present += [element for element in elements if id(element) not in known]


_layer_counts: weakref.WeakKeyDictionary[Graph, dict[str, int]] = weakref.WeakKeyDictionary()


def _unique_layer_name(base: str) -> str:
    """``dense_1``, ``dense_2``, ...: TensorFlow counts from 1 here, and from 0 for scopes."""
    counts = _layer_counts.setdefault(get_default_graph(), {})
    counts[base] = counts.get(base, 0) + 1
    return f"{base}_{counts[base]}"
