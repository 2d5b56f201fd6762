"""`graphmode run TARGET`: a program as `__main__`, with graphmode as its tensorflow."""

from __future__ import annotations

import builtins
import os
import runpy
import signal
import sys
import threading
import time
import types
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from graphmode import period
from graphmode._addresses.late import late
from graphmode.check.program import Program
from graphmode.cli.child import CHILDREN
from graphmode.compat import alias
from graphmode.datasets.addresses import hooks as addresses
from graphmode.framework.errors import OpError
from graphmode.launch import lifeline, ranks
from graphmode.platform.user_traceback import reached_line, user_traceback

_join = late("graphmode.launch.joining", "join")
_leave = late("graphmode.launch.joining", "leave")
_share_chance = late("graphmode.launch.chance", "share")

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from graphmode.profiling.run_times import RunTimes

USAGE_ERROR = 2
TIMED_OUT = 124
INTERRUPTED = 130

MAIN_FILES = ("main.py", "train.py", "__main__.py")


class Options(NamedTuple):
    """What `graphmode run` is told before its target."""

    module: bool = False
    """Whether the target is the name of a module, as Python's `-m`."""
    data: str | None = None
    """A folder with data sets."""
    plots: str | None = None
    """Where figures are collected, in place of windows."""
    timeout: float | None = None
    seed: int | None = None
    mode: str | None = None
    inplace: bool = False
    to: str | None = None
    profile: bool = False
    mesh: str | None = None
    distributed: bool = False
    """Whether to join the other ranks, which MPI, SLURM or Kubernetes has started, at once."""


class _TimeoutError(BaseException):
    """The time is over: no `except Exception` of a program catches it."""


def run_target(target: str, arguments: list[str], options: Options = Options()) -> int:  # noqa: B008
    """Run a program as Python would, `import tensorflow` being graphmode.

    Parameters
    ----------
    target : str
        A script, whose folder becomes `sys.path[0]`; a folder with a main.py or train.py; a
        notebook; "-" for standard input; with ``options.module`` the name of a module.
    arguments : list of str
        The program's `sys.argv[1:]`, unparsed.
    options : Options

    Returns
    -------
    int
        0, or 1 after an uncaught exception (its traceback is on stderr, without graphmode's
        own frames), 2 if the program cannot be started, 124 if its time was over, 130 if it was
        interrupted.

    Raises
    ------
    SystemExit
        The program's own.
    """
    _prepare_environment(options)
    path = Path(target)
    if not options.module and path.is_dir():
        found = [path / name for name in MAIN_FILES if (path / name).is_file()]
        if not found:
            return _refuse(f"the folder {target} has no {' or '.join(MAIN_FILES[:2])}")
        path = found[0]
    if path.suffix == ".ipynb" and not options.module:
        if options.profile:
            return _refuse("--profile is for scripts and modules, not for notebooks")
        return _run_notebook(path, options)
    if options.module:
        sys.path[0] = str(Path.cwd())
        start = _module(target, arguments)
        file_name = ""
        path = Path(*target.split("."))
        found = [path.with_name(f"{path.name}.py"), path / "__main__.py"]
        for file in filter(Path.is_file, found):
            _warn(file, start=Path.cwd())
    else:
        try:
            source = sys.stdin.buffer.read() if target == "-" else path.read_bytes()
        except FileNotFoundError:
            return _refuse(f"there is no file {target}")
        except OSError as error:
            return _refuse(f"cannot read {target}: {error.strerror}")
        file_name = "<stdin>" if target == "-" else str(path.absolute())
        sys.path[0] = str(Path.cwd() if target == "-" else path.resolve().parent)
        start = _script(source, file_name, [str(path), *arguments])
        _warn(Path(file_name), source, file_name if target == "-" else str(path))
    return _run(start, file_name, options)


def _warn(
    path: Path, text: bytes | None = None, shown: str | None = None, start: Path | None = None
) -> None:
    """Say what of tensorflow a program needs that is absent, before it runs."""
    program = Program()
    program.add(path, text, shown, start)
    for missing in program.missing():
        sys.stderr.write(f"graphmode run: {missing}\n")


def _script(source: bytes, file_name: str, argv: list[str]) -> Callable[[], Any]:
    """What runs the text of a program as `__main__`."""

    def start() -> None:
        main_module = types.ModuleType("__main__")
        vars(main_module).update(__file__=file_name, __builtins__=builtins)
        if b"get_ipython()." in source:
            from graphmode.cli.exported import ExportedShell, display

            shell = ExportedShell(vars(main_module))
            vars(main_module).update(get_ipython=lambda: shell, display=display)
        sys.modules["__main__"] = main_module
        sys.argv = argv
        exec(period.compile_source(source, file_name), vars(main_module))

    return start


def _module(name: str, arguments: list[str]) -> Callable[[], Any]:
    """What runs a module as `__main__`."""

    def start() -> None:
        sys.argv = [name, *arguments]
        runpy.run_module(name, run_name="__main__", alter_sys=True)

    return start


