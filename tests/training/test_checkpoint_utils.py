"""`init_from_checkpoint` and what looks into checkpoints, beside TensorFlow."""

import numpy as np
import pytest

import graphmode as tf


@pytest.fixture(scope="module")
def prefix(tmp_path_factory):
    folder = tmp_path_factory.mktemp("checkpoints")
    with tf.Graph().as_default(), tf.Session() as session:
        with tf.variable_scope("old"):
            tf.get_variable("w", initializer=np.arange(6, dtype=np.float32).reshape(3, 2))
            tf.get_variable("b", initializer=np.array([5.0, 6.0], np.float32))
        tf.get_variable("n", initializer=3)
        session.run(tf.global_variables_initializer())
        return tf.train.Saver().save(session, str(folder / "model"), global_step=4)


def test_looking(prefix, oracle):
    folder = prefix.rpartition("/")[0]
    for module in (tf, oracle):
        expected = [("n", []), ("old/b", [2]), ("old/w", [3, 2])]
        assert module.train.list_variables(folder) == expected
        assert module.train.load_variable(prefix, "old/b").tolist() == [5.0, 6.0]
        assert module.train.load_variable(prefix, "n") == 3


MAPS = {
    "scope": lambda v: {"old/": "new/"},
    "variables": lambda v: {"old/w": v["new/w"], "old/b": v["new/b"]},
    "names": lambda v: {"old/w": "new/w", "n": "n"},
    "everything": lambda v: {"/": "/"},
}


@pytest.mark.parametrize("name", MAPS)
@pytest.mark.parametrize("parts", [None, 2])
def test_variables_start_with_what_a_checkpoint_holds(prefix, oracle, name, parts):
    found = []
    for module in (tf, oracle):
        partitioner = parts and module.fixed_size_partitioner(parts)
        with module.Graph().as_default(), module.Session() as session:
            scope = "old" if name == "everything" else "new"
            with module.variable_scope(scope, initializer=module.ones_initializer()):
                w = module.get_variable("w", [3, 2], partitioner=partitioner)
                b = module.get_variable("b", [2])
            n = module.get_variable("n", initializer=9)
            variables = {"new/w": list(w) if parts else w, "new/b": b}
            module.train.init_from_checkpoint(prefix, MAPS[name](variables))
            session.run(module.global_variables_initializer())
            found.append([np.array(session.run(module.convert_to_tensor(x))) for x in (w, b, n)])
    for ours, theirs in zip(*found, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert found[0][0].ravel().tolist() == list(range(6))


@pytest.mark.parametrize(
    ("assignments", "words"),
    [
        ({"old/x": "new/w"}, "Tensor old/x is not found in"),
        ({"old/": "other/"}, "Tensor old/v (other/v in other/) is not found in"),
        ({"old/b": "new/w"}, "Shape of variable new/w ((3, 2)) doesn't match with shape of"),
        ({"old/": "new/none"}, "there is no variable new/none"),
        ({"n": "new/"}, "Should be 'scope/': 'other_scope/'"),
    ],
)
def test_what_does_not_fit(prefix, assignments, words):
    tf.get_variable("new/w", [3, 2])
    tf.get_variable("other/v", [3, 2])
    with pytest.raises(ValueError) as caught:
        tf.train.init_from_checkpoint(prefix, assignments)
    assert words in str(caught.value)


def test_contrib_assigns(prefix, mode):
    w = tf.get_variable("old/w", [3, 2])
    other = tf.get_variable("other", [2], initializer=tf.zeros_initializer())
    op, feeds = tf.contrib.framework.assign_from_checkpoint(prefix, {"old/w": w, "old/b": other})
    with tf.Session() as session:
        session.run(op, feeds)
        assert session.run(other).tolist() == [5.0, 6.0]
        assert session.run(w).ravel().tolist() == list(range(6))
        with pytest.raises(ValueError, match=r"Checkpoint is missing variable \[other\]"):
            tf.contrib.framework.assign_from_checkpoint(prefix, [w, other])
        session.run(w.assign(w * 0))
        restore = tf.contrib.framework.assign_from_checkpoint_fn(
            prefix, [w, other], ignore_missing_vars=True
        )
        restore(session)
        assert session.run(w).ravel().tolist() == list(range(6))
