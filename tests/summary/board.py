"""TensorBoard itself, started on a log, and its HTTP API asked."""

import contextlib
import json
import re
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

# Without TensorFlow, which it would take seconds to import.
START = """
import sys
from graphmode.summary.event_files import keep_tensorflow_out
keep_tensorflow_out()
from tensorboard.main import run_main
run_main()
"""
DEADLINE_S = 60


@contextlib.contextmanager
def tensorboard(logdir):
    """Run TensorBoard on `logdir`; yields its address."""
    arguments = ["--logdir", str(logdir), "--host", "127.0.0.1", "--port", "0"]
    process = subprocess.Popen(
        [sys.executable, "-u", "-c", START, *arguments, "--load_fast", "false"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        said = []
        for line in process.stdout:
            said.append(line)
            address = re.search(r"at (http://\S+?)/ ", line)
            if address:
                yield address[1]
                break
        else:
            raise AssertionError("".join(said))
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


@contextlib.contextmanager
def asking(logdir, points, **scalar):
    """TensorBoard on `logdir`, once it has read the log; yields a function that asks its API.

    It has read the log when it knows all `points` of the scalar of this `run` and `tag`.
    """
    with tensorboard(logdir) as address:

        def ask(path, **query):
            url = f"{address}/data/{path}?{urllib.parse.urlencode(query)}"
            with urllib.request.urlopen(url, timeout=DEADLINE_S) as response:
                return response.read()

        def is_read():
            try:
                return len(json.loads(ask("plugin/scalars/scalars", **scalar))) == points
            except urllib.error.HTTPError:
                return False  # it reads the log after it has started

        deadline = time.monotonic() + DEADLINE_S
        while not is_read():
            assert time.monotonic() < deadline, "TensorBoard did not read the log"
            time.sleep(0.1)
        yield ask
