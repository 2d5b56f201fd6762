"""How the tests run a lab: as its readers do, in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
LABS = ROOT / "examples" / "labs"
DATA = Path(os.environ.get("GRAPHMODE_DATA", ROOT.parent / "shared" / "data"))


def run_lab(name: str, *arguments: str | Path) -> str:
    """What the lab prints."""
    result = subprocess.run(
        [sys.executable, "-m", "graphmode", "run", LABS / name, *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, "GRAPHMODE_DATA": str(DATA)},
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def needs(folder: str):
    return pytest.mark.skipif(
        not (DATA / folder).is_dir(), reason=f"no {folder} data: set GRAPHMODE_DATA"
    )


def assert_pictures(folder: Path, *names: str) -> None:
    """The folder holds these pictures and no others, and something is to be seen on each."""
    from PIL import Image

    assert sorted(path.name for path in folder.glob("*.png")) == sorted(f"{n}.png" for n in names)
    for name in names:
        pixels = np.asarray(Image.open(folder / f"{name}.png").convert("L"), np.float64)
        assert pixels.std() > 5, f"{name} is blank"
