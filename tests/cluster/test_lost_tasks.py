"""What happens when tasks die, come back, never come, or are not what they should be."""

import json
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import graphmode as tf
from graphmode.cluster import agreement, master, messages, service
from graphmode.cluster.wire import grpc

SERVE = Path(__file__).with_name("serve.py")


@pytest.fixture(scope="module")
def cluster(free_addresses):
    ps, a, b = free_addresses(3)
    return {"ps": [ps], "worker": [a, b]}


@pytest.fixture(scope="module")
def target(cluster):
    return tf.train.Server(cluster, "worker", 0).target


ALONE = tf.ConfigProto(device_filters=["/job:ps", "/job:worker/task:0"])


def test_a_ps_that_is_killed_and_comes_back(cluster, target, processes, tmp_path):
    ps = processes.start(cluster, "ps", 0)
    with tf.Graph().as_default():
        with tf.device("/job:ps/task:0"):
            step = tf.train.get_or_create_global_step()
            v = tf.get_variable("v", [], initializer=tf.zeros_initializer())
            train = tf.group(v.assign_add(1.0), step.assign_add(1))
        # A session of one's own gets an error, soon, that says who is gone.
        with tf.Session(target, config=ALONE) as sess:
            sess.run(tf.global_variables_initializer())
            sess.run(train)
            ps.kill()
            ps.wait()
            started = time.monotonic()
            with pytest.raises(tf.errors.UnavailableError) as caught:
                sess.run(train)
            assert time.monotonic() - started < 15
            assert f"/job:ps/replica:0/task:0 at {cluster['ps'][0]} cannot be reached" in str(
                caught.value
            )
            ps = processes.start(cluster, "ps", 0)
            for _ in range(100):  # until the connection has been made again
                try:
                    sess.run(train)
                except tf.errors.UnavailableError:
                    time.sleep(0.1)
                except tf.errors.AbortedError as error:
                    assert "started again" in str(error)
                    break
            else:
                pytest.fail("the new ps was not told from the old one")
        # A monitored one makes another session and restores the checkpoint.
        with tf.train.MonitoredTrainingSession(
            target, checkpoint_dir=str(tmp_path), save_checkpoint_steps=1, config=ALONE,
            save_checkpoint_secs=None,
        ) as sess:  # fmt: skip
            for _ in range(3):
                sess.run(train)
            ps.kill()
            ps.wait()
            processes.start(cluster, "ps", 0)
            sess.run(train)
            values = sess.run([v, step])
        assert values[0] == values[1] and values[1] in (3, 4)


def test_a_worker_that_never_comes_is_named(cluster, target, processes, monkeypatch, capsys):
    monkeypatch.setattr(master, "_PATIENCE", 0.2)
    with tf.Session(target) as sess, pytest.raises(tf.errors.DeadlineExceededError) as caught:
        sess.run(tf.constant(1), options=tf.RunOptions(timeout_in_ms=1000))
    worker = "/job:worker/replica:0/task:1"
    assert f"still waiting for response from worker: {worker}" in str(caught.value)
    said = capsys.readouterr().err
    assert f"CreateSession still waiting for response from worker: {worker}\n" in said
    # It goes on waiting: when the worker is there, so is the session.
    found = []
    with tf.Graph().as_default():
        with tf.device("/job:worker/task:1"):
            one = tf.constant(1) + 1
        with tf.Session(target) as sess:
            thread = threading.Thread(target=lambda: found.append(sess.run(one)))
            thread.start()
            processes.start(cluster, "worker", 1)
            thread.join(30)
    assert found == [2]


def test_who_dies_takes_nothing_out_of_a_queue(cluster, target, processes):
    code = (
        "import sys, graphmode as tf\n"
        "with tf.device('/job:ps/task:0'):\n"
        "    q = tf.FIFOQueue(4, tf.int32, shapes=[[]], shared_name='q')\n"
        "with tf.Session(sys.argv[1], config=tf.ConfigProto(device_filters=['/job:ps'])) as sess:\n"
        "    print(sess.run(q.size()), flush=True)\n"
        "    sess.run(q.dequeue())\n"
    )
    command = [sys.executable, "-c", code, "grpc://" + cluster["ps"][0]]
    waiting = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    with tf.device("/job:ps/task:0"):
        q = tf.FIFOQueue(4, tf.int32, shapes=[[]], shared_name="q")
        give, take, size = q.enqueue(5), q.dequeue(), q.size()
    with tf.Session(target, config=ALONE) as sess:
        assert waiting.stdout.readline() == "0\n"
        waiting.kill()
        waiting.wait()
        waiting.stdout.close()
        sess.run(give)
        if sess.run(size):
            assert sess.run(take) == 5
        else:  # the other one had not been found dead when the element came
            sess.run(give)
            assert sess.run(take) == 5


def refused(cluster, job, index, **changes):
    with pytest.raises(tf.errors.OpError) as caught:
        tf.train.Server({**cluster, **changes}, job, index)
    return str(caught.value)


def test_servers_that_cannot_be(cluster, target):
    assert "cannot listen at" in refused(cluster, "worker", 0)  # it is there already
    assert "in use" in refused(cluster, "worker", 0)
    assert "does not resolve" in refused(cluster, "ps", 0, ps=["no.such.host.invalid:2222"])
    assert "Cannot assign requested" in refused(cluster, "ps", 0, ps=["192.0.2.1:2222"])
    assert 'Could not parse port for local server from "nowhere"' in refused(
        cluster, "ps", 0, ps=["nowhere"]
    )
    assert "Task 3 was not defined in job" in refused(cluster, "ps", 3)
    with pytest.raises(ValueError, match="No such job in cluster: 'moon'"):
        tf.train.Server(cluster, "moon")
    with pytest.raises(ValueError, match="Must specify an explicit `job_name`"):
        tf.train.Server(cluster)
    with pytest.raises(tf.errors.UnimplementedError, match=r'protocol: "grpc\+verbs"'):
        tf.train.Server(cluster, "ps", 0, protocol="grpc+verbs")


