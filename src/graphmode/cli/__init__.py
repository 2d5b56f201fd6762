"""The `graphmode` command."""

import sys


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; `python -m graphmode` is the same.

    Parameters
    ----------
    arguments : list of str, optional
        Without the command's own name; `sys.argv[1:]` if not given.

    Returns
    -------
    int
        The exit status. A program's SystemExit passes through.
    """
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments[:1] == ["run"] and arguments[1:] and not _is_option(arguments[1]):
        # Before Typer is imported: that takes longer than a small program.
        from graphmode.cli.run import run_target

        return run_target(arguments[1], arguments[2:])
    from graphmode.cli.commands import app

    return app(arguments, prog_name="graphmode", standalone_mode=True)


def _is_option(argument: str) -> bool:
    return argument.startswith("-") and argument != "-"
