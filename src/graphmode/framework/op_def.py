"""`OpDef`, the one record of an operation type, its signature, and the registry of all records.

A signature is ``inputs -> outputs``, each a comma-separated list of

=============  ==================================================================================
``float32``    exactly this dtype
``T``          any dtype of family `T`; every `T` in the signature is the same. On the output side
               also the name of an attribute that holds a dtype (``DstT``)
``T*N``        a list of `N` tensors of dtype `T` (`N` becomes an attribute)
``[Tin]``      a list of tensors of any dtypes (`Tin` becomes an attribute: the list of dtypes)
``&T``         the variable itself, not its value. An op with ``effect="write"`` returns the new
               value of each of its ``&`` inputs, in order, and then its outputs that are no
               ``&``; an output that is ``&`` is the first of the new values
``@T``         as ``&T``, by the handle of a variable (a tensor of dtype resource), whose dtype
               becomes the attribute `T`; ``@resource`` is a variable of any dtype
``y: T``       on the output side: the output's name in TensorFlow. The only output is `output`
               without one
=============  ==================================================================================
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from graphmode.framework import dtypes
from graphmode.framework.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from graphmode.framework.dtypes import DType
    from graphmode.framework.operation import Dims, Operation


EFFECTS = ("pure", "random", "read", "write", "host", "control")
"""`control` ops run subgraphs, and do what these do."""


ROLES = ("", "constant", "placeholder", "variable", "reading", "order")
"""What stands for more than its arithmetic: a known value, what a run is fed, what a session keeps,
what gives the value that a variable has at its place, and an op that only orders others."""


PYTHON = ("", "function", "dataset")
"""What a kernel needs that only the process has which made its graph: a function of Python, or a
data set, whose iterator lives there."""


class Work(NamedTuple):
    """What one run of an op does besides reading its inputs and writing its outputs."""

    flops: float = 0.0
    elements: float = 0.0
    """Elements moved: of the patches of a convolution."""
    rounds: int = 0
    """Turns of a loop in Python, when it is interpreted."""


class ArgSpec(NamedTuple):
    """One argument of a signature."""

    name: str
    dtype: DType | None = None
    """The dtype when it is fixed."""
    family: str = ""
    """The type variable or dtype attribute when it is not."""
    length: str = ""
    """The attribute that holds the length of a list argument."""
    is_list: bool = False
    is_ref: bool = False
    """Whether it is the variable itself, by reference or by handle."""
    is_handle: bool = False


@dataclass(slots=True, eq=False, repr=False)
class OpDef:
    """All that graphmode knows of one operation type."""

    type: str
    kernel: Callable[..., Any]
    inputs: tuple[ArgSpec, ...]
    outputs: tuple[ArgSpec, ...]
    families: dict[str, frozenset[DType]]
    attrs: dict[str, Any]
    """Attribute name -> default (`inspect.Parameter.empty` when it must be given)."""
    kinds: dict[str, str]
    """Attribute name -> kind (`framework/attr_kinds.py`), those of the signature included."""
    shape: Callable[[Operation], list[Dims]] | None = None
    static: Callable[[Operation], Iterable[int]] | None = None
    """The inputs whose values must be known while a program is traced."""
    effect: str = "pure"
    check: Callable[..., Any] | None = None
    """``check(*inputs, **attrs)`` gives False where the kernel would refuse the values: the
    compiled form of the kernel's own run-time errors."""
    checked: Callable[[Operation], bool] | None = None
    """The ops of this type whose `check` can fail; None for all of them."""
    numpy: bool = True
    """Whether the kernel has a NumPy form; without one, a plan is compiled at once."""
    data_dependent: bool = False
    """Whether an output shape depends on input values: such an op ends a stage."""
    role: str = ""
    """One of `ROLES`."""
    reads_shape: Callable[[Operation], Any] | bool = False
    """Whether its value follows from the static shapes that a program is traced with; as a
    function, ``reads_shape(op)`` is that value (of several outputs the list) where the shapes of
    its inputs are known while the graph is built, else None."""
    known_dims: Callable[[Operation, Sequence[Any]], Any] | None = None
    """``known_dims(op, parts)``: what is known of its value, lengths or one length, when `parts`
    are known of its inputs (`framework/inference.py`)."""
    overwrites: bool = False
    """Of a write: whether it replaces a variable without reading it."""
    blocks: bool = False
    """Whether its kernel may wait for something outside of the run."""
    ordered: bool = False
    """Of an op of the host: whether all such ops of a run keep the order in which the graph was
    built, wherever its programs are cut: other processes run them in that order, too."""
    in_parts: bool = False
    """Of an op of the host: whether it takes arrays that lie in parts on several devices as they
    are (`runtime/places/parts.py`), not brought together first."""
    makes_resource: bool = False
    """Whether its kernel asks for what the session keeps for it: it takes `resources`, a function
    ``resources(make, container, shared_name)``."""
    python: str = ""
    """One of `PYTHON`."""
    cheap: bool = False
    """Whether the host may compute it before the program, where a check needs what it gives."""
    extremes: Callable[[Operation], Any] | None = None
    """Of an op that draws integers: an array of the shape of its first output that holds the
    smallest and the largest one, None if the shape is not known."""
    work: Callable[[Operation, Sequence[Any], Sequence[Any]], Work] | None = None
    """``work(op, inputs, outputs)``, given values; None if it is the sizes of both alone."""
    joins: Callable[[Operation], tuple[int, int | None, bool]] | None = None
    """Of an op that joins its first inputs: how many, along which axis, whether they have it."""
    cuts: Callable[[Operation], tuple[int, int | None, bool]] | None = None
    """Of an op that cuts an input into equal pieces: which input, along which axis (None if the
    pieces differ or it is not known), and whether the pieces keep it."""
    reshapes: bool = False
    """Whether its output is its first input in another shape."""
    gives_away: bool = False
    """Whether the memory of its outputs is new, and nothing else's: what overwrites a variable
    with one keeps it. (An op that overwrites is told by `keeps`.)"""
    written: Callable[..., Any] | None = None
    """``written(op, *inputs, **attrs)``, given tensors: what an op of this type does made of types
    that TensorFlow can load, for files. None in place of a result: `op` is written as it stands."""
    rewritten: Callable[..., None] | None = None
    """``rewritten(nodes, op, node)``, of an op that reads or writes variables: makes of its `node`
    one that TensorFlow can load, with parts of it in `nodes` (`framework/proto/functions.py`)."""
    differs: str = ""
    """What differs from TensorFlow, and why: a row of docs/ops.md."""
    public: Any = None
    """The graph-building function."""
    by_handle: OpDef | None = None
    """Of an op that writes to variables by reference: the same by handle."""
    apply: Any = None
    """``apply(values, attrs, name)`` adds an operation: here, because `Graph.create_op` stands
    below the module that converts its inputs."""

    @property
    def name(self) -> str:
        """The op type, by the name that TensorFlow's OpDef gives it."""
        return self.type

    @property
    def module(self) -> str:
        """The module that defines the kernel."""
        return self.kernel.__module__

    def check_of(self, operation: Operation) -> Callable[..., Any] | None:
        """The check of `operation`, unless it is known that it cannot fail."""
        if self.check is None or (self.checked is not None and not self.checked(operation)):
            return None
        return self.check

    def expand_input_names(self, n_inputs: int) -> tuple[str, ...]:
        """The name of each of `n_inputs` inputs: those of a list have a number, ``values[0]``."""
        specs = self.inputs
        if len(specs) == n_inputs and not any(spec.is_list for spec in specs):
            return tuple(spec.name for spec in specs)
        names: list[str] = []
        n_lists = sum(spec.is_list for spec in specs) or 1
        for spec in specs:
            if spec.is_list:
                n_items = (n_inputs - (len(specs) - n_lists)) // n_lists
                names += [f"{spec.name}[{i}]" for i in range(n_items)]
            else:
                names.append(spec.name)
        return tuple(names)


