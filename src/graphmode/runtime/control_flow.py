"""Run branches and loops: in Python on host values, as one XLA conditional or loop on traced ones.

An `Inner` is the plan of one subgraph. Versions of the variables that are written inside go in and
come out beside the values; so do, for a gradient, the *exports*: tensors from inside, of a loop one
list with the value of every iteration.
"""

# pyright: reportPrivateUsage=false, reportUnknownMemberType=false, reportUnknownVariableType=false
from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import errors
from graphmode.framework.dtypes import variant
from graphmode.framework.inference import group_inputs, kernel_attrs
from graphmode.ops import xp
from graphmode.ops.control.tensor_list_value import NeedsHostError, TensorList, empty
from graphmode.ops.state.references import is_variable, variable_of
from graphmode.runtime.interpreter import Env, execute
from graphmode.runtime.policy import Cost
from graphmode.runtime.programs.apart import kept_apart
from graphmode.runtime.state import uninitialized

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from graphmode.framework.dtypes import DType
    from graphmode.framework.operation import Operation, Tensor
    from graphmode.runtime.plan import Step, Versions


@dataclass(slots=True, eq=False, repr=False)
class Inner:
    """The plan of a subgraph: a function of its arguments, its captures and of variables."""

    order: list[Operation]
    """All ops that are needed, those without a step included."""
    steps: list[Step]
    n_slots: int
    constants: list[tuple[int, Any]]
    n_args: int
    feed_slots: list[int]
    """Of the arguments, then of the captures."""
    version_slots: list[int]
    """Of the variables that the owner writes, before."""
    versions: Versions
    """Of these, before and after each write."""
    result_slots: list[int]
    export_slots: list[int]
    new_version_slots: list[int]
    random_ops: list[Operation]
    template: list[Any] = field(init=False)
    waits: bool = field(init=False)
    """Whether a step, or one inside of it, may wait."""

    def __post_init__(self) -> None:
        self.waits = any(step.blocks for step in self.steps)
        self.template = [None] * self.n_slots
        for slot, value in self.constants:
            self.template[slot] = value

    @property
    def captured_slots(self) -> list[int]:
        """The slots of what it reads from outside."""
        return self.feed_slots[self.n_args :]

    def run(
        self, values: Sequence[Any], versions: Sequence[Any], env: Env
    ) -> tuple[list[Any], list[Any], list[Any]]:
        """Results, exports and the new versions of the variables."""
        slots = self.template.copy()
        for slot, value in zip(self.feed_slots, values, strict=True):
            slots[slot] = value
        for slot, value in zip(self.version_slots, versions, strict=True):
            slots[slot] = value
        if env.checks is not None:
            execute_checked(self.steps, slots, env)
        elif env.pause is not None and self.waits:
            self._run_pausing(slots, env)
        else:
            execute(self.steps, slots, env)
        if env.cost is not None and env.cost.measures:
            env.cost.add(self.steps, slots)
        return (
            [slots[slot] for slot in self.result_slots],
            [slots[slot] for slot in self.export_slots],
            [slots[slot] for slot in self.new_version_slots],
        )

    def _run_pausing(self, slots: list[Any], env: Env) -> None:
        """Run the steps, and let other runs change variables while one waits."""
        assert env.pause is not None  # noqa: S101 - the caller has looked
        frames = (*env.frames, (self.versions, slots))
        inside = replace(env, frames=frames)
        for step in self.steps:
            if step.blocks and step.control is None:
                with env.pause(frames, env.streams):
                    execute((step,), slots, env)
            else:
                execute((step,), slots, inside)


