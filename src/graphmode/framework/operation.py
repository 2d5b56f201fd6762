"""The nodes and edges of a graph: `Operation` and `Tensor`."""

# pyright: reportPrivateUsage=false

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from graphmode._addresses.late import late
from graphmode.framework import dtypes
from graphmode.framework.defaults import default_session
from graphmode.framework.shapes import Dims, TensorShape, as_shape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from graphmode.framework.contexts import Context
    from graphmode.framework.control_records import Control
    from graphmode.framework.graph import Graph
    from graphmode.framework.op_def import OpDef
    from graphmode.framework.site import Site

"""A static shape: a tuple with None for an unknown length, or None when the rank is unknown."""


_node_def = late("graphmode.framework.proto.graph_def", "node_def")
_as_attr = late("graphmode.framework.proto.attr_values", "as_attr")
_python_value = late("graphmode.framework.proto.reading", "python_value")


class Reference:
    """What `experimental_ref` gives: equal for one object, whatever `==` means for that.

    Parameters
    ----------
    wrapped : Tensor or Variable
    """

    __slots__ = ("_wrapped",)

    def __init__(self, wrapped: Any) -> None:
        self._wrapped = wrapped

    def deref(self) -> Any:
        """The object itself."""
        return self._wrapped

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Reference) and self._wrapped is other._wrapped

    def __hash__(self) -> int:
        return id(self._wrapped)

    def __repr__(self) -> str:
        return f"<Reference wrapping {self._wrapped!r}>"


