"""Devices: each stage runs on its own, those of different devices at the same time."""

import itertools
import json
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

import graphmode as tf
from graphmode.runtime.places import platforms
from graphmode.runtime.places.devices import Devices
from graphmode.runtime.programs.cache import cache

TOWERS = """
import json, sys
import numpy as np
import graphmode as tf

n = int(sys.argv[1])
config = tf.ConfigProto(device_count={"CPU": 4})
session = tf.Session(config=config, mode=sys.argv[2])
x, y = tf.placeholder(tf.float32, [None, 200]), tf.placeholder(tf.float32, [None, 1])
optimizer = tf.train.MomentumOptimizer(0.01, 0.9)
xs, ys = (tf.split(x, n), tf.split(y, n)) if n > 1 else ([x], [y])
losses, gradients = [], []
for i in range(n):
    with tf.device(f"/cpu:{i}"), tf.variable_scope("", reuse=i > 0):
        h = xs[i]
        for k in range(3):
            start = tf.random_normal_initializer(stddev=0.07, seed=k)
            with tf.device("/cpu:0"):
                w = tf.get_variable(f"w{k}", [200, 200 if k < 2 else 1], initializer=start)
            h = tf.matmul(h, w)
            h = tf.tanh(h) if k < 2 else h
        losses.append(tf.reduce_mean(tf.square(h - ys[i])))
        gradients.append(optimizer.compute_gradients(losses[-1]))
with tf.device("/cpu:0"):
    averages = [
        (tf.reduce_mean(tf.stack([gradient for gradient, _ in pairs]), 0), pairs[0][1])
        for pairs in zip(*gradients)
    ]
    train = optimizer.apply_gradients(averages)
    loss = tf.add_n(losses) / n
generator = np.random.default_rng(0)
inputs = generator.standard_normal((800, 200), np.float32)
feed = {x: inputs, y: np.tanh(inputs[:, :1])}
session.run(tf.global_variables_initializer())
values = [float(session.run([train, loss], feed)[1]) for _ in range(50)]
options, metadata = tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE), tf.RunMetadata()
spans = []
for _ in range(5):
    session.run([train, losses], feed, options=options, run_metadata=metadata)
    spans.append([
        (device.device[-6:], node.all_start_nanos, node.all_start_nanos + node.all_end_rel_nanos)
        for device in metadata.step_stats.dev_stats
        for node in device.node_stats
    ])
print(json.dumps({"losses": values, "spans": spans, "compiles": session.stats().compiles}))
"""


def train(n, mode):
    command = [sys.executable, "-W", "error", "-c", TOWERS, str(n), mode]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def one_tower():
    return train(1, "interpreted")["losses"]


@pytest.mark.parametrize("mode", ["interpreted", "compiled"])
def test_four_towers_train_as_one(mode, one_tower):
    seen = train(4, mode)
    np.testing.assert_allclose(seen["losses"], one_tower, rtol=1e-5)
    assert one_tower[-1] < 0.5 * one_tower[0]
    if mode == "compiled":
        check_overlap(seen)


def check_overlap(seen):
    """Each tower on its own device, and in some run two at the same time."""
    overlaps = 0
    for spans in seen["spans"]:
        assert {device for device, _, _ in spans} == {f":CPU:{i}" for i in range(4)}
        towers = sorted((start, end) for device, start, end in spans if device != ":CPU:0")
        overlaps += any(later < end for (_, end), (later, _) in itertools.pairwise(towers))
    assert overlaps > 0
    # Splitting and the first tower, three towers, averages with the step; the loss; variables.
    assert seen["compiles"] <= 7


def run_here(program, *arguments):
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.run(command, capture_output=True, text=True)


LOGGED = """
import numpy as np
import graphmode as tf

config = tf.ConfigProto(device_count={"CPU": 2}, log_device_placement=True)
with tf.device("/cpu:1"):
    x = tf.placeholder(tf.float32, [2], name="x")
    y = tf.sin(x, name="y")
z = tf.add(y, 1.0, name="z")
with tf.Session(config=config, mode="compiled") as sess:
    assert len(sess.list_devices()) == 2
    value = sess.run(z, {x: np.zeros(2)})
    sess.run(z, {x: np.zeros(2)})
    sess.mode = "interpreted"
    sess.run(z, {x: np.zeros(2)})
print(value.tolist())
"""