def execute_checked(
    steps: Sequence[Step], slots: list[Any], env: Env, left: Collection[int] | None = None
) -> None:
    """Run `steps` on tracers and add a flag for each op that may refuse its values to `env.checks`.

    Parameters
    ----------
    left : collection of int, optional
        The positions of the steps to check; all by default.
    """
    import jax.numpy as jnp

    pending: list[Step] = []
    for i, step in enumerate(kept_apart(steps)):
        pending.append(step)
        op_def = step.op.op_def
        check = op_def.check_of(step.op) if left is None else op_def.check
        if check is None or (left is not None and i not in left):
            continue
        execute(pending, slots, env)
        pending = []
        values = group_inputs(step.op, [slots[i] for i in step.inputs])
        assert env.checks is not None  # noqa: S101 - a program is being made
        env.checks.append(jnp.all(check(*values, **kernel_attrs(step.op))))
    execute(pending, slots, env)


class ControlRun:
    """What `BranchRun`, `LoopRun` and `CountRun` share."""

    first = 0
    """The position of the first captured value among the inputs."""
    static: tuple[int, ...] = ()
    """The positions of inputs that must be known while a program is made."""
    counts = False

    def __init__(self, op: Operation, inners: tuple[Inner, ...]) -> None:
        self.op = op
        self.inners = inners
        self.random_ops = tuple(op for inner in inners for op in inner.random_ops)

    @property
    def steps(self) -> list[Step]:
        """The steps of all subgraphs."""
        return [step for inner in self.inners for step in inner.steps]

    @property
    def n_steps(self) -> int:
        """Steps inside, on all levels."""
        inside = [step.control.n_steps for step in self.steps if step.control is not None]
        return len(self.steps) + sum(inside)

    @property
    def repeats(self) -> bool:
        """Whether it is a loop, or one is inside."""
        return any(step.control.repeats for step in self.steps if step.control is not None)

    @property
    def needs_device(self) -> bool:
        """Whether a step inside has no NumPy form."""
        return any(
            step.control.needs_device if step.control is not None else not step.op.op_def.numpy
            for step in self.steps
        )

    def run(self, values: list[Any], env: Env) -> list[Any]:
        """The values of the outputs, from those of the inputs."""
        raise NotImplementedError

    def _draws_traced(self, env: Env) -> bool:
        return any(not env.streams[op].on_host for op in self.random_ops)

    def _inside(self, env: Env, positions: list[Any] | None = None) -> Env:
        """The environment of the steps inside, the random streams at `positions`."""
        if positions is None:
            return Env(env.streams, env.checks, True, env.counts, env.cost, env.pause, env.frames)
        streams = dict(env.streams)
        for op, position in zip(self.random_ops, positions, strict=True):
            streams[op] = env.streams[op].at(position)
        return Env(streams, [], True, env.counts)

    def _positions(self, env: Env) -> list[Any]:
        return [env.streams[op].position for op in self.random_ops]

    def _move(self, env: Env, positions: list[Any]) -> None:
        for op, position in zip(self.random_ops, positions, strict=True):
            env.streams[op].move_to(position)


def _require_scalar(what: str, condition: Any) -> None:
    if np.ndim(condition):
        shape = ",".join(map(str, np.shape(condition)))
        raise errors.InvalidArgumentError(
            None, None, f"The {what} must be a scalar, but it has shape [{shape}]"
        )