class Operation:
    """One node of a graph. Made by `Graph.create_op`, never directly.

    Parameters
    ----------
    graph : Graph
    op_def : OpDef
        The record of its type.
    name : str
        Not taken yet.
    inputs : list of Tensor, of the dtypes that its type asks for
    attrs : dict
    output_dtypes : sequence of DType
    control_inputs : list of Operation
        What must have run before.
    device : str
        The device asked for, '' for none.
    site : Site or None
        The line of the user's program that made it.
    op_id : int
        Its place in the order of construction.
    control : Control, optional
        What is known of the subgraphs that it runs, if it is a branch or a loop.

    Attributes
    ----------
    outputs : list of Tensor, of `output_dtypes`
    """

    __slots__ = (
        "__weakref__",
        "_device",
        "attrs",
        "context",
        "control",
        "control_inputs",
        "graph",
        "id",
        "inputs",
        "name",
        "op_def",
        "outputs",
        "site",
    )

    def __init__(
        self,
        graph: Graph,
        op_def: OpDef,
        name: str,
        inputs: list[Tensor],
        attrs: dict[str, Any],
        output_dtypes: Sequence[dtypes.DType],
        control_inputs: list[Operation],
        device: str,
        site: Site | None,
        op_id: int,
        control: Control | None = None,
    ) -> None:
        self.graph = graph
        self.op_def = op_def
        self.name = name
        self.inputs = inputs
        self.attrs = attrs
        self.control_inputs = control_inputs
        self._device = device
        self.site = site
        self.id = op_id
        self.control = control
        """What is known of the subgraphs that it runs, if it is a branch or a loop."""
        self.context: Context | None = None
        """The branch or loop body that this operation is part of."""
        if len(output_dtypes) == 1:
            self.outputs = [Tensor(self, 0, output_dtypes[0])]
        else:
            self.outputs = [Tensor(self, i, dtype) for i, dtype in enumerate(output_dtypes)]
        for tensor in inputs:
            tensor.reader_ops.append(self)

    @property
    def type(self) -> str:
        """The type, such as "MatMul"."""
        return self.op_def.type

    @property
    def input_names(self) -> tuple[str, ...]:
        """The argument name of each input; of a list argument `values`: values[0], values[1]."""
        return self.op_def.expand_input_names(len(self.inputs))

    @property
    def device(self) -> str:
        """The device asked for, '' for none."""
        return self._device

    @property
    def traceback(self) -> list[tuple[str, int, str, str]]:
        """The user's frame that made this operation, as `traceback.extract_stack` gives frames."""
        site = self.site
        return [] if site is None else [(site.filename, site.lineno, site.function, site.source)]

    @property
    def node_def(self) -> Any:
        """This operation as a `NodeDef` protobuf."""
        return _node_def(self)

    def get_attr(self, name: str) -> Any:
        """The value of attribute `name`.

        Parameters
        ----------
        name : str

        Returns
        -------
        object
            Of the kind that the attribute has.

        Raises
        ------
        ValueError
            If the operation has no such attribute.
        """
        if name not in self.attrs:
            raise ValueError(f"Operation '{self.name}' has no attr named '{name}'.")
        value, kind = self.attrs[name], self.op_def.kinds.get(name)
        if kind in ("tensor", "shape", "string", "list(string)"):
            return _as_attr(kind, value)
        return value

    def _set_attr(self, attr_name: str, attr_value: Any) -> None:
        self.attrs[attr_name] = _python_value(attr_value)
        self.graph.note_edit(self)

    def values(self) -> tuple[Tensor, ...]:
        """The outputs, as a tuple."""
        return tuple(self.outputs)

    def run(self, feed_dict: dict[Any, Any] | None = None, session: Any = None) -> None:
        """Run this operation.

        Parameters
        ----------
        feed_dict : dict, optional
            As for `Session.run`.
        session : Session, optional
            The default session if not given.

        Raises
        ------
        ValueError
            If there is no session, or it is of another graph.
        """
        session_for(session, self.graph, "execute operation").run(self, feed_dict)

    def colocation_groups(self) -> list[bytes]:
        """What it is placed beside: names of operations with ``loc:@`` in front."""
        return list(self.attrs.get("_class", [b"loc:@" + self.name.encode()]))

    def _add_control_input(self, op: Operation) -> None:
        self._add_control_inputs([op])

    def _add_control_inputs(self, ops: Sequence[Operation]) -> None:
        self.graph.check_mutable()
        for op in ops:
            if op not in self.control_inputs:
                self.control_inputs.append(op)
        self.graph.note_edit(self)

    def _add_output(self, dtype: dtypes.DType, dims: Dims) -> Tensor:
        """One more output, of an op that gives as many as are asked for."""
        tensor = Tensor(self, len(self.outputs), dtype)
        tensor.dims = dims
        self.outputs.append(tensor)
        self.graph.note_edit(self)
        return tensor

    def _set_device(self, device: str) -> None:
        self._device = device
        self.graph.note_edit(self)

    def __repr__(self) -> str:
        return f"<tf.Operation '{self.name}' type={self.type}>"


_OPERATORS = (
    "add", "radd", "sub", "rsub", "mul", "rmul", "div", "rdiv", "truediv", "rtruediv", "floordiv",
    "rfloordiv", "mod", "rmod", "lt", "le", "gt", "ge", "and", "rand", "or", "ror", "xor", "rxor",
    "getitem", "pow", "rpow", "invert", "neg", "abs", "matmul", "rmatmul",
)  # fmt: skip


