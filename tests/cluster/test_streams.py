"""The streams that runs go by: read by the thread that waits, or by gRPC's own."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

import graphmode as tf
from graphmode.cluster import streams
from graphmode.cluster.wire import grpc


@pytest.fixture(scope="module")
def address(free_addresses):
    (ps,) = free_addresses(1)
    return ps


@pytest.fixture(scope="module", autouse=True)
def ps(address, processes):
    return processes.start({"ps": [address]}, "ps", 0)


@pytest.fixture(params=["direct", "watched"])
def target(request, address, monkeypatch):
    """A ps that has forgotten all, and a graph; by each of the two kinds of streams."""
    if request.param == "watched":
        monkeypatch.setattr(streams, "_core", None)  # a release of gRPC that has no such calls
    tf.Session.reset("grpc://" + address)
    with tf.Graph().as_default(), tf.device("/job:ps/task:0"):
        yield "grpc://" + address


def test_two_threads_step_a_session_at_once(target):
    n, steps = 200_000, 20  # two pieces each way
    x = tf.placeholder(tf.float32, [None])
    count, total = tf.Variable(0), tf.Variable(tf.zeros([n]))
    count_one = tf.assign_add(count, 1, use_locking=True)
    add = tf.assign_add(total, x, use_locking=True)
    sums = tf.identity(x) * 2.0
    wrong = []

    def work(sess, k):
        mine = np.full(n, k, np.float32)
        for _ in range(steps):
            sess.run([count_one, add], {x: mine})
            if not (sess.run(sums, {x: mine}) == 2 * k).all():
                wrong.append(k)

    with tf.Session(target) as sess:
        sess.run(tf.global_variables_initializer())
        threads = [threading.Thread(target=work, args=(sess, k)) for k in (1, 2)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        assert not wrong
        assert sess.run(count) == 2 * steps
        np.testing.assert_array_equal(sess.run(total), np.full(n, 3.0 * steps, np.float32))


def test_runs_that_wait_end_and_leave_the_session_as_it_was(target):
    q = tf.FIFOQueue(4, tf.int32, shapes=[[]], shared_name="q")
    take, give, seven = q.dequeue(), q.enqueue(7), tf.constant(7)
    soon = tf.RunOptions(timeout_in_ms=100)
    with tf.Session(target, config=tf.ConfigProto(operation_timeout_in_ms=200)) as sess:
        for options in (None, soon):
            with pytest.raises(tf.errors.DeadlineExceededError):
                sess.run(take, options=options)
        sess.run(give)
        assert sess.run(take) == 7
        assert sess.run(seven) == sess.run(seven) == 7
    with tf.Session(target) as sess:
        assert sess.run(q.size()) == 0
        interrupted = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
        interrupted.start()
        with pytest.raises(KeyboardInterrupt):
            sess.run(take)
        interrupted.join()
        sess.run(give)  # nobody waits for it any more, or the one that did took it
        if not sess.run(q.size()):
            sess.run(give)
        assert sess.run(take) == 7


def test_a_session_is_closed_while_one_of_its_runs_waits(target):
    take = tf.FIFOQueue(4, tf.int32, shapes=[[]], shared_name="q").dequeue()
    one, found = tf.constant(1), []
    sess = tf.Session(target)
    assert sess.run(one) == 1

    def wait():
        try:
            sess.run(take)
        except tf.errors.OpError as error:
            found.append(error)

    before = threading.active_count()
    waiting = threading.Thread(target=wait)
    waiting.start()
    time.sleep(0.2)
    sess.close()
    sess.close()
    waiting.join(10)
    assert [type(error) for error in found] == [tf.errors.CancelledError]
    with pytest.raises(RuntimeError, match="Attempted to use a closed Session"):
        sess.run(one)
    for _ in range(100):
        if threading.active_count() < before:
            break
        time.sleep(0.05)
    assert threading.active_count() < before  # its streams have taken their threads with them


def test_a_stream_after_its_end(address):
    """A message too large is refused, and what follows says so again, and waits for nothing."""
    channel = grpc.insecure_channel(address)
    with contextlib.closing(channel):
        stream = streams.open_stream(channel, "/graphmode.cluster.Task/Converse")
        assert isinstance(stream, streams.Direct)
        stream.send(b"0" * (5 << 20))
        for _ in range(2):
            with pytest.raises(streams.StreamEndedError) as caught:
                stream.receive()
            assert caught.value.code is grpc.StatusCode.RESOURCE_EXHAUSTED
        stream.send(b"more")
        stream.cancel()
        stream.cancel()
        unknown = streams.open_stream(channel, "/graphmode.cluster.Task/Sing")
        unknown.send(b"", [b"la", b"la"])
        with pytest.raises(streams.StreamEndedError) as caught:
            unknown.receive()
        assert caught.value.code is grpc.StatusCode.UNIMPLEMENTED


SCRIPT = """
import os, sys
import graphmode as tf
server = tf.train.Server.create_local_server()
from graphmode.cluster.channels import channel_to
from graphmode.cluster.wire import grpc
channel = channel_to(server.target.removeprefix("grpc://"))
grpc.channel_ready_future(channel).result(10)  # ends with the server, when the process does
with tf.device("/job:ps/task:0"):
    v = tf.Variable(1.0)
    more = v.assign_add(1.0)
sess = tf.Session("grpc://" + sys.argv[1])
sess.run(v.initializer)
sess.run(more)
pid = os.fork()
if pid == 0:
    os._exit(0)
os.waitpid(pid, 0)
print(sess.run(more))
"""


def test_a_fork_between_steps_and_what_is_said_at_the_end(address):
    """The streams of the parent go on; gRPC says nothing of connections that end."""
    environment = {k: v for k, v in os.environ.items() if k != "GRPC_VERBOSITY"}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, address], capture_output=True, text=True, env=environment
    )
    assert done.stdout == "3.0\n", done.stderr
    assert not re.search(r"goaway|^[IW]\d{4} ", done.stderr, re.IGNORECASE | re.MULTILINE)


def test_a_ps_that_is_killed_in_a_step(address, ps):
    """The last test of these: the ps is gone."""
    with tf.Graph().as_default(), tf.device("/job:ps/task:0"):
        q = tf.FIFOQueue(4, tf.int32, shapes=[[]])
        with tf.Session("grpc://" + address) as sess:
            assert sess.run(q.size()) == 0
            killed = threading.Timer(0.2, ps.kill)
            killed.start()
            started = time.monotonic()
            with pytest.raises(tf.errors.UnavailableError) as caught:
                sess.run(q.dequeue())
            assert time.monotonic() - started < 15
            assert f"/job:ps/replica:0/task:0 at {address} cannot be reached" in str(caught.value)