class BranchRun(ControlRun):
    """The If of a plan.

    Inputs: the condition, captures, variables. Outputs: results, the `exports` (each of one of the
    two branches, nothing when the other one ran), variables.
    """

    first = 1

    def __init__(
        self,
        op: Operation,
        then: Inner,
        otherwise: Inner,
        exports: list[tuple[int, int]],
        captured: Sequence[Tensor],
    ) -> None:
        super().__init__(op, (then, otherwise))
        self._exports = exports
        """(branch, position among its exports) of each export."""
        n_results = len(then.result_slots)
        shown = op.outputs[n_results : n_results + len(exports)]
        self._absent = list(map(_nothing_like, shown))
        """What stands for each when the other branch ran."""
        self._captured = captured

    def run(self, values: list[Any], env: Env) -> list[Any]:
        """The values of the branch that is taken."""
        condition, operands = values[0], values[1:]
        if xp.is_traced(condition):
            return self._traced(condition, operands, env)
        _require_scalar("condition", condition)
        taken = 0 if condition else 1
        n_captured = len(self.inners[0].captured_slots)
        captured, versions = operands[:n_captured], operands[n_captured:]
        if any(value is None for value in captured):
            self._require(captured, taken)
        inner = self.inners[taken]
        results, exports, versions = inner.run(captured, versions, self._inside(env))
        shown = [
            exports[i] if branch == taken else absent
            for (branch, i), absent in zip(self._exports, self._absent, strict=True)
        ]
        return [*results, *shown, *versions]

    def _require(self, captured: list[Any], taken: int) -> None:
        """Refuse to read a variable without a value; what a branch leaves out, it does not read."""
        inner = self.inners[taken]
        read = {slot for step in inner.steps for slot in step.inputs}
        read.update(inner.result_slots)
        for tensor, slot, value in zip(self._captured, inner.captured_slots, captured, strict=True):
            if value is None and slot in read and is_variable(tensor):
                raise uninitialized([variable_of(tensor)], tensor.op)

    def _traced(self, condition: Any, operands: list[Any], env: Env) -> list[Any]:
        import jax

        if condition.ndim:
            raise NeedsHostError("a condition that is no scalar")
        n_captured = len(self.inners[0].captured_slots)
        captured, versions = operands[:n_captured], operands[n_captured:]
        start = self._positions(env)

        def outcome(which: int) -> tuple[Any, ...]:
            inside = self._inside(env, start)
            inner = self.inners[which]
            results, exports, written = inner.run(captured, versions, inside)
            dtypes = [t.dtype.base_dtype.numpy_dtype for t in self.op.outputs]
            return (
                [_as_traced(v, d) for v, d in zip(results, dtypes, strict=False)],
                [_as_traced(v, None) for v in exports],
                [_as_traced(v, None) for v in written],
                [inside.streams[op].position for op in self.random_ops],
                _held(inside),
            )

        try:
            shapes: list[Any] = [[], []]
            if self._exports:  # each branch gives zeros for those of the other
                shapes = [
                    jax.eval_shape(lambda: outcome(0)[1]),
                    jax.eval_shape(lambda: outcome(1)[1]),
                ]

            def branch(which: int) -> tuple[Any, ...]:
                results, exports, *rest = outcome(which)
                both: list[Any] = [_zeros_of(tree) for tree in shapes]
                both[which] = exports
                return (results, both, *rest)

            outcome_now: Any = jax.lax.cond(condition, lambda: branch(0), lambda: branch(1))
        except (TypeError, ValueError) as error:  # the branches give different shapes
            raise NeedsHostError(str(error)) from error
        results, both, written, end, held = outcome_now
        self._move(env, end)  # pyright: ignore[reportUnknownArgumentType]
        assert env.checks is not None  # noqa: S101 - a program is being made
        env.checks.append(held)
        return [*results, *[both[branch][i] for branch, i in self._exports], *written]


