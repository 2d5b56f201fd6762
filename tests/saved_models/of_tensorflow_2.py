"""Writes SavedModels of TensorFlow 2 to a folder; a process of its own runs it."""

import os
import sys

os.environ.update(TF_USE_LEGACY_KERAS="1", CUDA_VISIBLE_DEVICES="", TF_CPP_MIN_LOG_LEVEL="3")

import numpy as np
import tensorflow as tf

layers = tf.keras.layers


class Module(tf.Module):
    """A function with a loop and a branch."""

    def __init__(self):
        super().__init__()
        self.w = tf.Variable([[1.0, 2.0], [3.0, 4.0]])

    @tf.function(input_signature=[tf.TensorSpec([None, 2], tf.float32, "x")])
    def __call__(self, x):
        y = tf.nn.relu(x @ self.w)
        i = tf.constant(0)
        while i < 3:
            y = y * 1.5
            i += 1
        if tf.reduce_sum(y) > 10.0:
            y = y - 1.0
        return {"y": y}


def images():
    x = tf.keras.Input([8, 8, 1], name="x")
    h = layers.Conv2D(4, 3, activation="relu")(x)
    h = layers.MaxPool2D()(layers.BatchNormalization()(h))
    h = layers.Dropout(0.5)(layers.Flatten()(h))
    return tf.keras.Model(x, layers.Dense(3, activation="softmax", name="y")(h))


def words():
    x = tf.keras.Input([None], dtype="int32", name="x")
    h = layers.LSTM(5)(layers.Embedding(20, 6)(x))
    return tf.keras.Model(x, layers.Dense(2, name="y")(h))


def main(folder):
    tf.keras.utils.set_random_seed(1)
    values = {
        "module": np.float32([[1.0, 2.0], [0.0, 0.5]]),
        "images": np.random.rand(2, 8, 8, 1).astype(np.float32),
        "words": np.int32([[1, 2, 3], [4, 5, 6]]),
    }
    module = Module()
    tf.saved_model.save(module, f"{folder}/module", signatures=module.__call__)
    found = {"module": module(tf.constant(values["module"]))["y"].numpy()}
    for name, make in (("images", images), ("words", words)):
        model = make()
        model.save(f"{folder}/{name}")
        found[name] = model(values[name]).numpy()
    np.savez(f"{folder}/inputs.npz", **values)
    np.savez(f"{folder}/outputs.npz", **found)


main(sys.argv[1])
