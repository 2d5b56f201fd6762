"""`tf.app.run`: parse the flags, call main, exit with what it gives."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def run(main: Callable[..., Any] | None = None, argv: Sequence[str] | None = None) -> None:
    """Run the program's `main(argv)` after its flags are parsed.

    Parameters
    ----------
    main : callable, optional
        Takes the arguments that are no flags, the program's name first. `__main__.main` if not
        given.
    argv : sequence of str, optional
        `sys.argv` if not given.

    Raises
    ------
    SystemExit
        Always, with what `main` returns; 1 after a flag that cannot be parsed.
    """
    from absl import app, flags

    app.define_help_flags()
    arguments = list(sys.argv if argv is None else argv)
    try:
        rest = flags.FLAGS(arguments, known_only=True)
    except flags.Error as error:
        sys.stderr.write(f"FATAL Flags parsing error: {error}\nPass --help to see the flags.\n")
        sys.exit(1)
    run: Any = main or sys.modules["__main__"].main
    sys.exit(run(rest))
