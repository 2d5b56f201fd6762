"""`tf.decode_csv`: the fields of lines of comma-separated values."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import dtypes
from graphmode.framework.errors import invalid
from graphmode.framework.op import op
from graphmode.ops.strings.each import as_array
from graphmode.ops.strings.numbers import number_in

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor


def _shape(op):
    for tensor in op.inputs[1:]:
        dims = tensor.dims
        if dims is not None and len(dims) > 1:
            raise ValueError(f"Shape must be at most rank 1 but is rank {len(dims)}")
        if dims and dims[0] is not None and dims[0] > 1:
            raise ValueError("Shape of a default must be a length-0 or length-1 vector, or a "
                             "scalar.")  # fmt: skip
    return [op.inputs[0].dims] * len(op.outputs)


def _fields(line: bytes, at: bytes, quotes: bool) -> list[bytes]:
    fields: list[bytes] = []
    i = 0
    while i < len(line):
        if quotes and line[i : i + 1] == b'"':
            field, i = _quoted(line, i + 1)
            if line[i : i + 1] not in (at, b""):
                raise invalid("Quoted field has to end with quote followed by delim or end")
        else:
            end = line.find(at, i)
            end = len(line) if end < 0 else end
            field, i = line[i:end], end
            if quotes and any(byte in field for byte in b'"\r\n'):
                raise invalid("Unquoted fields cannot have quotes/CRLFs inside")
        fields.append(field)
        i += 1
    return [*fields, b""] if line.endswith(at) else fields


def _quoted(line: bytes, i: int) -> tuple[bytes, int]:
    """The field that begins at `i`, behind its quote, and the place behind its end."""
    parts: list[bytes] = []
    while True:
        end = line.find(b'"', i)
        if end < 0:
            raise invalid("Quoted field has to end with quote followed by delim or end")
        parts.append(line[i:end])
        if line[end + 1 : end + 2] != b'"':
            return b'"'.join(parts), end + 1
        i = end + 2


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


@op(
    "DecodeCSV",
    "string, [OUT_TYPE] -> [OUT_TYPE]",
    name="DecodeCSV",
    shape=_shape,
    OUT_TYPE=dtypes.IN_EXAMPLES | {dtypes.float64, dtypes.int32},
)
def _decode_csv(
    records,
    record_defaults,
    *,
    field_delim: str = ",",
    use_quote_delim: bool = True,
    na_value: str = "",
    select_cols: Sequence[int] = (),
):
    at, missing = _bytes(field_delim), _bytes(na_value)
    if len(at) != 1:
        raise invalid("field_delim should be only 1 char")
    count = len(record_defaults)
    columns: list[list[Any]] = [[] for _ in range(count)]
    for i, line in enumerate(records.ravel().tolist()):
        fields = _fields(line, at, use_quote_delim)
        if select_cols:
            fields = [fields[k] for k in select_cols if k < len(fields)]
        if len(fields) != count:
            raise invalid(f"Expect {count} fields but have {len(fields)} in record {i}")
        for k, (field, default, column) in enumerate(
            zip(fields, record_defaults, columns, strict=True)
        ):
            if field in (b"", missing):
                if not default.size:
                    raise invalid(f"Field {k} is required but missing in record {i}!")
                column.append(default.item())
            elif default.dtype == object:
                column.append(field)
            else:
                column.append(_number(field, default.dtype, k, i))
    return [
        as_array(column, records.shape)
        if default.dtype == object
        else np.array(column, default.dtype).reshape(records.shape)
        for column, default in zip(columns, record_defaults, strict=True)
    ]


def _number(field: bytes, dtype: Any, k: int, i: int) -> Any:
    value = number_in(field, dtype)
    if value is None:
        kind = dtypes.word_of(dtypes.as_dtype(dtype))
        shown = field.decode(errors="replace")
        raise invalid(f"Field {k} in record {i} is not a valid {kind}: {shown}")
    return value


def decode_csv(
    records: Any,
    record_defaults: Any,
    field_delim: str = ",",
    use_quote_delim: bool = True,
    name: str | None = None,
    na_value: str = "",
    select_cols: Any = None,
) -> list[Tensor]:
    """The fields of lines of comma-separated values, a tensor a column.

    Parameters
    ----------
    records : Tensor, string, of any shape
        Each element is a line.
    record_defaults : list of Tensor, float32, float64, int32, int64 or string
        For each column what stands for an empty field, ``[value]``; ``[]``, of the dtype of the
        column, if there must be none.
    field_delim : str
        One character that separates fields.
    use_quote_delim : bool
        Fields may be in double quotes, in which a doubled one is one.
    na_value : str
        A field that counts as empty.
    select_cols : list of int, optional
        The columns to take, rising.

    Returns
    -------
    list of Tensor
        Of the shape of `records` and the dtypes of `record_defaults`.

    Raises
    ------
    ValueError
        If `select_cols` does not rise or does not fit `record_defaults`.
    InvalidArgumentError
        When it runs, if a line has another number of fields, or a field is no number.

    Notes
    -----
    TF op DecodeCSV.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default(), tf.Session() as sess:
    ...     print(sess.run(tf.decode_csv(["1,a", ",b"], [[7], [""]])))
    [array([1, 7], dtype=int32), array([b'a', b'b'], dtype=object)]
    """
    columns = [] if select_cols is None else list(select_cols)
    if any(a >= b for a, b in itertools.pairwise(columns)):
        raise ValueError("select_cols is not strictly increasing.")
    if columns and columns[0] < 0:
        raise ValueError("select_cols contains negative values.")
    if columns and len(columns) != len(record_defaults):
        raise ValueError("Length of select_cols and record_defaults do not match.")
    return _decode_csv(
        records,
        list(record_defaults),
        field_delim=field_delim,
        use_quote_delim=use_quote_delim,
        na_value=na_value,
        select_cols=columns,
        name=name,
    )