class LoopRun(ControlRun):
    """The While of a plan.

    Inputs: the loop variables, captures, variables, and with exports a bound of the number of
    iterations. Outputs: the loop variables, the `exports` as lists over the iterations, the number
    of iterations if it is asked for, variables.
    """

    def __init__(
        self,
        op: Operation,
        test: Inner,
        body: Inner,
        dtypes: list[DType],
        exports: list[str],
        is_bounded: bool,
    ) -> None:
        super().__init__(op, (test, body))
        self._test, self._body = test, body
        self._dtypes = [dtype.numpy_dtype for dtype in dtypes]
        self._n = self.first = n_variables = len(dtypes)
        self._n_captured = len(body.captured_slots)
        self._exports = exports
        """"count" or "list" for each output after the loop variables."""
        self._n_versions = len(body.version_slots)
        bound = n_variables + self._n_captured + self._n_versions
        if "list" in exports and is_bounded:
            self.static = (bound,)

    @property
    def repeats(self) -> bool:
        """Whether it is a loop, or one is inside."""
        return True

    def run(self, values: list[Any], env: Env) -> list[Any]:
        """The values after the last iteration, and the lists of those of each."""
        variables, rest = values[: self._n], values[self._n :]
        captured, rest = rest[: self._n_captured], rest[self._n_captured :]
        versions, rest = rest[: self._n_versions], rest[self._n_versions :]
        if _is_traced([*variables, *captured, *versions]) or self._draws_traced(env):
            return self._traced(variables, captured, versions, rest, env)
        inside = self._inside(env)
        lists: list[list[Any]] = [[] for _ in self._body.export_slots]
        count, cost = 0, env.cost
        each: Cost | None = None
        while True:
            if cost is not None and cost.measures:
                inside.cost = None
                if not count & (count - 1):  # the first, the second, the third, the fifth, ...
                    inside.cost = each = Cost()
            (holds,), _, versions = self._test.run([*variables, *captured], versions, inside)
            _require_scalar("loop condition", holds)
            if not holds:
                break
            variables, exports, versions = self._body.run([*variables, *captured], versions, inside)
            for kept, value in zip(lists, exports, strict=True):
                kept.append(value)
            count += 1
            if each is not None and cost is not None:  # it stands for those up to the next one
                cost.include(each)
        if cost is not None:
            cost.rounds += count
        kept_lists = iter(TensorList(kept, None, count) for kept in lists)
        shown = [np.int32(count) if e == "count" else next(kept_lists) for e in self._exports]
        return [*variables, *shown, *versions]

    def _traced(
        self,
        variables: list[Any],
        captured: list[Any],
        versions: list[Any],
        rest: list[Any],
        env: Env,
    ) -> list[Any]:
        import jax
        import jax.numpy as jnp

        if self._test.random_ops or self._test.new_version_slots != self._test.version_slots:
            raise NeedsHostError("a condition that draws or writes")
        if self._body.export_slots and not rest:
            raise NeedsHostError("a loop whose length nothing bounds")
        capacity = max(int(rest[0]), 1) if rest else 0  # what reads it is traced in any case
        dtypes = self._dtypes
        start = self._positions(env)

        def holds(carry: tuple[Any, ...]) -> Any:
            _, variables, _, versions, _, held = carry
            inside = self._inside(env, start)
            (test,), _, _ = self._test.run([*variables, *captured], versions, inside)
            if inside.checks or np.ndim(test):
                raise NeedsHostError("a condition that may refuse its values")
            return held & jnp.asarray(test, bool)

        def step(carry: tuple[Any, ...]) -> tuple[Any, ...]:
            count, variables, lists, versions, positions, held = carry
            inside = self._inside(env, positions)
            results, exports, written = self._body.run([*variables, *captured], versions, inside)
            return (
                count + 1,
                [_as_traced(v, d) for v, d in zip(results, dtypes, strict=False)],
                [kept.set(count, value) for kept, value in zip(lists, exports, strict=True)],
                [_as_traced(v, None) for v in written],
                [inside.streams[op].position for op in self.random_ops],
                held & _held(inside),
            )

        carry: Any = (
            jnp.int32(0),
            [_as_traced(v, d) for v, d in zip(variables, dtypes, strict=False)],
            [empty(capacity).stacked() for _ in self._body.export_slots],
            [_as_traced(v, None) for v in versions],
            [jnp.asarray(position, np.uint64) for position in start],
            jnp.bool_(True),
        )
        try:
            carry = _settled(step, carry)
            end = jax.lax.while_loop(holds, step, carry)
        except (TypeError, ValueError) as error:
            raise NeedsHostError(str(error)) from error
        count, variables, lists, versions, positions, held = end
        self._move(env, positions)
        assert env.checks is not None  # noqa: S101 - a program is being made
        env.checks.append(held)
        kept_lists = iter(lists)
        shown = [count if e == "count" else next(kept_lists) for e in self._exports]
        return [*variables, *shown, *versions]


