"""Optimizers around others: weights kept within a norm, averages saved in place of weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework.default_graph import control_dependencies, get_default_graph, name_scope
from graphmode.framework.indexed_slices import IndexedSlices
from graphmode.ops.array.gathering import gather
from graphmode.ops.control.grouping import group
from graphmode.ops.math.clip import clip_by_norm
from graphmode.training.moving_averages import ExponentialMovingAverage
from graphmode.training.optimizer import Optimizer
from graphmode.training.saver import Saver
from graphmode.variables.collections import global_variables

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graphmode.framework.operation import Operation
    from graphmode.variables.variable import Variable


class _Wrapped(Optimizer):
    """What asks another optimizer for gradients and slots."""

    def __init__(self, opt: Optimizer, use_locking: bool, name: str) -> None:
        super().__init__(use_locking, name)
        self._optimizer = opt

    def compute_gradients(self, *args: Any, **kwargs: Any) -> list[tuple[Any, Any]]:
        """The gradients that the optimizer inside computes.

        Parameters
        ----------
        *args, **kwargs
            As for its own method.

        Returns
        -------
        list of (gradient, variable)
        """
        return self._optimizer.compute_gradients(*args, **kwargs)

    def get_slot(self, var: Any, name: str) -> Variable | None:
        """The slot `name` of a variable, of the optimizer inside.

        Parameters
        ----------
        var : Variable
        name : str

        Returns
        -------
        Variable or None
        """
        return self._optimizer.get_slot(var, name)

    def get_slot_names(self) -> list[str]:
        """The names of the slots of the optimizer inside."""
        return self._optimizer.get_slot_names()


class VariableClippingOptimizer(_Wrapped):
    r"""Steps of another optimizer, after each of which variables are kept within a norm.

    .. math:: w \leftarrow w \cdot \min(1, c / \lVert w\rVert)

    Parameters
    ----------
    opt : Optimizer
    vars_to_clip_dims : dict of Variable to list of int
        The axes along which the norm is taken; none: of each element.
    max_norm : float
    use_locking : bool
    colocate_clip_ops_with_vars : bool
    name : str
    """

    def __init__(
        self,
        opt: Optimizer,
        vars_to_clip_dims: Mapping[Variable, Sequence[int]],
        max_norm: float,
        use_locking: bool = False,
        colocate_clip_ops_with_vars: bool = False,
        name: str = "VariableClipping",
    ) -> None:
        super().__init__(opt, use_locking, name)
        self._axes = {var: list(axes) for var, axes in vars_to_clip_dims.items()}
        self._max_norm = max_norm

    def apply_gradients(
        self, grads_and_vars: Any, global_step: Any = None, name: str | None = None
    ) -> Operation:
        """A step of the optimizer inside, then clipping of the variables that it changed.

        Parameters
        ----------
        grads_and_vars : iterable of (gradient, variable)
        global_step : Variable, optional
        name : str, optional

        Returns
        -------
        Operation
        """
        pairs = list(grads_and_vars)
        with name_scope(name, self._name) as scope:
            step = self._optimizer.apply_gradients(pairs, global_step=global_step)
            clips: list[Any] = []
            with control_dependencies([step]):
                for gradient, var in pairs:
                    if gradient is not None and var in self._axes:
                        with name_scope(f"clip_{var.op.name}"):
                            clips.append(self._clip(gradient, var))
            return group(step, *clips, name=scope)

    def _clip(self, gradient: Any, var: Variable) -> Any:
        graph, axes = get_default_graph(), self._axes[var]
        if isinstance(gradient, IndexedSlices) and 0 not in axes:
            rows = gather(var, gradient.indices)
            excess = rows - clip_by_norm(rows, self._max_norm, axes)
            change = IndexedSlices(excess, gradient.indices, gradient.dense_shape)
            return var.scatter_sub(change, use_locking=self._use_locking)
        value = var.read_value()
        excess = value - clip_by_norm(value, self._max_norm, axes)
        with graph.colocate_with(var.op):
            return var.assign_sub(excess, use_locking=self._use_locking)


class MovingAverageOptimizer(_Wrapped):
    """Steps of another optimizer, and a moving average of each variable that it changes.

    Parameters
    ----------
    opt : Optimizer
    average_decay : float
    num_updates : Tensor, optional
        As of `ExponentialMovingAverage`.
    sequential_update : bool
        Whether averages take the variables as they are after the step.
    """

    def __init__(
        self,
        opt: Optimizer,
        average_decay: float = 0.9999,
        num_updates: Any = None,
        sequential_update: bool = True,
    ) -> None:
        super().__init__(opt, False, "MovingAverage")
        self._averages = ExponentialMovingAverage(average_decay, num_updates=num_updates)
        self._is_sequential = sequential_update
        self._swapped: dict[str, str] | None = None

    def apply_gradients(
        self, grads_and_vars: Any, global_step: Any = None, name: str | None = None
    ) -> Operation:
        """A step of the optimizer inside, and one of the averages.

        Parameters
        ----------
        grads_and_vars : iterable of (gradient, variable)
        global_step : Variable, optional
        name : str, optional

        Returns
        -------
        Operation
        """
        pairs = list(grads_and_vars)
        step = self._optimizer.apply_gradients(pairs, global_step=global_step, name=name)
        changed = [var for gradient, var in pairs if gradient is not None]
        with control_dependencies([step] if self._is_sequential else []):
            averaging = self._averages.apply(changed)
        self._swapped = {}
        for var in changed:
            average: Any = self._averages.average(var)
            self._swapped[var.op.name] = average.op.name
            self._swapped[average.op.name] = var.op.name
        return group(step, averaging, name="train_with_avg")

    def swapping_saver(
        self, var_list: Any = None, name: str = "swapping_saver", **kwargs: Any
    ) -> Saver:
        """A saver that writes averages under the names of their variables, and the reverse.

        Who restores with a plain `Saver` evaluates with the averages.

        Parameters
        ----------
        var_list : list or dict of str to Variable, optional
            All global variables if not given.
        name : str
        **kwargs
            For `Saver`.

        Returns
        -------
        Saver

        Raises
        ------
        RuntimeError
            If no gradients have been applied yet.
        ValueError
            If a variable is to be saved and its average is not.
        """
        if self._swapped is None:
            raise RuntimeError(
                "Must call apply_gradients or minimize before creating the swapping_saver"
            )
        known: dict[str, Any] = {}
        given: Any = global_variables() if var_list is None else var_list
        known.update(given.items() if hasattr(given, "items") else ((v.op.name, v) for v in given))
        saved: dict[str, Any] = {}
        for key, var in known.items():
            other = self._swapped.get(key)
            if other is not None and other not in known:
                raise ValueError(
                    f"Variable to swap {other} is not part of variables to save. This breaks "
                    "MovingAverageOptimizer."
                )
            saved[key] = var if other is None else known[other]
        return Saver(saved, name=name, **kwargs)
