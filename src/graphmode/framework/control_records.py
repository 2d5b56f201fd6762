"""What an operation that runs subgraphs knows of them: `Branch` of an If, `Loop` of a While.

It is the operation's `control`. The operation reads what decides or starts it (a branch its
condition, a loop the initial values of its variables), then the captures, then the variables that
are written inside; it gives its results, then the exports.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import Self

    from graphmode.framework.contexts import Subgraph
    from graphmode.framework.operation import Operation, Tensor


@dataclass(slots=True, eq=False, repr=False)
class Control:
    """What branches and loops have in common."""

    captures: list[Tensor]
    """Values from outside that the subgraphs read."""
    written: list[Operation]
    """The variables that the subgraphs write: their versions go in and come out."""

    @classmethod
    def of(cls, op: Operation) -> Self:
        """The record of `op`, which is known to have one of this class."""
        if not isinstance(op.control, cls):
            raise TypeError(f"'{op.name}' (op: '{op.type}') has no {cls.__name__} record")
        return op.control

    @property
    def subgraphs(self) -> tuple[Subgraph, Subgraph]:
        """The two subgraphs that it runs."""
        raise NotImplementedError

    @property
    def functions(self) -> dict[str, Subgraph]:
        """The subgraphs by the attribute that TensorFlow has for each."""
        raise NotImplementedError

    @property
    def n_first(self) -> int:
        """How many inputs stand before the captures."""
        raise NotImplementedError

    @property
    def n_values(self) -> int:
        """How many inputs are values; those after them are the variables written."""
        return self.n_first + len(self.captures)

    @property
    def n_results(self) -> int:
        """How many outputs are results; those after them are the exports."""
        raise NotImplementedError


@dataclass(slots=True, eq=False, repr=False)
class Branch(Control):
    """The two subgraphs of an If."""

    then: Subgraph
    otherwise: Subgraph
    exports: list[tuple[int, Tensor]] = field(default_factory=list[Any])
    """Which subgraph, and the tensor in it, of each output after the results."""

    @property
    def subgraphs(self) -> tuple[Subgraph, Subgraph]:
        """What is done if the condition holds, and if not."""
        return self.then, self.otherwise

    @property
    def functions(self) -> dict[str, Subgraph]:
        return {"then_branch": self.then, "else_branch": self.otherwise}

    @property
    def n_first(self) -> int:
        return 1

    @property
    def n_results(self) -> int:
        return len(self.then.outputs)


@dataclass(slots=True, eq=False, repr=False)
class Loop(Control):
    """The condition and the body of a While."""

    test: Subgraph
    body: Subgraph
    bound: Tensor | None = None
    """At most how many iterations it makes; an input, the last one, once a list is exported."""
    back_prop: bool = True
    exports: list[Tensor | None] = field(default_factory=list[Any])
    """The tensor of the body whose values in all iterations each output after the results lists;
    None for the number of iterations."""

    @property
    def subgraphs(self) -> tuple[Subgraph, Subgraph]:
        """The condition and the body."""
        return self.test, self.body

    @property
    def functions(self) -> dict[str, Subgraph]:
        return {"cond": self.test, "body": self.body}

    @property
    def n_variables(self) -> int:
        """The number of loop variables."""
        return len(self.body.args)

    @property
    def n_first(self) -> int:
        return self.n_variables

    @property
    def n_results(self) -> int:
        return self.n_variables

    @property
    def exports_lists(self) -> bool:
        """Whether a list comes out that holds a value of each iteration."""
        return any(export is not None for export in self.exports)


@dataclass(slots=True, eq=False, repr=False)
class Count(Control):
    """The part of a loop that its condition depends on, run to count its iterations."""

    test: Subgraph
    body: Subgraph

    @property
    def subgraphs(self) -> tuple[Subgraph, Subgraph]:
        """The condition and the body."""
        return self.test, self.body

    @property
    def functions(self) -> dict[str, Subgraph]:
        return {"cond": self.test, "body": self.body}

    @property
    def n_variables(self) -> int:
        """How many loop variables there are."""
        return len(self.body.args)

    @property
    def n_first(self) -> int:
        return self.n_variables

    @property
    def n_results(self) -> int:
        return 1
