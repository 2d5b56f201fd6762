"""A process that runs programs as `graphmode run` does, one after the other.

Each line of its input is the JSON of ``[path, mode]``, each line of its output that of
``[exit status, stdout, stderr]``. What a program leaves (the default graph and session, the
current folder, `sys.argv`, flags, gradients, Python 2) is put away before the next one.
"""

import contextlib
import io
import json
import os
import sys
import tempfile
import traceback
from pathlib import Path

from absl import flags

from graphmode.autodiff import registry
from graphmode.cli.run import Options, run_target
from graphmode.framework.default_graph import reset_default_graph
from graphmode.framework.defaults import defaults
from graphmode.period import programs
from graphmode.summary.file_writer import FileWriterCache

SECONDS = 60


def run(path, mode):
    out, err = io.StringIO(), io.StringIO()
    home, path_before, environment = Path.cwd(), list(sys.path), dict(os.environ)
    flags_before = set(flags.FLAGS)
    reset_default_graph()
    programs._Period.python_2 = False
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                status = run_target(path, [], Options(mode=mode, timeout=SECONDS))
            except SystemExit as stop:
                status = stop.code or 0
            except BaseException:
                traceback.print_exc()
                status = 1
        FileWriterCache.clear()
        os.chdir(home)
    sys.path[:] = path_before
    os.environ.clear()
    os.environ.update(environment)
    for name in set(flags.FLAGS) - flags_before:
        delattr(flags.FLAGS, name)
    flags.FLAGS.unparse_flags()
    for name, rule in list(registry._rules.items()):
        if rule.function.__module__ == "__main__":
            del registry._rules[name]
    defaults.graphs.clear()
    defaults.sessions.clear()
    return status, out.getvalue(), err.getvalue()


def main():
    answers = sys.stdout
    for line in sys.stdin:
        answers.write(json.dumps(run(*json.loads(line))) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
