"""The world around a program of 2016 to 2019: names that libraries have since removed, Python 2.

Nothing of it touches a process that only imports graphmode: `graphmode run`, the Jupyter kernel and
`%load_ext graphmode` call `install`. Each file of `libraries/` is a table of what one library no
longer knows, with what to write today; docs/period.md shows them all.
"""

from graphmode._addresses.late import late
from graphmode.period.hooks import install
from graphmode.period.programs import assume_python_2, compile_source

translate_cell = late("graphmode.period.cells", "translate_cell")
cell_transformer = late("graphmode.period.cells", "cell_transformer")

__all__ = ["assume_python_2", "cell_transformer", "compile_source", "install", "translate_cell"]
