"""Control-flow contexts: the branch or the loop body that an operation was made in.

The operations of a branch or a body stand in the same graph as all others, under their own names.
What belongs to it is told by `Operation.context`, and `Subgraph` is what it computes: the interface
between the operation that owns it (If, While) and the ops inside.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from graphmode.framework.control_records import Branch, Loop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from graphmode.framework.operation import Operation, Tensor


class Context:
    """A branch or a loop body while it is built, and what its ops may read.

    Parameters
    ----------
    kind : {"cond", "while"}
    name : str
        The name scope in which it is built.
    parent : Context, optional
        The context around it.
    differentiates : Context, optional
        The branch or body whose gradient this one computes. Its ops may read tensors made there.
    """

    def __init__(
        self,
        kind: str,
        name: str,
        parent: Context | None,
        differentiates: Context | None = None,
    ) -> None:
        self.kind = kind
        self.name = name
        self.parent = parent
        self.owner: Operation | None = None
        """The operation that runs it, once it is made."""
        self.keep: Callable[[Operation], None] | None = None
        """Has the owner run an operation inside that it would leave out: only a branch can."""
        self.differentiates = differentiates
        self.exporter: Callable[[Tensor], Tensor] | None = None
        """Makes what stands here for a tensor of the context that this one differentiates."""
        self._admitted: dict[Tensor, Tensor] = {}
        self._entered: set[Tensor] = set()
        self.is_unrolled = False
        """Whether TensorFlow has no such context: the step of a network without a loop."""

    def contains(self, other: Context | None) -> bool:
        """Whether `other` is this context or one inside it."""
        while other is not None:
            if other is self:
                return True
            other = other.parent
        return False

    def admit(self, tensor: Tensor) -> Tensor:
        """What stands here for a tensor of the context that this one differentiates."""
        known = self._admitted.get(tensor)
        if known is None:
            assert self.exporter is not None  # noqa: S101 - a context that differentiates has one
            known = self._admitted[tensor] = self.exporter(tensor)
        return known

    def has_admitted(self, tensor: Tensor) -> bool:
        """Whether something stands here for `tensor` already."""
        return tensor in self._admitted

    def stand_for(self, tensors: Sequence[Tensor], twins: Sequence[Tensor]) -> None:
        """Have `twins` stand here for `tensors` of the context that this one differentiates."""
        self._admitted.update(zip(tensors, twins, strict=True))

    def entries(self, tensor: Tensor) -> int:
        """How many contexts, from this one outwards, `tensor` is read in for the first time."""
        made_in, n = tensor.op.context, 0
        context: Context | None = self
        while context is not None and context is not made_in and tensor not in context._entered:
            context._entered.add(tensor)
            n += not context.is_unrolled
            context = context.parent
        return n

    def share_entries(self, other: Context) -> None:
        """Count what `other` has read as read here: both are one context in TensorFlow 1.15."""
        self._entered = other._entered

    @property
    def in_loop(self) -> bool:
        """Whether it is the body of a loop, or lies in one."""
        context: Context | None = self
        while context is not None:
            if context.kind == "while":
                return True
            context = context.parent
        return False


def visible(tensor: Tensor, context: Context | None) -> Tensor:
    """`tensor` as an op made in `context` can read it.

    Raises
    ------
    ValueError
        If it is the result of a branch that may not run, or of one iteration of a loop.
    """
    made_in = tensor.op.context
    if made_in is None or (made_in is context) or made_in.contains(context):
        return tensor
    reader = context
    while reader is not None:
        forward = reader.differentiates
        if forward is not None and forward.contains(made_in):
            return visible(reader.admit(tensor), context)
        reader = reader.parent
    where, fix = _WHERE[made_in.kind]
    site = tensor.op.site
    at = "" if site is None else f"\n  created at {site.short()}   {site.source}"
    raise ValueError(
        f"Cannot use '{tensor.op.name}' as input here because '{tensor.op.name}' is in {where}."
        f"{at}\n  fix: {fix}"
    )


_WHERE = {
    "while": ("a while loop", "return it from the body as a loop variable, and use the result"),
    "cond": (
        "a branch of a tf.cond, which may not run",
        "return it from true_fn and false_fn, and use the result",
    ),
}


@dataclass(eq=False, repr=False)
class Subgraph:
    """What one branch or body computes, as a function of its arguments and of what it captures."""

    context: Context
    args: list[Tensor]
    """Placeholders for the loop variables; a branch has none."""
    outputs: list[Tensor]
    effects: list[Operation] = field(default_factory=list[Any])
    """Operations inside that no output needs, but something outside waits for."""

    @property
    def roots(self) -> list[Operation]:
        """What has to run when it runs."""
        return [*(tensor.op for tensor in self.outputs), *self.effects]

    def __repr__(self) -> str:
        return f"<{self.context.kind} {self.context.name}>"


def reads_from_outside(
    context: Context, roots: Sequence[Operation], args: Iterable[Tensor]
) -> tuple[list[Tensor], list[Operation], list[Operation]]:
    """What running `roots` inside `context` needs from outside of it.

    Returns
    -------
    captures : list of Tensor
        Tensors from outside, in the order in which they were made.
    controls : list of Operation
        Operations outside that inner ones wait for.
    inside : list of Operation
        The operations inside that are needed, in the order in which they were made.
    """
    args = set(args)
    captures: set[Tensor] = set()
    controls: set[Operation] = set()
    inside: set[Operation] = set()
    stack = list(roots)
    while stack:
        op = stack.pop()
        if op in inside:
            continue
        inside.add(op)
        for tensor in op.inputs:
            if tensor in args:
                continue
            if context.contains(tensor.op.context):
                stack.append(tensor.op)
            else:
                captures.add(tensor)
        for control in op.control_inputs:
            if context.contains(control.context):
                stack.append(control)
            else:
                controls.add(control)
    return (
        sorted(captures, key=lambda t: (t.op.id, t.value_index)),
        sorted(controls, key=lambda op: op.id),
        sorted(inside, key=lambda op: op.id),
    )


def arguments_read(context: Context, roots: Iterable[Operation], args: list[Tensor]) -> list[int]:
    """Which of the arguments `args` running `roots` inside `context` reads, or waits for."""
    _, _, inside = reads_from_outside(context, list(roots), ())
    made = set(inside)
    return [i for i, arg in enumerate(args) if arg.op in made]


def exported(op: Operation, key: Any, dtype: Any, dims: Any) -> Tensor:
    """The output of the branch or loop `op` that gives what `key` stands for; added if need be."""
    control = op.control
    assert isinstance(control, Branch | Loop)  # noqa: S101 - a count is not asked for more
    exports: list[Any] = control.exports
    if key in exports:
        return op.outputs[control.n_results + exports.index(key)]
    exports.append(key)
    return op._add_output(dtype, dims)  # pyright: ignore[reportPrivateUsage]


def from_outside(element: Any) -> Any:
    """What a session fetches for a tensor or operation: for one inside a branch, what the If gives.

    A tensor of a branch that is not taken is None.
    """
    op: Operation = getattr(element, "op", element)
    if op.context is None or op.context.owner is None:
        return element
    if op is element:
        return op.graph._waited_for(element)  # pyright: ignore[reportPrivateUsage]
    owner = op.context.owner
    which = 0 if Branch.of(owner).then.context is op.context else 1
    tensor = exported(owner, (which, element), element.dtype.base_dtype, element.dims)
    return from_outside(tensor)
