"""Writes the SavedModel and the signatures beside it. TensorFlow 1.15.5 runs it."""

import json
import os
import shutil
import sys
from pathlib import Path

import tensorflow as tf

os.chdir(str(Path(__file__).resolve().parent))
sys.path.insert(0, "..")
import model  # noqa: E402 - found by the line above

words = Path("words.txt")
words.write_text("one\ntwo\nthree\n")
shutil.rmtree("model", ignore_errors=True)
model.write(tf, "model", str(words))
words.unlink()
Path("signatures.json").write_text(json.dumps(model.signatures(tf), indent=1) + "\n")
