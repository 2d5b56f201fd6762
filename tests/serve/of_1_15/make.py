"""Write half_plus_two as TensorFlow 1.15 does: ``python tests/serve/of_1_15/make.py`` under 1.15.

Version 123 predicts, classifies and regresses: ``y = 0.5 x + 2``, and ``y2 = 0.5 x + 3``.
"""

import shutil
from pathlib import Path

import tensorflow as tf

FOLDER = str(Path(__file__).resolve().parent / "half_plus_two" / "123")


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


if __name__ == "__main__":
    shutil.rmtree(FOLDER, ignore_errors=True)
    write(FOLDER)
