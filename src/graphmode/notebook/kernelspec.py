"""The kernel as Jupyter finds it, and how it is installed."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager

NAME = "graphmode"
_SPEC: dict[str, Any] = {
    "argv": [sys.executable, "-m", "graphmode.notebook", "-f", "{connection_file}"],
    "display_name": "TensorFlow 1 (graphmode)",
    "language": "python",
    "metadata": {"debugger": True},
}


def install_kernel(user: bool = False, prefix: str | None = None) -> Path:
    """Install the kernel for Jupyter, in place of an older one.

    Parameters
    ----------
    user : bool
        For this user alone; else for the Python that runs this.
    prefix : str, optional
        Below this folder, such as a virtual environment of Jupyter's.

    Returns
    -------
    Path
        The folder of the kernel.

    Raises
    ------
    PermissionError
        If it may not be written.
    """
    if not user and prefix is None:
        prefix = sys.prefix
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "kernel.json").write_text(json.dumps(_SPEC, indent=1))
        installed = KernelSpecManager().install_kernel_spec(folder, NAME, user=user, prefix=prefix)
    return Path(installed)


class OwnKernel(KernelSpecManager):
    """Finds this Python's graphmode under every name, installed or not."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """The kernel of this process's Python."""
        # Nobody reads what the kernel itself has to say in a run of a few minutes.
        return KernelSpec(**{**_SPEC, "argv": [*_SPEC["argv"], "--log-level=ERROR"]})
