"""A small model with variables, an asset and a main op, for any TensorFlow 1."""


def build(tf, vocabulary):
    """Make it in the default graph; gives the tensors by name, and the main op.

    ``y = relu(x w) scale``; ``n_words`` is a local variable, which the main op sets to the number
    of words in the file `vocabulary`.
    """
    x = tf.placeholder(tf.float32, [None, 2], "x")
    scale = tf.placeholder_with_default(1.0, [], "scale")
    w = tf.get_variable("layer/w", initializer=[[1.0, -2.0, 0.5], [3.0, 4.0, -1.0]])
    y = tf.multiply(tf.nn.relu(tf.matmul(x, w)), scale, name="y")
    path = tf.constant(vocabulary, name="vocabulary")
    tf.add_to_collection(tf.GraphKeys.ASSET_FILEPATHS, path)
    n_words = tf.get_variable(
        "n_words", initializer=0, trainable=False, collections=[tf.GraphKeys.LOCAL_VARIABLES]
    )
    words = tf.string_split([tf.read_file(path)], "\n").values
    main_op = tf.group(tf.assign(n_words, tf.size(words)), name="start")
    return {"x": x, "scale": scale, "y": y, "n_words": n_words}, main_op


def write(tf, folder, vocabulary, train=None):
    """Write it to `folder` with the signatures `serving_default` and `count`, and two graphs."""
    with tf.Graph().as_default(), tf.Session() as session:
        tensors, main_op = build(tf, vocabulary)
        session.run(tf.global_variables_initializer())
        if train is not None:
            train(session)
        saved = tf.saved_model
        info = saved.utils.build_tensor_info
        signatures = {
            "serving_default": saved.signature_def_utils.predict_signature_def(
                {"x": tensors["x"], "scale": tensors["scale"]}, {"y": tensors["y"]}
            ),
            "count": saved.signature_def_utils.build_signature_def(
                outputs={"n": info(tensors["n_words"])}, method_name="count"
            ),
        }
        builder = saved.builder.SavedModelBuilder(folder)
        builder.add_meta_graph_and_variables(
            session,
            [saved.tag_constants.SERVING],
            signatures,
            assets_collection=tf.get_collection(tf.GraphKeys.ASSET_FILEPATHS),
            main_op=main_op,
        )
        builder.add_meta_graph(["serve", "gpu"], signatures)
        return builder.save()


SIGNATURES = [
    "d.predict_signature_def({}, {'y': f})",
    "d.predict_signature_def({'x': f}, None)",
    "d.regression_signature_def(None, f)",
    "d.regression_signature_def('x', f)",
    "d.regression_signature_def(f, f)",
    "d.regression_signature_def(s, s)",
    "d.regression_signature_def(s, None)",
    "d.regression_signature_def(s, f)",
    "d.classification_signature_def(None, s, f)",
    "d.classification_signature_def(s, None, None)",
    "d.classification_signature_def(s, f, None)",
    "d.classification_signature_def(s, None, s)",
    "d.classification_signature_def(s, s, f)",
    "d.is_valid_signature(None)",
    "d.is_valid_signature(d.build_signature_def())",
    "d.is_valid_signature(d.predict_signature_def({'x': f}, {'y': f}))",
    "d.is_valid_signature(d.regression_signature_def(s, f))",
    "d.is_valid_signature(d.classification_signature_def(s, s, None))",
    "d.is_valid_signature(d.build_signature_def({'x': i(s)}, {'outputs': i(f)}, "
    "'tensorflow/serving/regress'))",
    "d.is_valid_signature(d.build_signature_def({'inputs': i(s)}, {'outputs': i(s)}, "
    "'tensorflow/serving/regress'))",
    "i(sparse)",
]


def signatures(tf):
    """What the calls in `SIGNATURES` give, or raise."""
    names = {
        "d": tf.saved_model.signature_def_utils,
        "i": tf.saved_model.utils.build_tensor_info,
        "f": tf.placeholder(tf.float32, [None, 3], "f"),
        "s": tf.placeholder(tf.string, None, "s"),
        "sparse": tf.sparse_placeholder(tf.float32, name="sparse"),
    }
    found = {}
    for call in SIGNATURES:
        try:
            found[call] = sorted(str(eval(call, names)).splitlines())  # a map has no order
        except ValueError as error:
            found[call] = [f"ValueError: {error}"]
    return found
