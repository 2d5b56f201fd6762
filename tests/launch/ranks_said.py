"""How tests start ranks, and what these say in a line of JSON each."""

import json
import os
import re
import subprocess
import sys

LIMIT = 240


def run(*command, **environment):
    """A finished `graphmode COMMAND...`."""
    return subprocess.run(
        [sys.executable, "-m", "graphmode", *map(str, command)],
        capture_output=True,
        text=True,
        timeout=LIMIT,
        env={**os.environ, **environment},
    )


def said(done):
    """What each rank has found, by rank."""
    assert done.returncode == 0, done.stderr
    lines = re.findall(r"^(?:\[(\d)\] )?(\{.*\})$", done.stdout, re.MULTILINE)
    return [json.loads(text) for _, text in sorted(lines)]
