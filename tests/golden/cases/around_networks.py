"""What surrounds a network: hyperparameters, words as ids, the projector, steps of training."""

import importlib
import pathlib
import tempfile

import numpy as np

from golden.case import case, complaint, numbers, seen


def internal(tf, address):
    """A module of TensorFlow 1's that its package does not name."""
    package = "graphmode" if tf.__name__ == "graphmode" else "tensorflow"
    return importlib.import_module(package + "." + address)


def hyperparameters(tf):
    return tf.contrib.training.HParams(
        rate=0.1, units=64, layers=[64, 32], name="plain", on=True, scales=[0.5, 1.0]
    )


@case
def hparams_parsed(tf):
    texts = [
        "rate=3", "units=-5,on=false", "on=1", "layers=[1,2 3]", "name=a_b.c, rate=1e-3",
        "scales=[]", "", "name=", "rate = .5 , units=7",
    ]  # fmt: skip
    found = {}
    for text in texts:
        parsed = hyperparameters(tf).parse(text)
        found["after " + text] = str(sorted(parsed.values().items()))
    hparams = hyperparameters(tf)
    found["str"] = str(hparams.parse_json('{"layers": [7], "units": 3}'))
    found["repr"] = repr(hparams)
    found["json"] = hparams.to_json(indent=1, separators=(",", ":"), sort_keys=True)
    hparams.add_hparam("later", "x")
    hparams.del_hparam("units")
    hparams.del_hparam("nothing")
    hparams.set_hparam("rate", 2)
    found["changed"] = str(sorted(hparams.values().items()))
    found["there"] = str(["units" in hparams, "later" in hparams, hparams.get("rate")])
    found["default"] = str([hparams.get("none", 4), hparams.get("rate", 4), hparams.get("none")])
    return found


@case
def hparams_read_from_text(tf):
    module = "contrib.training.python.training.hparam"
    read = internal(tf, module).parse_values
    kinds = {"a": int, "b": float, "c": str, "d.e": bool}
    texts = ["a[1]=3,a[0]=2", "d.e=True,c=[x,y]", "b=1,b[0]=2", "a[1]=1,a[1]=2", "a[0]=[1]", "q=1"]
    found = {text: complaint(lambda text=text: read(text, kinds)) for text in texts}
    found["ignored"] = str(read("q=1,a=2", kinds, ignore_unknown=True))
    return found


@case
def hparams_refused(tf):
    def parsed(text):
        return lambda: hyperparameters(tf).parse(text)

    return {
        "unknown": complaint(parsed("depth=3"), "Unknown hyperparameter type for depth"),
        "float for int": complaint(
            parsed("units=1.5"), "Could not parse hparam 'units' of type 'int' with value '1.5' in"
        ),
        "text for bool": complaint(parsed("on=perhaps"), "Could not parse hparam 'on' of type"),
        "malformed": complaint(parsed("rate"), "Malformed hyperparameter value: rate"),
        "twice": complaint(parsed("units=1,units=2"), "Multiple assignments to variable 'units'"),
        "list": complaint(parsed("units=[1,2]"), "Must not pass a list for single-valued"),
        "no list": complaint(parsed("layers=1"), "Must pass a list for multi-valued parameter"),
        "index": complaint(parsed("layers[0]=1"), "Must pass a list for multi-valued parameter"),
        "reserved": complaint(
            lambda: tf.contrib.training.HParams(values=1), "Hyperparameter name is reserved: values"
        ),
        "empty": complaint(
            lambda: tf.contrib.training.HParams(a=[]),
            "Multi-valued hyperparameters cannot be empty",
        ),
        "bool for number": complaint(
            lambda: hyperparameters(tf).set_hparam("units", True), "Could not cast hparam 'units'"
        ),
        "number for text": complaint(
            lambda: hyperparameters(tf).set_hparam("name", 1), "Could not cast hparam 'name'"
        ),
        "none there": complaint(lambda: hyperparameters(tf).set_hparam("depth", 1), "depth"),
        "default": complaint(lambda: hyperparameters(tf).get("rate", "x"), "is incompatible with"),
        "default no list": complaint(lambda: hyperparameters(tf).get("layers", 3), "list<"),
    }


