"""A notebook executed from first to last cell, as a program is run."""

from __future__ import annotations

import atexit
import base64
import contextlib
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from graphmode.files.whole import write_whole
from graphmode.notebook.kernelspec import NAME, OwnKernel

if TYPE_CHECKING:
    from collections.abc import Iterator

_NO_INPUT = "StdinNotImplementedError"


class NotebookError(Exception):
    """A notebook that cannot be read, or has failed; the text is for the user."""


def read_notebook(path: Path) -> Any:
    """The notebook in a file, in today's format.

    Raises
    ------
    NotebookError
        If it is not a notebook, or one of another language.
    """
    try:
        notebook: Any = nbformat.read(path, as_version=4)
    except FileNotFoundError:
        raise NotebookError(f"there is no file {path}") from None
    except OSError as error:
        raise NotebookError(f"cannot read {path}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError, nbformat.ValidationError) as error:
        reason = str(error).partition("\n")[0]
        raise NotebookError(f"{path} is not a notebook: {reason}") from None
    of_kernel = notebook.metadata.get("kernelspec", {}).get("language", "python")
    language = notebook.metadata.get("language_info", {}).get("name", of_kernel)
    if not language.lower().startswith(("python", "ipython")):
        raise NotebookError(f"{path} is a notebook of {language}, not of Python")
    return notebook


def execute(notebook: Any, path: Path, out: Path, timeout: float | None = None) -> str:
    """Run all cells of a notebook with graphmode as its tensorflow, and write it with its output.

    Parameters
    ----------
    notebook : what `read_notebook` gives
    path : Path
        Where it came from: it runs in that folder.
    out : Path
        A file that is there already stays as it is until the new one is whole.
    timeout : float, optional
        Seconds that all cells together may take.

    Returns
    -------
    str
        One line about what ran.

    Raises
    ------
    NotebookError
        If a cell fails, with its number and the user's lines, or the time is over. The output of
        the cells before has been written.
    """
    cells = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]
    started = time.monotonic()
    with _progress(path.name, len(cells)) as advance:
        client = NotebookClient(
            notebook,
            km=AsyncKernelManager(kernel_name=NAME, kernel_spec_manager=OwnKernel()),
            resources={"metadata": {"path": str(path.resolve().parent)}},
            timeout_func=lambda cell: _time_left(started, timeout),
            record_timing=False,
            coalesce_streams=True,  # else the pieces of a cell's text depend on the time of day
            on_cell_executed=advance,
        )
        try:
            client.execute(env=_environment(notebook))
        except CellTimeoutError:
            number = _number_of_last(cells)
            raise NotebookError(f"{path}, cell {number}, was stopped after {timeout:g} s") from None
        except CellExecutionError as error:
            raise NotebookError(_failure(path, error, cells)) from None
        except DeadKernelError:
            number = _number_of_last(cells)
            raise NotebookError(f"{path}: Python itself ended in cell {number}") from None
        except RuntimeError as error:
            if not str(error).startswith("Kernel died"):
                raise
            # nbclient would clean up at the end, and fail: there is nothing left to clean.
            atexit.unregister(client._cleanup_kernel)  # pyright: ignore[reportPrivateUsage]
            raise NotebookError(f"{path}: Python itself ended before the first cell") from None
        finally:
            _write(notebook, out)
    seconds = time.monotonic() - started
    n_pictures = sum(1 for _ in _pictures(notebook))
    return f"{out}: {len(cells)} cells, {n_pictures} pictures, {seconds:.1f} s"


def _environment(notebook: Any) -> dict[str, str]:
    """Of the kernel: what this process has, and whether the notebook says that it is Python 2."""
    kernel = notebook.metadata.get("kernelspec", {}).get("name", "")
    version = notebook.metadata.get("language_info", {}).get("version", "")
    is_old = version.startswith("2") or (not version and kernel == "python2")
    return {**os.environ, **({"GRAPHMODE_PYTHON_2": "1"} if is_old else {})}


def _time_left(started: float, timeout: float | None) -> float | None:
    return None if timeout is None else max(started + timeout - time.monotonic(), 0.001)


def _number_of_last(cells: list[Any]) -> int:
    """The number of the cell that ran last: cells that ran have one."""
    done = [cell.execution_count for cell in cells if cell.execution_count]
    return max(done, default=0) + (0 if done and len(done) == len(cells) else 1)


def _failure(path: Path, error: CellExecutionError, cells: list[Any]) -> str:
    failed = next(cell for cell in cells if _has_error(cell))
    number = failed.execution_count or cells.index(failed) + 1
    if error.ename == _NO_INPUT:
        return f"{path}, cell {number}, waits for input(): a notebook that is run has no keyboard"
    trace = next(o.traceback for o in failed.outputs if o.output_type == "error")
    return f"{path}, cell {number}:\n" + "\n".join(trace)


def _has_error(cell: Any) -> bool:
    return any(output.output_type == "error" for output in cell.get("outputs", []))


@contextlib.contextmanager
def _progress(name: str, n_cells: int) -> Iterator[Any]:
    """What to call after each cell; on a terminal it moves a bar."""
    if not sys.stderr.isatty():
        yield lambda **_: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True)) as progress:
        task = progress.add_task(name, total=n_cells)
        yield lambda **_: progress.advance(task)


def _write(notebook: Any, out: Path) -> None:
    write_whole(out, f"{nbformat.writes(notebook)}\n".encode())


def _pictures(notebook: Any) -> Iterator[bytes]:
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {}).get("image/png")
            if data:
                yield base64.b64decode(data)


def write_pictures(notebook: Any, folder: Path, name: str) -> list[Path]:
    """Write the pictures in an executed notebook as `name`-1.png, `name`-2.png, ...

    Returns
    -------
    list of Path
    """
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for i, content in enumerate(_pictures(notebook), 1):
        written.append(folder / f"{name}-{i}.png")
        written[-1].write_bytes(content)
    return written


def write_page(notebook: Any, out: Path) -> None:
    """Write a notebook as an HTML page."""
    from nbconvert import HTMLExporter

    page, _ = HTMLExporter().from_notebook_node(notebook)
    write_whole(out, page.encode())
