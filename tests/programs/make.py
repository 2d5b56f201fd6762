"""Ask TensorFlow 1.15.5 what each program prints, and keep it in `goldens/`, a file a folder.

Python 3.7 with TensorFlow 1.15.5 (`tests/golden/make.py` says how to get one) runs this file. Its
arguments are folders, or programs of them as ``folder/name``; all without. The programs that name
their numbers themselves (``# prints:``) are left out: 1.15 cannot run them.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
GOLDENS = HERE / "goldens"
OTHERS = {"goldens", "wrong", "__pycache__"}


def said(path):
    """The lines that a program prints, run alone."""
    environment = dict(os.environ, TF_CPP_MIN_LOG_LEVEL="3")
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-W", "ignore", str(path)],
            capture_output=True,
            cwd=folder,
            env=environment,
        )
    if done.returncode:
        print(f"{path}:\n{done.stderr.decode()}")
    return None if done.returncode else done.stdout.decode().splitlines()


def main():
    asked = sys.argv[1:]
    for folder in sorted(
        path for path in HERE.iterdir() if path.is_dir() and path.name not in OTHERS
    ):
        file = GOLDENS / (folder.name + ".json")
        lines = json.loads(file.read_text()) if file.exists() else {}
        programs = {path.stem: path for path in folder.glob("*.py")}
        lines = {name: found for name, found in lines.items() if name in programs}
        for name, path in programs.items():
            wanted = not asked or folder.name in asked or folder.name + "/" + name in asked
            if wanted and "\n# prints:" not in path.read_text():
                lines[name] = said(path)
        lines = {name: found for name, found in lines.items() if found is not None}
        if lines:
            file.write_text(json.dumps(lines, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
