"""Writes the stubs of the public addresses when the package is built or installed."""

import sys
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

SOURCE = Path(__file__).parent / "src"
sys.path.insert(0, str(SOURCE))

from graphmode._addresses import stubs  # noqa: E402 - it is here, not installed yet


class BuildWithStubs(build_py):
    def run(self):
        super().run()
        stubs.write((SOURCE if self.editable_mode else Path(self.build_lib)) / "graphmode")


setup(cmdclass={"build_py": BuildWithStubs})
