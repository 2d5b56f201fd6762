"""`tf.contrib.gan.gan_train` and its hooks; numbers of models, losses, steps: tests/golden."""

import numpy as np
import pytest

import graphmode as tf

gan = tf.contrib.gan


@pytest.fixture
def steps():
    """Steps that count themselves, and the counters."""
    with tf.Graph().as_default():
        counts = [tf.get_variable(name, [], initializer=tf.zeros_initializer()) for name in "gd"]
        ops = [count.assign_add(1.0) for count in counts]
        step = tf.train.get_or_create_global_step().assign_add(1)
        yield gan.GANTrainOps(*ops, step), counts


class Recorder(tf.train.SessionRunHook):
    """Keeps what the counters are after each step."""

    def __init__(self, fetches):
        self.fetches = fetches
        self.seen = []

    def before_run(self, run_context):
        return tf.train.SessionRunArgs(self.fetches)

    def after_run(self, run_context, run_values):
        self.seen.append([float(value) for value in run_values.results])


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (gan.get_sequential_train_hooks, [[2, 3], [4, 6], [6, 9]]),
        (gan.get_joint_train_hooks, [[2, 3], [4, 6], [6, 9]]),
    ],
)
def test_hooks_take_so_many_steps_of_each(make, expected, steps, mode, tmp_path):
    ops, counts = steps
    recorder = Recorder(counts)
    stop = tf.train.StopAtStepHook(num_steps=3)
    number = gan.gan_train(
        ops,
        str(tmp_path),
        get_hooks_fn=make(gan.GANTrainSteps(2, 3)),
        hooks=[stop, recorder],
        save_checkpoint_secs=None,
        save_summaries_steps=None,
    )
    assert number == 3
    assert [after for after in recorder.seen if after[0]][-1] == expected[-1]


def test_joint_hooks_run_both_at_once_while_they_can(steps):
    ops, _ = steps
    hooks = gan.get_joint_train_hooks(gan.GANTrainSteps(3, 5))(ops)
    assert [(hook._ops, hook._steps) for hook in hooks] == [
        ([ops.generator_train_op, ops.discriminator_train_op], 3),
        ([ops.generator_train_op], 0),
        ([ops.discriminator_train_op], 2),
    ]


def test_train_goes_on_from_its_checkpoint(tmp_path):
    for expected in (2, 4):
        with tf.Graph().as_default():
            step = tf.train.get_or_create_global_step().assign_add(1)
            found = tf.contrib.training.train(
                step, str(tmp_path), hooks=[tf.train.StopAtStepHook(num_steps=2)]
            )
            assert found == expected


def test_train_needs_a_folder_for_what_it_writes():
    with pytest.raises(ValueError, match="logdir cannot be None when save_summaries_steps is not"):
        tf.contrib.training.train(None, None)
    with pytest.raises(ValueError, match="logdir cannot be None when save_checkpoint_secs is not"):
        tf.contrib.training.train(None, None, save_summaries_steps=None)


def test_a_generator_learns_the_data(mode):
    with tf.Graph().as_default(), tf.Session() as sess:
        tf.set_random_seed(3)
        real = tf.random_normal([64, 1], mean=3.0, stddev=0.5)

        def generator(noise):
            return tf.layers.dense(noise, 1)

        def discriminator(data, unused):
            return tf.layers.dense(tf.layers.dense(data, 8, tf.nn.tanh), 1)

        model = gan.gan_model(generator, discriminator, real, tf.random_normal([64, 2]))
        loss = gan.gan_loss(
            model,
            gan.losses.modified_generator_loss,
            gan.losses.modified_discriminator_loss,
            add_summaries=False,
        )
        ops = gan.gan_train_ops(
            model, loss, tf.train.AdamOptimizer(0.05), tf.train.AdamOptimizer(0.05)
        )
        sess.run(tf.global_variables_initializer())
        for _ in range(150):
            sess.run(ops.discriminator_train_op)
            sess.run(ops.generator_train_op)
        drawn = np.concatenate([sess.run(model.generated_data) for _ in range(10)])
        assert abs(drawn.mean() - 3.0) < 1.0


def test_synchronous_steps_of_both_networks(tmp_path):
    """Each network's optimizer has its tokens; they count by steps of their own."""
    with tf.Graph().as_default():
        noise = tf.ones([4, 1])
        model = gan.gan_model(
            lambda z: z * tf.get_variable("w", [], initializer=tf.zeros_initializer()),
            lambda x, _: x * tf.get_variable("v", [], initializer=tf.ones_initializer()),
            tf.ones([4, 1]),
            noise,
        )
        loss = gan.gan_loss(model, add_summaries=False)
        optimizers = [
            tf.train.SyncReplicasOptimizer(tf.train.GradientDescentOptimizer(rate), 1, name=name)
            for rate, name in ((0.1, "of_g"), (0.05, "of_d"))
        ]
        ops = gan.gan_train_ops(model, loss, *optimizers)
        assert len(ops.train_hooks) == 2
        number = gan.gan_train(
            ops, str(tmp_path), hooks=[tf.train.StopAtStepHook(num_steps=4)],
            save_summaries_steps=None,
        )  # fmt: skip
        assert number == 4
    reader = tf.train.NewCheckpointReader(tf.train.latest_checkpoint(str(tmp_path)))
    known = reader.get_variable_to_shape_map()
    assert {"dummy_global_step_generator", "dummy_global_step_discriminator"} <= known.keys()
    assert reader.get_tensor("Generator/w") != 0
    assert reader.get_tensor("Discriminator/v") != 1


def test_a_saver_swaps_averages_and_variables(tmp_path):
    with tf.Graph().as_default(), tf.Session() as sess:
        w = tf.get_variable("w", initializer=[1.0, 2.0])
        optimizer = tf.contrib.opt.MovingAverageOptimizer(
            tf.train.GradientDescentOptimizer(0.5), average_decay=0.5
        )
        step = optimizer.minimize(tf.reduce_sum(w))
        saver = optimizer.swapping_saver()
        sess.run(tf.global_variables_initializer())
        sess.run(step)
        path = saver.save(sess, str(tmp_path / "model"))
        tf.train.Saver().restore(sess, path)
        assert np.array_equal(sess.run(w), [0.75, 1.75])


def test_names_of_before_1_0(mode):
    with tf.Graph().as_default(), tf.Session() as sess:
        logits, targets = tf.constant([0.5, -2.0]), tf.constant([1.0, 0.0])
        loss = tf.nn.sigmoid_cross_entropy_with_logits
        found = sess.run(
            [
                loss(labels=targets, logits=logits),
                loss(logits=logits, targets=targets),
                loss(logits, targets=targets),
            ]
        )
        assert np.array_equal(found[0], found[1]) and np.array_equal(found[0], found[2])
        with pytest.raises(ValueError, match="Only call `sigmoid_cross_entropy_with_logits` with"):
            loss(logits, targets)
        images = tf.zeros([4, 2, 2, 1])
        text = sess.run(tf.summary.image("x", images, max_images=2))
        assert [v.tag for v in tf.Summary.FromString(text).value] == ["x/image/0", "x/image/1"]