def _run(start: Callable[[], Any], file_name: str, options: Options) -> int:
    alias.install()
    addresses.install()
    period.install()
    launched = ranks.is_launched()
    lifeline.hold()
    if launched or options.distributed:
        try:
            size = _join().size
            if size == 1 and options.distributed and not launched:
                return _refuse(
                    "no MPI, SLURM or Kubernetes has started this process: "
                    "graphmode launch -n 4 does it"
                )
            if size > 1 and options.mesh is not None and not _feeds_parts():
                _share_chance(options.seed is None)
        except OpError as error:
            _refuse(error.message)
            return 1  # which another try may mend
    if options.seed is not None:
        from graphmode.platform.seeding import seed_everything

        seed_everything(options.seed)
    if options.timeout is not None:
        signal.signal(signal.SIGALRM, _time_is_over)
        # again and again: one that comes just before a thread blocks does not wake it
        signal.setitimer(signal.ITIMER_REAL, options.timeout, 1.0)
    threading.excepthook = _said_of_threads(file_name)
    times = _begin_times() if options.profile else None
    started = time.perf_counter()
    status = 0
    try:
        start()
    except KeyboardInterrupt as stop:
        _say_where("interrupted", stop, file_name)
        status = INTERRUPTED
    except _TimeoutError as stop:
        _say_where(f"stopped after {options.timeout:g} s", stop, file_name)
        status = TIMED_OUT
    except Exception as error:
        sys.stdout.flush()
        sys.stderr.writelines(user_traceback(error, file_name))
        status = 1
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
        raise
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        if status and ranks.has_joined():
            _leave(status & 255)
        if times is not None:
            sys.stdout.flush()
            report = times.report(time.perf_counter() - started)
            sys.stderr.write(f"graphmode run: {report}\n")
    return status


def _feeds_parts() -> bool:
    """Whether each rank feeds its part of a batch, which it may draw itself."""
    return os.environ.get("GRAPHMODE_FEEDS") == "part"


def _said_of_threads(file_name: str) -> Callable[[threading.ExceptHookArgs], None]:
    """What says the error of a thread of the program, with the program's lines only."""

    def say(failed: threading.ExceptHookArgs) -> None:
        error = failed.exc_value
        if error is None or isinstance(error, SystemExit):
            return
        name = failed.thread.name if failed.thread is not None else "that has ended"
        lines = [f"Exception in thread {name}:\n", *user_traceback(error, file_name)]
        sys.stderr.write("".join(lines))

    return say


def _say_where(what: str, stop: BaseException, file_name: str) -> None:
    line = reached_line(stop, file_name)
    sys.stdout.flush()
    sys.stderr.write(f"graphmode run: {what}{f' at {line}' if line else ''}\n")


def _begin_times() -> RunTimes:
    """Have the times of all runs added up."""
    from graphmode.profiling.run_times import RunTimes
    from graphmode.runtime.session import BaseSession

    BaseSession.profile = times = RunTimes()
    return times


def _time_is_over(number: int, frame: FrameType | None) -> None:
    signal.setitimer(signal.ITIMER_REAL, 0)
    raise _TimeoutError


def _prepare_environment(options: Options) -> None:
    """Say to this process and those that it starts what the options ask for."""
    if options.data is not None:
        os.environ["GRAPHMODE_DATA"] = str(Path(options.data).resolve())
    if options.mode is not None:
        os.environ["GRAPHMODE_MODE"] = options.mode
    if options.mesh is not None:
        os.environ["GRAPHMODE_MESH"] = options.mesh
    if options.seed is not None:
        os.environ["GRAPHMODE_SEED"] = str(options.seed)
    if options.plots is not None:
        os.environ["GRAPHMODE_PLOTS"] = str(Path(options.plots).resolve())
        os.environ["MPLBACKEND"] = "module://graphmode.viz.collected"
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = CHILDREN if not before else os.pathsep.join((CHILDREN, before))


def _run_notebook(path: Path, options: Options) -> int:
    try:
        from graphmode.notebook import execute as notebooks
    except ImportError as error:
        return _refuse(f"notebooks need {error.name}: pip install 'graphmode[notebook]'")
    if options.plots is not None:
        del os.environ["MPLBACKEND"]  # in a notebook figures are shown, and taken from there
    out = path if options.inplace else path.with_name(f"{path.stem}.out.ipynb")
    try:
        notebook = notebooks.read_notebook(path)
    except notebooks.NotebookError as error:
        return _refuse(str(error))
    _warn(path)
    try:
        line, status = notebooks.execute(notebook, path, out, options.timeout), 0
    except notebooks.NotebookError as error:
        line, status = str(error), 1
    if options.to == "html":
        notebooks.write_page(notebook, out.with_suffix(".html"))
    if options.plots is not None:
        notebooks.write_pictures(notebook, Path(options.plots), path.stem)
    sys.stderr.write(f"{line}\n")
    return status


def _refuse(message: str) -> int:
    sys.stderr.write(f"graphmode run: {message}\n")
    return USAGE_ERROR