class Tensor:
    """One output of an operation: a symbolic array with a dtype and a (maybe partial) shape.

    Arithmetic on it adds operations to its graph; its value exists only while a session runs.

    Parameters
    ----------
    op : Operation
        What gives it.
    value_index : int
        Its place among the outputs of `op`.
    dtype : DType
    """

    __slots__ = (
        "__dict__",  # programs note things on tensors: `outputs.aliases`
        "__weakref__",
        "_const",
        "_name",
        "dims",
        "dtype",
        "op",
        "reader_ops",
        "value_index",
    )

    # NumPy must leave `array + tensor` to Tensor.__radd__.
    __array_priority__ = 100

    OVERLOADABLE_OPERATORS: ClassVar[frozenset[str]] = frozenset(
        f"__{name}__" for name in _OPERATORS
    )

    if TYPE_CHECKING:  # installed by graphmode.ops.operators

        def __add__(self, other: Any) -> Tensor: ...
        def __radd__(self, other: Any) -> Tensor: ...
        def __sub__(self, other: Any) -> Tensor: ...
        def __rsub__(self, other: Any) -> Tensor: ...
        def __mul__(self, other: Any) -> Tensor: ...
        def __rmul__(self, other: Any) -> Tensor: ...
        def __div__(self, other: Any) -> Tensor: ...
        def __rdiv__(self, other: Any) -> Tensor: ...
        def __truediv__(self, other: Any) -> Tensor: ...
        def __rtruediv__(self, other: Any) -> Tensor: ...
        def __floordiv__(self, other: Any) -> Tensor: ...
        def __rfloordiv__(self, other: Any) -> Tensor: ...
        def __mod__(self, other: Any) -> Tensor: ...
        def __rmod__(self, other: Any) -> Tensor: ...
        def __lt__(self, other: Any) -> Tensor: ...
        def __le__(self, other: Any) -> Tensor: ...
        def __gt__(self, other: Any) -> Tensor: ...
        def __ge__(self, other: Any) -> Tensor: ...
        def __and__(self, other: Any) -> Tensor: ...
        def __rand__(self, other: Any) -> Tensor: ...
        def __or__(self, other: Any) -> Tensor: ...
        def __ror__(self, other: Any) -> Tensor: ...
        def __xor__(self, other: Any) -> Tensor: ...
        def __rxor__(self, other: Any) -> Tensor: ...
        def __getitem__(self, other: Any) -> Tensor: ...
        def __pow__(self, other: Any) -> Tensor: ...
        def __rpow__(self, other: Any) -> Tensor: ...
        def __matmul__(self, other: Any) -> Tensor: ...
        def __rmatmul__(self, other: Any) -> Tensor: ...
        def __invert__(self) -> Tensor: ...
        def __neg__(self) -> Tensor: ...
        def __abs__(self) -> Tensor: ...

    def __init__(self, op: Operation, value_index: int, dtype: dtypes.DType) -> None:
        self.op = op
        self.value_index = value_index
        self.dtype = dtype
        self.dims: Dims = None
        self.reader_ops: list[Operation] = []
        self._name: str | None = None
        self._const: Any = None

    @property
    def name(self) -> str:
        """`op_name:output_index`, the key under which it can be fetched and fed."""
        if self._name is None:
            self._name = f"{self.op.name}:{self.value_index}"
        return self._name

    @property
    def graph(self) -> Graph:
        """The graph it is in."""
        return self.op.graph

    def experimental_ref(self) -> Reference:
        """A key for dictionaries and sets."""
        return Reference(self)

    @property
    def device(self) -> str:
        """The device of its operation."""
        return self.op.device

    @property
    def shape(self) -> TensorShape:
        """The static shape, as far as it is known."""
        return TensorShape._of(self.dims)

    def get_shape(self) -> TensorShape:
        """The static shape, as far as it is known: the old form of `shape`."""
        return TensorShape._of(self.dims)

    def set_shape(self, shape: Any) -> None:
        """Add what is known of the static shape.

        Raises
        ------
        ValueError
            If `shape` contradicts what is known.
        """
        dims = self.shape.merge_with(as_shape(shape))._dims
        if dims != self.dims:
            self.dims = dims
            self.op.graph.known_dims.clear()  # may follow from this shape

    def consumers(self) -> list[Operation]:
        """The operations that read it."""
        return list(dict.fromkeys(self.reader_ops))

    def eval(self, feed_dict: dict[Any, Any] | None = None, session: Any = None) -> Any:
        """The value of this tensor.

        Parameters
        ----------
        feed_dict : dict, optional
            As for `Session.run`.
        session : Session, optional
            The default session if not given.

        Returns
        -------
        array

        Raises
        ------
        ValueError
            If there is no session, or it is of another graph.
        """
        return session_for(session, self.graph, "evaluate tensor").run(self, feed_dict)

    def _shape_as_list(self) -> list[int | None] | None:
        return None if self.dims is None else list(self.dims)

    def __iter__(self) -> Iterator[Tensor]:
        if self.dims is None or not self.dims or self.dims[0] is None:
            known = "a scalar" if self.dims == () else "of unknown length"
            raise TypeError(
                "iterating over `tf.Tensor` is not allowed in Graph execution: "
                f"'{self.name}' is {known} along its first dimension. Use tf.map_fn, or "
                "tf.unstack with num=."
            )
        return (self[i] for i in range(self.dims[0]))  # type: ignore[index]

    def __len__(self) -> int:
        raise TypeError(
            f"len is not well defined for symbolic Tensors. ({self.name})\n  fix: use "
            "tf.shape(x)[0] for its length in a run, x.shape[0].value for its static length."
        )

    def __bool__(self) -> bool:
        raise TypeError(
            "using a `tf.Tensor` as a Python `bool` is not allowed in Graph execution.\n"
            "  fix: use `if t is not None:` instead of `if t:` to test if a tensor is defined, and "
            "use TensorFlow ops such as "
            f"tf.cond to execute subgraphs conditioned on the value of a tensor. ('{self.name}')"
        )

    def __float__(self) -> float:
        raise TypeError(_symbolic_value(self, "float"))

    def __int__(self) -> int:
        raise TypeError(_symbolic_value(self, "int"))

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        raise NotImplementedError(
            f"Cannot convert a symbolic tf.Tensor ({self.name}) to a numpy array. "
            "Its value exists only in a session: use sess.run(tensor) or tensor.eval()."
        )

    __hash__ = object.__hash__

    def __repr__(self) -> str:
        return f"<tf.Tensor '{self.name}' shape={shape_text(self.dims)} dtype={self.dtype.name}>"

    def __str__(self) -> str:
        shape = "" if self.dims is None else f", shape={shape_text(self.dims)}"
        return f'Tensor("{self.name}"{shape}, dtype={self.dtype.name})'

    @staticmethod
    def _override_operator(operator: str, function: Callable[..., Any]) -> None:
        if operator not in Tensor.OVERLOADABLE_OPERATORS:
            raise ValueError(f"Overriding {operator} is disallowed.")
        setattr(Tensor, operator, function)


