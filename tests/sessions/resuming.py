"""A model whose steps draw random numbers, decay their rate and follow averages, and its training.

Run as a program it trains in a folder up to a step and prints each step that it has made.
"""

import hashlib
import sys

import numpy as np

import graphmode as tf


def model():
    """What trains, and all variables."""
    tf.set_random_seed(11)
    step = tf.train.get_or_create_global_step()
    x = tf.random_normal([5, 4], seed=3)
    w = tf.get_variable("w", [4, 3], initializer=tf.random_normal_initializer(seed=2))
    hidden = tf.nn.dropout(tf.nn.relu(x @ w), 0.7)  # seeded by the graph
    v = tf.get_variable("v", [3, 1], initializer=tf.ones_initializer())
    loss = tf.reduce_mean(tf.square(hidden @ v - tf.reduce_sum(x, 1, keepdims=True)))
    rate = tf.train.exponential_decay(0.1, step, 3, 0.5)
    trained = tf.train.AdamOptimizer(rate).minimize(loss, global_step=step)
    average = tf.train.ExponentialMovingAverage(0.9)
    with tf.control_dependencies([trained]):
        train = average.apply([w, v])
    tf.summary.scalar("loss", loss)
    return train, loss


def digest(session):
    """The bytes of all variables."""
    values = session.run({v.op.name: v for v in tf.global_variables()})
    content = b"".join(
        name.encode() + np.asarray(values[name]).tobytes() for name in sorted(values)
    )
    return int(values["global_step"]), hashlib.sha256(content).hexdigest()


class Last(tf.train.SessionRunHook):
    """Keeps the digest of the end, and says each step."""

    def __init__(self, say=None):
        self.say = say

    def after_run(self, run_context, run_values):
        if self.say:
            self.say(int(run_context.session.run(tf.train.get_global_step())))

    def end(self, session):
        self.seen = digest(session)


def monitored(folder, last_step, say=None, saves=4):
    """Train by a MonitoredTrainingSession that goes on from what is in the folder."""
    with tf.Graph().as_default():
        train, _ = model()
        last = Last(say)
        with tf.train.MonitoredTrainingSession(
            checkpoint_dir=str(folder), save_checkpoint_steps=saves, save_summaries_steps=3,
            hooks=[tf.train.StopAtStepHook(last_step=last_step), last],
        ) as session:  # fmt: skip
            while not session.should_stop():
                session.run(train)
    tf.summary.FileWriterCache.clear()
    return last.seen


def by_saver(folder, last_step):
    """Train by a plain session that restores and saves by itself."""
    with tf.Graph().as_default(), tf.Session() as session:
        train, _ = model()
        saver = tf.train.Saver()
        session.run(tf.global_variables_initializer())
        newest = tf.train.latest_checkpoint(str(folder))
        if newest:
            saver.restore(session, newest)
        while session.run(tf.train.get_global_step()) < last_step:
            session.run(train)
        saver.save(session, f"{folder}/m", global_step=tf.train.get_global_step())
        return digest(session)


def supervised(folder, last_step):
    """Train by a Supervisor that goes on from what is in the folder."""
    with tf.Graph().as_default():
        train, _ = model()
        supervisor = tf.train.Supervisor(logdir=str(folder), save_model_secs=0)
        with supervisor.managed_session(start_standard_services=False) as session:
            while session.run(supervisor.global_step) < last_step:
                session.run(train)
            supervisor.saver.save(session, supervisor.save_path, supervisor.global_step)
            return digest(session)


if __name__ == "__main__":
    where, until = sys.argv[1], int(sys.argv[2])
    print(*monitored(where, until, lambda step: print("step", step, flush=True)), flush=True)