class CountRun(ControlRun):
    """The LoopCount of a plan: runs the part of a loop that its condition depends on.

    An interpreted run needs no count, and gets none.
    """

    counts = True

    def __init__(self, op: Operation, test: Inner, body: Inner, n_variables: int) -> None:
        super().__init__(op, (test, body))
        self._test, self._body = test, body
        self._n = self.first = n_variables

    def run(self, values: list[Any], env: Env) -> list[Any]:
        """The number of iterations."""
        if not env.counts and env.checks is None:
            return [np.int64(0)]
        if _is_traced(values):
            raise NeedsHostError("a loop whose length the program decides")
        variables, captured = values[: self._n], values[self._n :]
        inside = Env(env.streams, None, True)
        count = 0
        while self._test.run([*variables, *captured], [], inside)[0][0]:
            variables, _, _ = self._body.run([*variables, *captured], [], inside)
            count += 1
        return [np.int64(_rounded_up(count))]


def _rounded_up(count: int) -> int:
    """The next number of three leading bits: loops of like lengths share a program."""
    step = 1 << max(count.bit_length() - 3, 0)
    return -(-count // step) * step


def _is_traced(values: Sequence[Any]) -> bool:
    return any(_is_traced_value(value) for value in values)


def _is_traced_value(value: Any) -> bool:
    if not isinstance(value, TensorList):
        return xp.is_traced(value)
    if value.is_list:
        return _is_traced(value.rows)
    return xp.is_traced(value.written) or _is_traced_value(value.rows)


def _nothing_like(tensor: Tensor) -> np.ndarray | TensorList | None:
    """What stands for a value that is not there: its gradient may be zeros of its shape.

    Of a shape that is known nobody looks at the value.
    """
    dims, dtype = tensor.dims, tensor.dtype.base_dtype
    if dtype is variant:
        return empty(0)
    if not (dtype.is_floating or dtype.is_complex) or (dims is not None and None not in dims):
        return None
    return np.zeros([dim or 0 for dim in dims or [0]], dtype.numpy_dtype)


def _as_traced(value: Any, dtype: Any) -> Any:
    """`value` as it is carried by a loop, or given by a branch."""
    import jax.numpy as jnp

    if value is None:
        raise NeedsHostError("a value that is not there")
    if isinstance(value, TensorList):
        return value.stacked().mapped(jnp.asarray)
    return jnp.asarray(value, dtype)


def _held(env: Env) -> Any:
    import jax.numpy as jnp

    return jnp.all(jnp.stack(env.checks)) if env.checks else jnp.bool_(True)


def _zeros_of(tree: Any) -> Any:
    import jax
    import jax.numpy as jnp

    def zeros(leaf: Any) -> Any:
        return jnp.zeros(leaf.shape, leaf.dtype)

    return jax.tree_util.tree_map(zeros, tree)


def _settled(step: Any, carry: Any) -> Any:
    """`carry` with room in its lists for what `step` writes to them."""
    import jax

    for _ in range(4):
        after = jax.eval_shape(step, carry)
        if _layout(after) == _layout(carry):
            return carry
        carry = jax.tree_util.tree_map(
            _grown, carry, after, is_leaf=lambda leaf: isinstance(leaf, TensorList)
        )
    raise NeedsHostError("a loop whose lists never settle")


def _layout(tree: Any) -> tuple[Any, ...]:
    import jax

    leaves, structure = jax.tree_util.tree_flatten(tree)
    return structure, [(leaf.shape, leaf.dtype) for leaf in leaves]


def _grown(value: Any, after: Any) -> Any:
    if isinstance(value, TensorList):
        if value.rows is None and after.rows is not None:
            return TensorList(_zeros_of(after.rows), value.written, value.size, value.grows)
        if isinstance(value.rows, TensorList):
            rows = _grown(value.rows, after.rows)
            return TensorList(rows, value.written, value.size, value.grows)
        return value
    if value.shape != after.shape:
        raise NeedsHostError(f"a loop variable changes its shape: {value.shape} -> {after.shape}")
    return value
