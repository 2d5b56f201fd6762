"""Ask TensorFlow 1.15.5 what it answers to every case, and keep the answers in `goldens/`.

TensorFlow 2.21, which the other tests ask, has lost `tf.contrib`; 1.15.5 has it, and runs under
Python 3.7. To make the files again::

    python3.7 -m venv /tmp/tf115
    /tmp/tf115/bin/pip install "tensorflow==1.15.5" "numpy<1.19" "protobuf<3.21" "h5py<3"
    /tmp/tf115/bin/python tests/golden/make.py

Arguments are the families to make (all of them without). ``--into FOLDER`` writes elsewhere. The
same files come out each time; `GRAPHMODE_TF115=/tmp/tf115/bin/python` has `test_golden.py` check
that they do. A new case is a function in `cases/`, a dozen lines: see `case.py`. A family that
says so (``VERSION = "1.14.0"``) is of what 1.15 has no more: an older TensorFlow answers, the same
way, and `GRAPHMODE_TF114` names it.
"""

import argparse
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from golden import cases, stored
from golden.case import CASES, answer


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("families", nargs="*")
    parser.add_argument("--into", type=pathlib.Path)
    options = parser.parse_args()
    stored.FOLDER = options.into or stored.FOLDER
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    import tensorflow as tf

    of_version = [family for family in cases.FAMILIES if cases.version(family) == tf.__version__]
    if not of_version:
        sys.exit("needs TensorFlow 1.15.5, this is " + tf.__version__)
    tf.logging.set_verbosity(tf.logging.ERROR)
    for family in options.families or of_version:
        names = [name for name in CASES if name.startswith(family + "/")]
        stored.write(family, {name: answer(tf, name) for name in names})


if __name__ == "__main__":
    main()
