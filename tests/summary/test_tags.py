"""Names of nodes, tags, collections: of `tf.summary` and of the functions before 1.0."""

import pytest

import graphmode as gm


def run(tf, call):
    """(tag, value) of the summary that `call` makes, and the nodes of its graph."""
    graph = tf.Graph()
    with graph.as_default(), tf.Session() as session:
        serialized = session.run(call(tf))
    values = gm.Summary.FromString(serialized).value
    nodes = [(op.name, op.type) for op in graph.get_operations()]
    return [(value.tag, value.simple_value) for value in values], nodes


@pytest.mark.parametrize(
    ("name", "family", "tag"),
    [
        ("loss", None, "outer/loss"),
        ("/my loss: 1", None, "outer/my_loss__1"),
        ("loss", "test set", "test_set/outer/test_set/loss"),
    ],
)
def test_tags_as_tensorflow_makes_them(oracle, name, family, tag):
    def call(tf):
        with tf.name_scope("outer"):
            return tf.summary.scalar(name, tf.constant(1.5), family=family)

    assert run(gm, call)[0] == [(tag, 1.5)]
    assert run(gm, call) == run(oracle, call)


def test_a_name_taken_twice_gets_a_tag_of_its_own(oracle):
    def call(tf):
        tf.summary.scalar("loss", 1.0)
        tf.summary.scalar("loss", 2.0)
        return tf.summary.merge_all()

    assert run(gm, call)[0] == [("loss", 1.0), ("loss_1", 2.0)]
    assert run(gm, call) == run(oracle, call)


def test_merge_all_by_collection_and_scope(oracle):
    def call(tf):
        for scope in ("train", "test"):
            with tf.name_scope(scope):
                tf.summary.scalar("a", 1.0)
                tf.summary.scalar("b", 2.0, collections=["mine"])
                tf.summary.scalar("c", 3.0, collections=[])
        return tf.summary.merge(
            [tf.summary.merge_all(scope="te"), tf.summary.merge_all("mine", name="of mine")]
        )

    assert run(gm, call)[0] == [("test/a", 1.0), ("train/b", 2.0), ("test/b", 2.0)]
    assert run(gm, call) == run(oracle, call)


def test_merge_all_of_nothing_is_none():
    with gm.Graph().as_default():
        assert gm.summary.merge_all() is None
        assert gm.merge_all_summaries() is None


def test_merge_wants_a_list():
    with gm.Graph().as_default(), pytest.raises(TypeError, match="Expected list for 'inputs'"):
        gm.summary.merge(gm.summary.scalar("a", 1.0))


def test_a_summary_without_a_name():
    with gm.Graph().as_default(), pytest.raises(ValueError, match="A summary needs a name"):
        gm.summary.scalar(None, 1.0)


def test_names_before_1_0_take_the_tag_itself():
    def call(tf):
        tf.scalar_summary("my loss: 1", tf.constant(0.5))
        tf.scalar_summary(["p", "q"], tf.constant([1.0, 2.0]), name="both")
        tf.histogram_summary("weights", tf.constant([1.0, 2.0]))
        tf.image_summary("pictures", tf.zeros([2, 3, 5, 1]), max_images=2)
        tf.audio_summary("noise", tf.zeros([1, 7]), 8000.0)
        tf.merge_summary([tf.scalar_summary("alone", 3.0, collections=[])], collections=["mine"])
        return tf.merge_all_summaries()

    values, nodes = run(gm, call)
    assert values == [
        ("my loss: 1", 0.5),
        ("p", 1.0),
        ("q", 2.0),
        ("weights", 0.0),
        ("pictures/image/0", 0.0),
        ("pictures/image/1", 0.0),
        ("noise/audio/0", 0.0),
    ]
    names = [name for name, op_type in nodes if op_type.endswith(("Summary", "SummaryV2"))]
    assert names == [
        "ScalarSummary",
        "both",
        "HistogramSummary",
        "ImageSummary",
        "AudioSummary",
        "ScalarSummary_1",
        "MergeSummary",
        "Merge/MergeSummary",
    ]