_registry: dict[str, OpDef] = {}
loaders: list[Callable[[], None]] = []
"""What defines more types when one is asked for that no module imported so far has defined."""


def registered_ops() -> dict[str, OpDef]:
    """Every op type that has been defined by the modules imported so far."""
    return dict(_registry)


def op_def_of(op_type: str) -> OpDef:
    """The record of `op_type`.

    Raises
    ------
    NotFoundError
        If no such type is registered.
    """
    record = _registry.get(op_type)
    if record is None:
        for load in loaders:
            load()
        record = _registry.get(op_type)
    if record is None:
        raise NotFoundError(None, None, f"Op type not registered '{op_type}'")
    return record


def register(record: OpDef) -> None:
    """Make `record` the one of its type.

    Raises
    ------
    ValueError
        If its type has one already.
    """
    if record.type in _registry:
        other = _registry[record.type].kernel
        raise ValueError(
            f"Op type '{record.type}' is registered twice: by {other.__module__}.{other.__name__} "
            f"and by {record.kernel.__module__}.{record.kernel.__name__}"
        )
    _registry[record.type] = record


# ---- signatures ----------------------------------------------------------------------------------

_FIXED = {dtype.name: dtype for dtype in (*dtypes.ANY, dtypes.resource, dtypes.variant)}
_TOKEN = re.compile(r"^(?:(\w+): )?([&@]?)(\[?)([A-Za-z_]\w*)\]?(?:\*(\w+))?$")


def parse_side(text: str, names: Sequence[str]) -> tuple[ArgSpec, ...]:
    """The arguments that one side of a signature lists, called `names` if it does not say."""
    tokens = [token.strip() for token in text.split(",") if token.strip()]
    specs: list[ArgSpec] = []
    for i, token in enumerate(tokens):
        match = _TOKEN.match(token)
        if match is None:
            raise ValueError(f"malformed signature token {token!r}")
        name, mark, bracket, word, count = match.groups()
        fixed = _FIXED.get(word)
        specs.append(
            ArgSpec(
                name=name
                or (names[i] if names else "output" if len(tokens) == 1 else f"output_{i}"),
                dtype=fixed,
                family="" if fixed is not None else word,
                length=count or "",
                is_list=bool(bracket or count),
                is_ref=bool(mark),
                is_handle=mark == "@",
            )
        )
    return tuple(specs)
