"""`graphmode run PROGRAM`: a program as `__main__`, with graphmode as its tensorflow."""

import builtins
import re
import sys
import types
from pathlib import Path

from graphmode.cli.user_traceback import print_user_traceback
from graphmode.compat import alias

USAGE_ERROR = 2
INTERRUPTED = 130

# What Python 3 says about Python 2's syntax.
_PYTHON_2_MESSAGES = (
    "Missing parentheses in call to",
    "multiple exception types must be parenthesized",
    "leading zeros in decimal integer literals",
)
_PYTHON_2_TEXT = re.compile(r"^\s*raise\s+[\w.]+\s*,|<>|`")


def run_program(program: str, arguments: list[str]) -> int:
    """Run a Python file as `python PROGRAM ARGUMENTS` would, `import tensorflow` being graphmode.

    Parameters
    ----------
    program : str
        Path of the file. Its folder becomes `sys.path[0]`.
    arguments : list of str
        The program's `sys.argv[1:]`, unparsed.

    Returns
    -------
    int
        0, or 1 after an uncaught exception (its traceback is on stderr, without graphmode's
        own frames), 2 if the program cannot be started, 130 if it was interrupted.

    Raises
    ------
    SystemExit
        The program's own.
    """
    path = Path(program)
    if path.suffix == ".ipynb":
        return _refuse(
            f"{program} is a notebook; export it first: jupyter nbconvert --to script {program}"
        )
    try:
        source = path.read_bytes()
    except FileNotFoundError:
        return _refuse(f"there is no file {program}")
    except OSError as error:
        return _refuse(f"cannot read {program}: {error.strerror}")

    file_name = str(path.absolute())
    main_module = types.ModuleType("__main__")
    vars(main_module).update(__file__=file_name, __builtins__=builtins)
    sys.modules["__main__"] = main_module
    sys.argv = [program, *arguments]
    sys.path[0] = str(path.resolve().parent)
    alias.install()
    try:
        exec(compile(source, file_name, "exec", dont_inherit=True), vars(main_module))
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:
        if isinstance(error, SyntaxError) and _is_python_2(error):
            return _refuse(
                f"{error.filename}, line {error.lineno}, is Python 2: {(error.text or '').strip()}"
                f" (convert it first, for example with 2to3 -w {error.filename})"
            )
        sys.stdout.flush()
        print_user_traceback(error, file_name)
        return 1
    return 0


def _refuse(message: str) -> int:
    sys.stderr.write(f"graphmode run: {message}\n")
    return USAGE_ERROR


def _is_python_2(error: SyntaxError) -> bool:
    return Path(error.filename or "").is_file() and (
        any(text in error.msg for text in _PYTHON_2_MESSAGES)
        or _PYTHON_2_TEXT.search(error.text or "") is not None
    )