def test_where_ops_really_ran_is_logged_once_for_each_way():
    done = run_here(LOGGED)
    assert done.stdout == "[1.0, 1.0]\n", done.stderr
    prefix = "/job:localhost/replica:0/task:0/device:"
    logged = [line for line in done.stderr.splitlines() if line.startswith(("y:", "z:"))]
    assert logged == [
        f"y: (Sin): {prefix}CPU:1",
        f"z: (AddV2): {prefix}CPU:0",
        f"y: (Sin): {prefix}CPU:0",
        f"z: (AddV2): {prefix}CPU:0",
    ]


def graph_with_devices(*names):
    tensors = []
    for name in names:
        with tf.device(name):
            tensors.append(tf.constant(1.0) + 1.0)
    return tensors


@pytest.mark.parametrize("name", ["/cpu:1", "/gpu:0", "/device:TPU:3", "/job:ps/task:1"])
def test_an_absent_device_is_refused_with_what_there_is(mode, name):
    with tf.Graph().as_default(), tf.Session() as sess:
        (y,) = graph_with_devices(name)
        with pytest.raises(tf.errors.InvalidArgumentError) as caught:
            sess.run(y)
    text = str(caught.value)
    assert "Cannot assign a device for operation" in text
    assert "available devices are [ /job:localhost/replica:0/task:0/device:CPU:0 ]" in text
    assert "allow_soft_placement=True" in text
    assert "tests/runtime/test_places.py" in text or "test_places.py:" in text
    assert ("device_count={'CPU': 2}" in text) == (name == "/cpu:1")


@pytest.mark.parametrize("inside", ["branch", "loop"])
def test_an_absent_device_inside_of_a_branch_or_loop_is_refused(mode, inside):
    def far(x):
        with tf.device("/gpu:0"):
            return x + 1.0

    with tf.Graph().as_default(), tf.Session() as sess:
        x = tf.constant(1.0)
        if inside == "branch":
            y = tf.cond(x > 0, lambda: far(x), lambda: x)
        else:
            y = tf.while_loop(lambda i: i < 3.0, far, [x])
        with pytest.raises(tf.errors.InvalidArgumentError, match="assigned to /device:GPU:0"):
            sess.run(y)


def test_with_soft_placement_it_runs_where_it_can(mode):
    config = tf.ConfigProto(allow_soft_placement=True)
    with tf.Graph().as_default(), tf.Session(config=config) as sess:
        assert sess.run(graph_with_devices("/cpu:1", "/gpu:0", "")) == [2.0, 2.0, 2.0]


def test_more_devices_than_jax_has_share_them_and_say_so(mode):
    import jax

    n = len(jax.devices("cpu")) + 1
    config = tf.ConfigProto(device_count={"CPU": n})
    with tf.Graph().as_default(), pytest.warns(RuntimeWarning, match="after JAX has started"):
        sess = tf.Session(config=config)
    with sess, sess.graph.as_default():
        v = tf.Variable(1.0)
        with tf.device(f"/cpu:{n - 1}"):
            y = tf.sin(v) * 2.0
        sess.run(v.initializer)
        np.testing.assert_allclose(sess.run(y + 1.0), 2 * np.sin(1.0) + 1, rtol=1e-6)


def test_one_device_is_one_program(compiled):
    with tf.Graph().as_default(), tf.Session() as sess:
        with tf.device("/cpu:0"):
            x = tf.placeholder(tf.float32, [3])
            v = tf.Variable([1.0, 2.0, 3.0])
        with tf.device("/device:CPU:0"):
            y = tf.reduce_sum(x * v)
        step = tf.train.GradientDescentOptimizer(0.5).minimize(y)
        sess.run(v.initializer)
        before = sess.stats().compiles
        sess.run([step, y], {x: np.ones(3)})
        assert sess.stats().compiles - before <= 1
        assert sess.run(v).tolist() == [0.5, 1.5, 2.5]


