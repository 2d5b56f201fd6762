"""Write a SavedModel as TensorFlow 2.21 does: ``python tests/serve/of_2_21/make.py`` under 2.21.

A `tf.Module` of two layers, a loop and texts; ``classifier.json`` has what TensorFlow computes.
"""

import json
import shutil
from pathlib import Path

import numpy as np
import tensorflow as tf

FOLDER = Path(__file__).resolve().parent


class Classifier(tf.Module):
    """Names the class of a row of four numbers."""

    def __init__(self):
        rng = np.random.default_rng(5)
        self.hidden = tf.Variable(rng.normal(size=(4, 6)).astype(np.float32), name="hidden")
        self.again = tf.Variable(rng.normal(size=(6, 6)).astype(np.float32), name="again")
        self.out = tf.Variable(rng.normal(size=(6, 3)).astype(np.float32), name="out")
        self.labels = tf.constant(["red", "green", "blue"])

    @tf.function(input_signature=[tf.TensorSpec([None, 4], tf.float32, "rows")])
    def __call__(self, rows):
        """Probabilities and labels of rows."""
        state = tf.nn.relu(rows @ self.hidden)
        for _ in tf.range(3):
            state = tf.tanh(state @ self.again)
        shares = tf.nn.softmax(state @ self.out)
        return {"probabilities": shares, "label": tf.gather(self.labels, tf.argmax(shares, 1))}

    @tf.function(input_signature=[tf.TensorSpec([], tf.string, "text")])
    def shout(self, text):
        """A text in capitals."""
        return {"shouted": tf.strings.upper(text)}


if __name__ == "__main__":
    shutil.rmtree(FOLDER / "classifier", ignore_errors=True)
    model = Classifier()
    signatures = {"serving_default": model.__call__, "shout": model.shout}
    tf.saved_model.save(model, str(FOLDER / "classifier" / "1"), signatures)
    rows = np.random.default_rng(6).normal(size=(3, 4)).round(2).astype(np.float32)
    found = model(tf.constant(rows))
    expected = {
        "rows": rows.tolist(),
        "probabilities": found["probabilities"].numpy().tolist(),
        "label": [label.decode() for label in found["label"].numpy()],
    }
    (FOLDER / "classifier.json").write_text(json.dumps(expected, indent=1))
