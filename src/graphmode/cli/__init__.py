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
    if arguments[:1] == ["run"] and arguments[1:] and not arguments[1].startswith("-"):
        # Before Typer is imported: that takes longer than a small program.
        from graphmode.cli.run import run_program

        return run_program(arguments[1], arguments[2:])
    from graphmode.cli.commands import app

    return app(arguments, prog_name="graphmode", standalone_mode=True)
