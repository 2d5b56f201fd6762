"""tf.train.Supervisor: its session starts the queue runners; training goes on where it was saved."""

import os

import numpy as np
import tensorflow as tf

LOGDIR = "supervised"


def build(num_epochs):
    table = np.arange(18, dtype=np.float32).reshape(9, 2) / 10.0
    row = tf.train.slice_input_producer([table], num_epochs=num_epochs, shuffle=False)[0]
    rows = tf.train.batch([row], batch_size=3)
    mean = tf.get_variable("mean", [2], initializer=tf.zeros_initializer())
    distance = tf.reduce_mean(tf.reduce_sum(tf.square(rows - mean), axis=1), name="distance")
    global_step = tf.train.create_global_step()
    train_op = tf.train.GradientDescentOptimizer(0.05).minimize(distance, global_step=global_step)
    tf.summary.scalar("distance", distance)
    return train_op, distance, global_step, mean


def train(num_epochs):
    with tf.Graph().as_default():
        train_op, distance, global_step, mean = build(num_epochs)
        sv = tf.train.Supervisor(
            logdir=LOGDIR,
            global_step=global_step,
            save_model_secs=0,
            save_summaries_secs=0,
            local_init_op=tf.local_variables_initializer(),
        )
        with sv.managed_session() as sess:
            print("begins at", sess.run(global_step))
            try:
                while not sv.should_stop():
                    _, value, step = sess.run([train_op, distance, global_step])
                    if step % 4 == 1:
                        print("distance %.5f" % value)
            except tf.errors.OutOfRangeError:
                print("no more input")
            sv.saver.save(sess, sv.save_path, global_step=global_step)
            print("mean", ["%.5f" % v for v in sess.run(mean)], "at", sess.run(global_step))
            sv.request_stop()
        print("stopped", sv.coord.should_stop())


train(num_epochs=3)
train(num_epochs=2)
print(sorted(f for f in os.listdir(LOGDIR) if f.endswith(".index")))
