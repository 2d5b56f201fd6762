"""`SaveSliceInfo`: which part of a whole variable another variable is."""

from __future__ import annotations

from typing import Any

from graphmode.framework.proto.messages import protobuf


class SaveSliceInfo:
    """Where a part lies in the whole that a checkpoint holds.

    Parameters
    ----------
    full_name : str
        The name of the whole.
    full_shape, var_offset, var_shape : sequence of int
        Its shape; where the part begins; the shape of the part.
    """

    def __init__(self, full_name: Any, full_shape: Any, var_offset: Any, var_shape: Any) -> None:
        self.full_name = full_name
        self.full_shape = full_shape
        self.var_offset = var_offset
        self.var_shape = var_shape

    @property
    def spec(self) -> str:
        """``"5 3 0,3:0,3"``: the full shape, then offset and length along each axis."""
        full = " ".join(str(d) for d in self.full_shape)
        parts = zip(self.var_offset, self.var_shape, strict=True)
        return f"{full} {':'.join(f'{offset},{length}' for offset, length in parts)}"

    def to_proto(self, export_scope: str | None = None) -> Any:
        """As a `SaveSliceInfoDef`; None if the whole is outside of `export_scope`."""
        prefix = f"{export_scope}/" if export_scope else ""
        if not self.full_name.startswith(prefix):
            return None
        return protobuf("variable").SaveSliceInfoDef(
            full_name=self.full_name.removeprefix(prefix),
            full_shape=[int(d) for d in self.full_shape],
            var_offset=self.var_offset,
            var_shape=self.var_shape,
        )

    @classmethod
    def from_proto(cls, proto: Any, import_scope: str | None = None) -> SaveSliceInfo:
        """What a `SaveSliceInfoDef` says, of a variable that is in `import_scope` by now."""
        prefix = f"{import_scope}/" if import_scope else ""
        return cls(
            prefix + proto.full_name,
            list(proto.full_shape),
            list(proto.var_offset),
            list(proto.var_shape),
        )
