"""Synchronous replicas, whose processes one script starts: each step takes every worker's rows.

python sync_processes.py DATA_FOLDER
"""

import multiprocessing
import socket
import sys

import numpy as np
import tensorflow as tf
from tensorflow.examples.tutorials.mnist import input_data

N_WORKERS = 2
STEPS = 40
ROWS = 200


def free_ports(n):
    sockets = [socket.socket() for _ in range(n)]
    for each in sockets:
        each.bind(("localhost", 0))
    ports = ["localhost:%d" % each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def serve(cluster):
    tf.train.Server(cluster, job_name="ps", task_index=0).join()


def work(cluster, index, images, labels, said, ended):
    is_chief = index == 0
    server = tf.train.Server(cluster, job_name="worker", task_index=index)
    place = tf.train.replica_device_setter(
        worker_device="/job:worker/task:%d" % index, cluster=cluster
    )
    with tf.device(place):
        x = tf.placeholder(tf.float32, [None, 784])
        y_ = tf.placeholder(tf.int64, [None])
        w = tf.get_variable("w", [784, 10], initializer=tf.zeros_initializer())
        b = tf.get_variable("b", [10], initializer=tf.zeros_initializer())
        logits = tf.matmul(x, w) + b
        loss = tf.losses.sparse_softmax_cross_entropy(y_, logits)
        accuracy = tf.reduce_mean(tf.cast(tf.equal(tf.argmax(logits, 1), y_), tf.float32))
        global_step = tf.train.get_or_create_global_step()
        opt = tf.train.SyncReplicasOptimizer(
            tf.train.GradientDescentOptimizer(0.5),
            replicas_to_aggregate=N_WORKERS,
            total_num_replicas=N_WORKERS,
        )
        train_op = opt.minimize(loss, global_step=global_step)
    hooks = [opt.make_session_run_hook(is_chief, num_tokens=0)]
    config = tf.ConfigProto(
        device_filters=["/job:ps", "/job:worker/task:%d" % index], allow_soft_placement=True
    )
    steps = []
    with tf.train.MonitoredTrainingSession(
        master=server.target, is_chief=is_chief, hooks=hooks, config=config,
        stop_grace_period_secs=1,
    ) as sess:  # fmt: skip
        for i in range(STEPS):
            at = (i * N_WORKERS + index) * ROWS
            rows = {x: images[at : at + ROWS], y_: labels[at : at + ROWS]}
            steps.append(int(sess.run(train_op, rows)))
        found = sess.run_step_fn(
            lambda step_context: step_context.session.run(
                [accuracy, w, b], {x: images[-2000:], y_: labels[-2000:]}
            )
        )
        said.put((index, steps, [np.asarray(value).tolist() for value in found]))
        said.close()
        said.join_thread()
        if is_chief:  # it makes the steps of the others
            ended.wait()


def main():
    mnist = input_data.read_data_sets(sys.argv[1], validation_size=0)
    images, labels = mnist.train.images[:18000], mnist.train.labels[:18000].astype(np.int64)
    ps, workers = free_ports(1), free_ports(N_WORKERS)
    cluster = {"ps": ps, "worker": workers}
    said, ended = multiprocessing.Queue(), multiprocessing.Event()
    processes = [multiprocessing.Process(target=serve, args=(cluster,))]
    for index in range(N_WORKERS):
        arguments = (cluster, index, images, labels, said, ended)
        processes.append(multiprocessing.Process(target=work, args=arguments))
    for process in processes:
        process.daemon = True
        process.start()
    told = sorted(said.get() for _ in range(N_WORKERS))
    for index, steps, (accuracy, w, b) in told:
        in_turn = steps == list(range(1, STEPS + 1))
        print("worker %d: steps in turn %s, accuracy %.3f" % (index, in_turn, accuracy))
        if index == 0:
            w, b = np.array(w), np.array(b)
            print("w %.6f %.6f" % (np.abs(w).sum(), w[400, 3]))
            print("b", *("%.6f" % value for value in b))
    ended.set()
    for process in processes[1:]:
        process.join(10)
    for process in processes:
        process.terminate()
        process.join()


if __name__ == "__main__":
    main()
