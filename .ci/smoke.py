"""Run a little under the oldest JAX of pyproject.toml and under other Pythons: `make smoke`.

Each has an environment of its own in `.venv-smoke/`, with nothing in it but what graphmode runs
on and pytest. It is made again when the dependencies change. A Python that is not here is skipped.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PYTHONS = ("3.12", "3.13")
PROGRAMS = (["tests/smoke.py"], ["-m", "pytest", "tests/test_session_laws.py"])


def found(wanted: str) -> str | None:
    """A Python of version `wanted` that runs: from PATH, else of pyenv."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    on_path = shutil.which(f"python{wanted}")
    of_pyenv = sorted(map(str, pyenv.glob(f"{wanted}.*/bin/python")))
    for python in [on_path, *of_pyenv]:
        if python is not None and runs(python):
            return python
    return None


def runs(python: str) -> bool:
    """Whether it starts: a shim of pyenv may stand for a version that is not chosen."""
    return subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode == 0


def environment(name: str, python: str, requirements: list[str]) -> Path:
    """The Python of `.venv-smoke/name`, with `requirements` installed."""
    folder = ROOT / ".venv-smoke" / name
    own, stamp = folder / "bin" / "python", folder / "requirements.txt"
    wanted = "\n".join(requirements)
    if not stamp.exists() or stamp.read_text() != wanted:
        subprocess.run([python, "-m", "venv", "--clear", folder], check=True)
        subprocess.run(
            [own, "-m", "pip", "install", "-qq", "--disable-pip-version-check", *requirements],
            check=True,
        )
        stamp.write_text(wanted)
    return own


def main() -> int:
    dependencies = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    (jax,) = (line for line in dependencies if re.match(r"jax\b", line))
    oldest = re.sub(r">=(\d+\.\d+)$", r"==\1.0", jax)
    if oldest == jax:
        raise SystemExit(f"smoke: which JAX is the oldest of {jax!r}?")
    chosen = {"oldest-jax": (sys.executable, [*dependencies, oldest])}
    for wanted in PYTHONS:
        python = found(wanted)
        if python is None:
            print(f"smoke: Python {wanted} skipped: neither on PATH nor in pyenv")
        else:
            chosen[f"python-{wanted}"] = (python, dependencies)

    failed = []
    for name, (python, requirements) in chosen.items():
        print(f"smoke: {name}", flush=True)
        own = environment(name, python, [*requirements, "pytest>=8"])
        for program in PROGRAMS:
            variables = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
            if subprocess.run([own, *program], cwd=ROOT, env=variables, check=False).returncode:
                failed.append(name)
                break
    print(f"smoke: {len(chosen) - len(failed)} of {len(chosen)} passed", *failed, flush=True)
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
