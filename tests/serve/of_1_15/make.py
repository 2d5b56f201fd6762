"""Write SavedModels as TensorFlow 1.15 does: ``python tests/serve/of_1_15/make.py`` under 1.15.

half_plus_two, version 123, predicts, classifies and regresses: ``y = 0.5 x + 2``, and ``y2 = 0.5 x
+ 3``. ptb is a language model of the tutorial's form, whose state goes in and comes out;
``ptb.json`` has what 1.15 computes with it.
"""

import json
import shutil
from pathlib import Path

import tensorflow as tf

FOLDER = Path(__file__).resolve().parent
WORDS, UNITS, LAYERS, STEPS = 12, 5, 2, 4


def write(folder):
    """Write the model to `folder`."""
    with tf.Graph().as_default(), tf.Session() as session:
        serialized = tf.placeholder(tf.string, [None], "tf_example")
        parsed = tf.parse_example(serialized, {"x": tf.FixedLenFeature([1], tf.float32, [0.0])})
        x = tf.identity(parsed["x"], name="x")
        a, b, c = tf.Variable(0.5, name="a"), tf.Variable(2.0, name="b"), tf.Variable(3.0, name="c")
        y = tf.add(tf.multiply(a, x), b, name="y")
        y2 = tf.add(tf.multiply(a, x), c, name="y2")
        session.run(tf.global_variables_initializer())
        saved = tf.saved_model
        predict = saved.signature_def_utils.predict_signature_def
        regress = saved.signature_def_utils.regression_signature_def
        classify = saved.signature_def_utils.classification_signature_def
        builder = saved.builder.SavedModelBuilder(folder)
        builder.add_meta_graph_and_variables(
            session,
            [saved.tag_constants.SERVING],
            {
                "serving_default": predict({"x": x}, {"y": y}),
                "regress_x_to_y": regress(serialized, y),
                "regress_x_to_y2": regress(serialized, y2),
                "classify_x_to_y": classify(serialized, None, y),
            },
        )
        builder.save()


def write_ptb(folder):
    """Write the language model to `folder`; give what it makes of two texts, in two pieces each."""
    with tf.Graph().as_default(), tf.Session() as session:
        tf.set_random_seed(7)
        words = tf.placeholder(tf.int32, [None, STEPS], "words")
        state = tf.placeholder(tf.float32, [LAYERS, 2, None, UNITS], "state")
        embedding = tf.get_variable("embedding", [WORDS, UNITS])
        cell = tf.nn.rnn_cell.MultiRNNCell(
            [tf.nn.rnn_cell.BasicLSTMCell(UNITS, forget_bias=0.0) for _ in range(LAYERS)]
        )
        layers = [tf.unstack(layer) for layer in tf.unstack(state)]
        outputs, final = tf.nn.dynamic_rnn(
            cell,
            tf.nn.embedding_lookup(embedding, words),
            initial_state=tuple(tf.nn.rnn_cell.LSTMStateTuple(*layer) for layer in layers),
        )
        logits = tf.layers.dense(outputs, WORDS, name="softmax")
        following = tf.nn.softmax(logits[:, -1], name="next")
        final = tf.stack([tf.stack(layer) for layer in final], name="final_state")
        session.run(tf.global_variables_initializer())
        saved = tf.saved_model
        predict = saved.signature_def_utils.predict_signature_def
        builder = saved.builder.SavedModelBuilder(str(folder))
        builder.add_meta_graph_and_variables(
            session,
            [saved.tag_constants.SERVING],
            {
                "serving_default": predict(
                    {"words": words, "state": state}, {"next": following, "state": final}
                )
            },
            clear_devices=True,
            strip_default_attrs=True,
        )
        builder.save()
        pieces = [[[1, 2, 3, 4], [11, 0, 5, 5]], [[5, 6, 7, 8], [2, 2, 9, 0]]]
        known = [[[[0.0] * UNITS] * 2] * 2] * LAYERS
        found = []
        for piece in pieces:
            shares, known = session.run([following, final], {words: piece, state: known})
            found.append({"words": piece, "next": shares.tolist(), "state": known.tolist()})
        return found


if __name__ == "__main__":
    for name in ("half_plus_two", "ptb"):
        shutil.rmtree(str(FOLDER / name), ignore_errors=True)
    write(str(FOLDER / "half_plus_two" / "123"))
    (FOLDER / "ptb.json").write_text(json.dumps(write_ptb(FOLDER / "ptb" / "1"), indent=1))
