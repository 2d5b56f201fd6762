"""`inspect_checkpoint`: what a checkpoint holds, printed as TensorFlow's tool prints it."""

from __future__ import annotations

import argparse
import re
import sys
from typing import Any

import numpy as np

from graphmode.files.checkpoint import CheckpointReader
from graphmode.framework.errors import OpError
from graphmode.graph_tools.flags import ToolFlags


def print_tensors_in_checkpoint_file(
    file_name: str,
    tensor_name: str,
    all_tensors: bool,
    all_tensor_names: bool = False,
    count_exclude_pattern: str = "",
) -> None:
    """Print tensors of a checkpoint, and how many numbers it holds.

    Parameters
    ----------
    file_name : str
        The prefix of a checkpoint.
    tensor_name : str
        The tensor to print; if it is empty, a line for each with its dtype and shape.
    all_tensors : bool
        Whether to print all of them.
    all_tensor_names : bool
        Whether to print all their names.
    count_exclude_pattern : str
        A regular expression: tensors with such a name are not counted.
    """
    say = sys.stdout.write
    if _prefix(file_name) != file_name:
        say(f"{file_name} is one file of a checkpoint. Give its prefix: {_prefix(file_name)}\n")
        return
    try:
        reader = CheckpointReader(file_name)
        if all_tensors or all_tensor_names:
            for name in sorted(reader.get_variable_to_shape_map()):
                say(f"tensor_name:  {name}\n")
                if all_tensors:
                    say(f"{reader.get_tensor(name)}\n")
        elif not tensor_name:
            say(reader.debug_string().decode() + "\n")
        else:
            say(f"tensor_name:  {tensor_name}\n{reader.get_tensor(tensor_name)}\n")
        say(f"# Total number of params: {_count(reader, count_exclude_pattern)}\n")
    except (OpError, OSError, ValueError) as error:
        say(f"{error.message if isinstance(error, OpError) else error}\n")


def _prefix(file_name: str) -> str:
    return re.sub(r"\.(index|meta|data-\d+-of-\d+)$", "", file_name)


def _count(reader: CheckpointReader, exclude: str) -> int:
    sizes = {
        name: int(np.prod(shape, dtype=np.int64))
        for name, shape in reader.get_variable_to_shape_map().items()
    }
    if exclude:
        left_out = [name for name in sizes if re.search(exclude, name)]
        n_numbers = sum(sizes.pop(name) for name in left_out)
        sys.stdout.write(
            f"# Excluding {len(left_out)} tensors ({n_numbers} params) that match {exclude} when "
            "counting.\n"
        )
    return sum(sizes.values())


def parse_numpy_printoption(kv_str: str) -> None:
    """Set an option of `numpy.set_printoptions`.

    Parameters
    ----------
    kv_str : str
        Such as ``"threshold=100"``.

    Raises
    ------
    argparse.ArgumentTypeError
        If it is no option with a value of its type.
    """
    key, equals, text = kv_str.partition("=")
    if not key or not equals:
        raise argparse.ArgumentTypeError(f"'{kv_str}' is not in the form k=v.")
    options: dict[str, Any] = dict(np.get_printoptions())
    if key not in options:
        raise argparse.ArgumentTypeError(f"'{key}' is not a valid printoption.")
    kind = type(options[key])
    if options[key] is None:
        raise argparse.ArgumentTypeError(f"Setting '{key}' from the command line is not supported.")
    try:
        value: Any = text.lower() in ("true", "1") if kind is bool else kind(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    changed: dict[str, Any] = {key: value}
    np.set_printoptions(**changed)


def main() -> None:
    """Run it with the flags of the command line."""
    flags = ToolFlags("inspect_checkpoint", description="Print what a checkpoint holds.")
    flags.text("file_name", "The prefix of a checkpoint.")
    flags.text("tensor_name", "Name of the tensor to print.")
    flags.text("count_exclude_pattern", "Tensors with such a name are not counted.")
    flags.switch("all_tensors", "Whether to print all tensors.")
    flags.switch("all_tensor_names", "Whether to print the names of all tensors.")
    flags.add_argument(
        "--printoptions", nargs="*", type=parse_numpy_printoption, help="Options of NumPy, k=v."
    )
    given = flags.parsed()
    if not given.file_name:
        sys.stdout.write(
            "Usage: inspect_checkpoint --file_name=checkpoint_file_name "
            "[--tensor_name=tensor_to_print] [--all_tensors] [--all_tensor_names] "
            "[--printoptions]\n"
        )
        sys.exit(1)
    print_tensors_in_checkpoint_file(
        given.file_name,
        given.tensor_name,
        given.all_tensors,
        given.all_tensor_names,
        given.count_exclude_pattern,
    )