def test_tasks_that_disagree_about_the_cluster(cluster, target, free_addresses):
    (mine,) = free_addresses(1)
    (elsewhere,) = free_addresses(1)
    other = {"ps": [elsewhere], "worker": [mine, cluster["worker"][1]]}
    # A worker that takes the running one for its ps, and one that takes it for another worker.
    wrong = {"db": [cluster["worker"][0]], "chief": [mine]}
    here = tf.train.Server(wrong, "chief", 0).target
    with tf.Session(here) as sess, pytest.raises(tf.errors.InvalidArgumentError) as caught:
        sess.run(tf.constant(1))
    assert re.search("/job:worker/replica:0/task:0 answers at .* where /job:db", str(caught.value))
    (mine,) = free_addresses(1)
    other = {"ps": [elsewhere], "worker": cluster["worker"][:1], "chief": [mine]}
    here = tf.train.Server(other, "chief", 0).target
    only = tf.ConfigProto(device_filters=["/job:worker"])
    disagree = pytest.raises(tf.errors.InvalidArgumentError, match="tasks disagree about the clus")
    with tf.Session(here, config=only) as sess, disagree:
        sess.run(tf.constant(1))


def said(target, *frames):
    """What a task answers to frames of somebody's own making."""
    channel = grpc.insecure_channel(target.removeprefix("grpc://"))
    answers = channel.stream_stream(service.METHOD)(iter(frames))
    try:
        return [messages.message("Frame").FromString(answer) for answer in answers]
    except grpc.RpcError as error:
        return error.code()
    finally:
        channel.close()


def hello(**changes):
    frame = messages.message("Frame")()
    agreement.introduce(frame.hello, None)
    frame.hello.session, frame.hello.task = "one", "somebody"
    for field, value in changes.items():
        setattr(frame.hello, field, value)
    return frame.SerializeToString()


def test_messages_that_do_not_fit(target, monkeypatch):
    (answer,) = said(target, b"\xff\xff damaged")
    assert answer.refusal.code == tf.errors.DATA_LOSS
    (answer,) = said(target, hello(protocol=77, version="9.9"))
    assert "somebody runs graphmode 9.9 (cluster protocol 77)" in answer.refusal.message
    assert "install the same version" in answer.refusal.message
    welcome, answer = said(target, hello(), b"\xff")
    assert welcome.welcome.job == "worker" and answer.refusal.code == tf.errors.DATA_LOSS
    frame = messages.message("Frame")()
    frame.run.feeds.add(dtype=1, shape=[3], content=b"1234567")
    _, answer = said(target, hello(), frame.SerializeToString())
    assert "7 bytes are no array of shape (3,)" in answer.refusal.message
    frame.run.feeds[0].follows = 9
    _, answer = said(target, hello(), frame.SerializeToString(), b"0123456789")
    assert "a piece of 10 bytes came where 9 were due" in answer.refusal.message
    assert said(target, hello(), b"0" * (5 << 20)) is grpc.StatusCode.RESOURCE_EXHAUSTED
    monkeypatch.setattr(service, "is_known", lambda peer, cluster: False)
    (answer,) = said(target, hello())
    assert answer.refusal.code == tf.errors.PERMISSION_DENIED


def test_strangers_are_told_from_machines_of_the_cluster():
    cluster = tf.train.ClusterSpec({"ps": ["192.0.2.7:2222"], "worker": ["[2001:db8::1]:2222"]})
    known = [agreement.is_known(peer, cluster) for peer in (
        "ipv4:192.0.2.7:40000", "ipv6:%5B2001:db8::1%5D:40000", "ipv4:127.0.0.1:40000",
        "ipv4:192.0.2.8:40000", "ipv6:%5B2001:db8::2%5D:40000",
    )]  # fmt: skip
    assert known == [True, True, True, False, False]


def test_a_fork_after_jax_has_started(cluster):
    code = (
        "import os, sys, json, graphmode as tf\n"
        "x = tf.placeholder(tf.float32, [])\n"
        "tf.Session(mode='compiled').run(x + 1.0, {x: 1.0})\n"
        "pid = os.fork()\n"
        "if pid == 0:\n"
        "    try:\n"
        "        tf.train.Server(json.loads(sys.argv[1]), 'ps', 0)\n"
        "    except tf.errors.FailedPreconditionError as error:\n"
        "        print(error, flush=True)\n"
        "    os._exit(0)\n"
        "os.waitpid(pid, 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, json.dumps(cluster)], capture_output=True, text=True
    )
    assert "tf.train.Server was called in a process that was forked" in done.stdout, done.stderr
    assert "multiprocessing.get_context('spawn')" in done.stdout


def test_importing_graphmode_imports_no_grpc():
    code = "import sys, graphmode as tf; tf.Session().run(tf.constant(1)); "
    code += "print('grpc' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "False\n"


def test_a_session_that_its_task_does_not_know_any_more(target):
    welcome, *_ = said(target, hello())
    (answer,) = said(target, hello(incarnation=welcome.welcome.incarnation, session="another"))
    assert answer.refusal.code == tf.errors.ABORTED
    assert "the connection was lost" in answer.refusal.message