TEXTS = [
    "I'm not a well-known HTTPServer, am I?",
    "a rose is a rose is a rose",
    "",
    "42 roses: naïve, a b c d e f g",
]


@case
def words_as_ids(tf):
    preprocessing = tf.contrib.learn.preprocessing
    found = {}
    for least in (0, 1, 2):
        processor = preprocessing.VocabularyProcessor(6, min_frequency=least)
        rows = np.array(list(processor.fit_transform(TEXTS)))
        found["rows " + str(least)] = rows
        found["words " + str(least)] = list(processor.reverse(rows))
        found["size " + str(least)] = str(len(processor.vocabulary_))
        found["later " + str(least)] = np.array(list(processor.transform(["new a rose"])))
    with tempfile.TemporaryDirectory() as folder:
        processor.save(folder + "/vocabulary")
        restored = preprocessing.VocabularyProcessor.restore(folder + "/vocabulary")
    found["restored"] = np.array(list(restored.transform(TEXTS)))
    own = preprocessing.VocabularyProcessor(3, tokenizer_fn=lambda texts: map(list, texts))
    found["letters"] = np.array(list(own.fit_transform(["abca", "cd"])))
    return found


@case
def bytes_as_ids(tf):
    processor = tf.contrib.learn.preprocessing.ByteProcessor(5)
    rows = np.array(list(processor.fit_transform(["abc", b"longer", ""])))
    return {"rows": rows, "texts": list(processor.reverse(rows))}


@case
def projector_config(tf):
    from_ = tf.contrib.tensorboard.plugins.projector
    config = from_.ProjectorConfig()
    embedding = config.embeddings.add()
    embedding.tensor_name = "words"
    embedding.metadata_path = "words.tsv"
    embedding.sprite.image_path = "sprite.png"
    embedding.sprite.single_image_dim.extend([28, 14])
    with tempfile.TemporaryDirectory() as folder:
        writer = tf.summary.FileWriter(folder)
        from_.visualize_embeddings(writer, config)
        writer.close()
        text = (pathlib.Path(folder) / "projector_config.pbtxt").read_text()
    return {"text": text}


@case
def training_step(tf):
    x = tf.constant(numbers(5, 3))
    w = tf.get_variable("w", [3, 2])
    count = tf.get_variable("count", [], tf.int64, tf.zeros_initializer(), trainable=False)
    tf.add_to_collection(tf.GraphKeys.UPDATE_OPS, tf.assign_add(count, 2))
    loss = tf.reduce_mean(tf.square(tf.matmul(x, w)))
    step = tf.contrib.training.create_train_op(
        loss,
        tf.train.GradientDescentOptimizer(0.1),
        transform_grads_fn=lambda gradients: [(g * 0.5, v) for g, v in gradients],
        summarize_gradients=True,
    )
    found = seen(tf, gradients=False, runs=3, step=step)
    found["summaries"] = [t.name for t in tf.get_collection(tf.GraphKeys.SUMMARIES)]
    found["collected"] = [t.name for t in tf.get_collection(tf.GraphKeys.TRAIN_OP)]
    return found


@case
def older_names(tf):
    a, b = tf.constant([[1.0, 2.0]]), tf.constant([[3.0]])
    with tf.op_scope([a], None, "block") as name:
        c = tf.add(a, b, name="sum")
    return seen(tf, of=[a], c=c, scope=tf.constant(name))


@case
def variables_given_values(tf):
    from_ = internal(tf, "python.ops.state_ops")
    v = tf.Variable([[1.0, 2.0]], name="v")
    first = from_.init_variable(v, [[3.0, 4.0]])
    with tf.control_dependencies([first]):
        again = from_.init_variable(v, lambda shape, dtype: tf.fill(shape, 5.0), name="again")
    return seen(tf, gradients=False, initial=True, again=again)
