"""StableHLO by `jax.export`: one file with the weights inside, and a script that loads it."""

# pyright: reportUnknownMemberType=false
from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from graphmode.deploy.program import as_function
from graphmode.deploy.refusals import no_rank

if TYPE_CHECKING:
    from pathlib import Path

    from graphmode.deploy.trained import Trained
    from graphmode.framework.operation import Tensor

PROGRAM = "model.stablehlo"
LOADER = "load.py"
PLATFORMS = ("cpu", "cuda", "tpu")
_BATCH = "batch"

_LOADER = '''"""Run {program} beside this file: needs jax and nothing else.

    python {loader}{command}

{signature}
"""

import sys
from pathlib import Path

import jax
import numpy as np
from jax import export

jax.config.update("jax_enable_x64", True)  # int64 and float64 stay what they are
MODEL = export.deserialize(Path(__file__).with_name("{program}").read_bytes())
DTYPES = {dtypes}


def predict(**inputs):
    """The outputs by name, as NumPy arrays, of the inputs by name."""
    given = {{name: np.asarray(inputs[name], dtype) for name, dtype in DTYPES.items()}}
    return {{name: np.asarray(value) for name, value in MODEL.call(given).items()}}


if __name__ == "__main__":
    files = dict(argument.split("=", 1) for argument in sys.argv[1:])
    for name, value in predict(**{{key: np.load(path) for key, path in files.items()}}).items():
        print(name, value.shape, value.dtype, value, sep="\\n")
'''


def write(trained: Trained, folder: Path, batch: int | None) -> None:
    """Write the program and its loader into a new `folder`.

    Raises
    ------
    UnimplementedError
        If an op cannot be a part of it.
    ValueError
        If an input has no known rank.
    """
    import jax
    from jax import export

    function = as_function(trained, "StableHLO")
    with jax.enable_x64(True):
        made = export.export(jax.jit(function), platforms=PLATFORMS)(arguments(trained, batch))
        data = made.serialize()
    folder.mkdir(parents=True)
    (folder / PROGRAM).write_bytes(data)
    (folder / LOADER).write_text(_loader(trained), encoding="utf-8")


def arguments(trained: Trained, batch: int | None) -> dict[str, Any]:
    """The shapes and dtypes of the inputs; the first dimension is one for all where it is open.

    Raises
    ------
    ValueError
        If an input has no known rank.
    """
    import jax
    from jax import export

    scope = export.SymbolicScope()
    made: dict[str, Any] = {}
    for key, tensor in trained.inputs.items():
        dims = _named(key, trained, batch)
        shape: Any = export.symbolic_shape(",".join(dims), scope=scope) if dims else ()
        made[key] = jax.ShapeDtypeStruct(shape, tensor.dtype.base_dtype.numpy_dtype)
    return made


def _named(key: str, trained: Trained, batch: int | None) -> list[str]:
    """The lengths of an input as texts: numbers, or names where they are open."""
    dims = trained.dims(key)
    if dims is None:
        raise no_rank(key, trained)
    word = re.sub(r"\W", "_", key)
    names: list[str] = []
    for axis, length in enumerate(dims):
        if length is not None:
            names.append(str(length))
        elif axis == 0:
            names.append(_BATCH if batch is None else str(batch))
        else:
            names.append(f"{word}_{axis}")
    return names


def _loader(trained: Trained) -> str:
    def line(kind: str, key: str, tensor: Tensor) -> str:
        return f"{kind} {key}: {tensor.dtype.base_dtype.name} {tensor.shape}"

    lines = [line("input ", key, tensor) for key, tensor in trained.inputs.items()]
    lines += [line("output", key, tensor) for key, tensor in trained.outputs.items()]
    dtypes = {key: tensor.dtype.base_dtype.name for key, tensor in trained.inputs.items()}
    return _LOADER.format(
        program=PROGRAM,
        loader=LOADER,
        command="".join(f" {key}=FILE.npy" for key in trained.inputs),
        signature="\n".join(lines),
        dtypes=repr(dtypes).replace("'", '"'),
    )