PINNED = """
import numpy as np
import graphmode as tf

with tf.device("/cpu:0"):
    v = tf.Variable(np.arange(4.0), name="v")
with tf.device("/cpu:1"):
    w = tf.Variable(np.ones(4), name="w")
    y = v * w
    swap = tf.assign(w, y)  # where w is, whatever block it is made in
with tf.device("/cpu:0"):
    z = tf.reduce_sum(y) + tf.reduce_max(w)
    back = tf.assign_add(w, v)
config = tf.ConfigProto(device_count={"CPU": 2})
with tf.Session(config=config, mode="compiled") as sess:
    sess.run(tf.global_variables_initializer())
    out = [sess.run([y, z])]
    out.append(sess.run([back, v]))
    out.append(sess.run([swap, z]))
    for _ in range(3):
        out.append(sess.run([tf.identity(w), v]))
    for part in out:
        print([np.asarray(value).tolist() for value in part])
"""


def test_values_cross_between_devices():
    done = run_here(PINNED)
    assert done.returncode == 0, done.stderr
    first, second, third, *rest = [json.loads(line) for line in done.stdout.splitlines()]
    assert first == [[0.0, 1.0, 2.0, 3.0], 7.0]
    assert second == [[1.0, 2.0, 3.0, 4.0], [0.0, 1.0, 2.0, 3.0]]
    assert third[0] == [0.0, 2.0, 6.0, 12.0]
    assert rest == [[[0.0, 2.0, 6.0, 12.0], [0.0, 1.0, 2.0, 3.0]]] * 3


COUNTS = """
import graphmode as tf

four = tf.Session(config=tf.ConfigProto(device_count={"CPU": 4}))
two = tf.Session(config=tf.ConfigProto(device_count={"CPU": 2}))
print([len({device.handle for device in session.list_devices()}) for session in (four, two)])
"""


def test_a_session_with_fewer_devices_takes_none_from_another():
    assert run_here(COUNTS).stdout == "[4, 2]\n"


def test_programs_that_take_one_core(monkeypatch):
    monkeypatch.setattr(platforms, "PLATFORMS", dict(platforms.PLATFORMS))
    platforms.take_one_core()
    cache.clear()
    random = np.random.default_rng(0)
    try:
        with tf.Graph().as_default(), tf.Session(mode="compiled") as sess:
            x = tf.placeholder(tf.float32, [None, 12, 12, 3])
            images = tf.nn.conv2d(x, random.normal(size=(5, 5, 3, 16)), 1, "SAME")
            strided = tf.nn.conv2d(
                tf.nn.relu(images), random.normal(size=(3, 3, 16, 5)), 2, "VALID"
            )
            flat = tf.reshape(strided, [-1, 125])
            product = tf.matmul(flat, tf.ones([125, 70]))
            total = tf.reduce_sum(tf.abs(product), 1)
            value = random.normal(size=(300, 12, 12, 3)).astype(np.float32)
            fetches = [strided, product, total, tf.gradients(total, x)[0]]
            found = sess.run(fetches, {x: value})
            (text,) = [program._platform.compiler_options for program in cache.programs]
            with tf.Session(mode="interpreted") as other:
                wanted = other.run(fetches, {x: value})
        assert "INDIVIDUAL_CONVOLUTION" in text["xla_cpu_experimental_ynn_fusion_type"]
        for one, same in zip(found, wanted, strict=True):
            np.testing.assert_allclose(one, same, rtol=1e-4, atol=1e-3 * np.abs(same).max())
    finally:
        platforms.platform.cache_clear()
        cache.clear()


@pytest.mark.parametrize(
    ("visible", "expected"),
    [("", [0, 1, 2]), ("1", [1]), ("2,0", [2, 0]), ("1,1", [1]), ("3", "id '3'"), ("a", "id 'a'")],
)
def test_a_session_sees_the_gpus_that_it_lists(monkeypatch, visible, expected):
    """Of those of its own process, as Horovod's programs give each rank one."""
    import jax

    cpus = jax.local_devices(backend="cpu")
    gpus = [SimpleNamespace(platform="gpu", id=10 + i) for i in range(3)]
    monkeypatch.setattr(jax, "local_devices", lambda backend=None: cpus if backend else gpus)
    options = tf.GPUOptions(visible_device_list=visible)
    found = Devices(tf.ConfigProto(gpu_options=options))
    if isinstance(expected, str):
        with pytest.raises(tf.errors.InvalidArgumentError, match=f"{expected} but visible .* is 3"):
            assert found.all
        return
    assert [(d.name[-5:], d.handle) for d in found.all[1:]] == [
        (f"GPU:{i}", gpus[number]) for i, number in enumerate(expected)
    ]
    assert found.default.handle is gpus[expected[0]]
