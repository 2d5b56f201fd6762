"""The kernel "TensorFlow 1 (graphmode)": IPython's, in which `import tensorflow` is graphmode."""

from __future__ import annotations

import os
from importlib.metadata import version
from typing import Any

from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp

from graphmode.notebook.extension import load
from graphmode.period import assume_python_2
from graphmode.platform.seeding import seed_everything


class GraphmodeKernel(IPythonKernel):
    """IPython's kernel with graphmode's extension loaded."""

    implementation = "graphmode"
    implementation_version = version("graphmode")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        load(self.shell)
        if os.environ.get("GRAPHMODE_PYTHON_2"):
            assume_python_2()
        seed = os.environ.get("GRAPHMODE_SEED")
        if seed:
            seed_everything(int(seed))


def launch() -> None:
    """Serve a notebook until it is shut down."""
    IPKernelApp.launch_instance(kernel_class=GraphmodeKernel)