def shape_text(dims: Dims) -> str:
    """A shape as it reads in the repr of a tensor: ``(?, 3)``."""
    if dims is None:
        return "<unknown>"
    inner = ", ".join("?" if d is None else str(d) for d in dims)
    return f"({inner},)" if len(dims) == 1 else f"({inner})"


def _symbolic_value(tensor: Tensor, kind: str) -> str:
    return (
        f"{kind}() argument must be a number, not the symbolic tensor '{tensor.name}'. "
        "Its value exists only in a session: use sess.run(tensor) or tensor.eval()."
    )


def session_for(session: Any, graph: Graph, verb: str) -> Any:
    """`session`, or the default one: the session in which to run what is in `graph`."""
    if session is None:
        session = default_session()
        if session is None:
            raise ValueError(
                f"Cannot {verb} using `{'run' if 'operation' in verb else 'eval'}()`: No default "
                "session is registered. Use `with sess.as_default()` or pass an explicit session "
                f"to `{'run' if 'operation' in verb else 'eval'}(session=sess)`"
            )
        if session.graph is not graph:
            raise ValueError(
                f"Cannot use the default session to {verb}: the {verb.split()[1]}'s graph is "
                "different from the session's graph. Pass an explicit session to "
                f"`{'run' if 'operation' in verb else 'eval'}(session=sess)`."
            )
    elif session.graph is not graph:
        raise ValueError(
            f"Cannot use the given session to {verb}: the {verb.split()[1]}'s graph is different "
            "from the session's graph."
        )
    return session
