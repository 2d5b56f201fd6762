"""Device names against TensorFlow's, nested scopes against the devices its ops get."""

import contextlib
from types import SimpleNamespace

import pytest

import graphmode as tf
from graphmode.framework import device

NAMES = [
    "",
    "/gpu:0",
    "/cpu:0",
    "/GPU",
    "gpu:2",
    "/CPU:*",
    "/device:GPU:1",
    "/device:gpu:0",
    "/device:tpu:0",
    "/device:XLA_GPU:0",
    "/device:CPU:*",
    "/job:ps",
    "/job:ps/task:1",
    "/replica:2/task:3/job:w/device:CPU:4",
]
REFUSED = ["/foo:1", "/cpu:0/gpu:1", "/cpu:a", "/job:a:b", "/device:GPU", "cpu:0:1"]


@pytest.mark.parametrize("name", NAMES + REFUSED)
def test_parsing_is_tensorflows(oracle, outcome, name):
    for use in ("from_string({!r})", "from_string({!r}).to_string()"):
        expression = "tf.DeviceSpec." + use.format(name)
        assert outcome(expression, tf=device) == outcome(expression, tf=oracle)


@pytest.mark.parametrize(
    "expression",
    [
        "tf.DeviceSpec(job='a', device_type='gpu')",
        "tf.DeviceSpec(device_index=1).to_string()",
        "tf.DeviceSpec(job=0, task='3').to_string()",
        "tf.DeviceSpec(task='x')",
        "tf.DeviceSpec(job='a', device_type='gpu') == tf.DeviceSpec(job='a', device_type='GPU')",
        "tf.DeviceSpec(job='a') == '/job:a'",
        "hash(tf.DeviceSpec(job='a')) == hash(tf.DeviceSpec(job='a'))",
        "tf.DeviceSpec(job='a').parse_from_string('/task:2')",
        "tf.DeviceSpec(job='a', replica=4).make_merged_spec(tf.DeviceSpec(task=2, job='b'))",
        "tf.DeviceSpec(job='a', task=1).replace(task=None, replica=5)",
    ],
)
def test_spec_is_tensorflows(oracle, outcome, expression):
    assert outcome(expression, tf=device) == outcome(expression, tf=oracle)


def test_a_spec_can_be_changed_in_place(oracle):
    for module in (device, oracle):
        spec = module.DeviceSpec.from_string("/job:ps/cpu:3")
        spec.merge_from(module.DeviceSpec(device_type="gpu", task=1))
        spec.job = "worker"
        assert spec.to_string() == "/job:worker/task:1/device:GPU:3"


NESTED = [
    ["/gpu:0"],
    ["/cpu:0", "/job:ps/task:1"],
    ["/job:ps/task:1", "/cpu:0"],
    ["/job:ps", "/job:worker/replica:2", "/gpu:1"],
    ["/gpu:1", "/cpu"],
    ["/gpu:1", "/job:a", ""],
]


@pytest.mark.parametrize("names", NESTED, ids="|".join)
def test_nested_scopes_are_tensorflows(oracle, names):
    with contextlib.ExitStack() as scopes:
        scopes.enter_context(oracle.Graph().as_default())
        for name in names:
            scopes.enter_context(oracle.device(name))
        expected = oracle.no_op().device
    op = SimpleNamespace(device=None)
    for name in reversed(names):
        op.device = device.merge_device(name)(op)
    assert op.device == expected


def test_merge_device_checks_the_name_at_once():
    with pytest.raises(ValueError, match="Unknown attribute 'gpus' is encountered"):
        device.merge_device("/gpus:0")


def test_merge_device_keeps_a_function():
    assert device.merge_device(repr) is repr


def test_canonical_name():
    assert device.canonical_name(None) == ""
    assert device.canonical_name("/gpu:0") == "/device:GPU:0"
    assert device.canonical_name(device.DeviceSpec(job="ps")) == "/job:ps"


def _placed(tf):
    """Devices and groups of ops made inside of nested `device` and `colocate_with` blocks."""
    found = []

    def note(*scopes):
        with contextlib.ExitStack() as stack:
            for scope in scopes:
                stack.enter_context(scope)
            op = tf.no_op()
        found.append((op.device, op.colocation_groups()))

    beside = tf.colocate_with
    a = tf.no_op(name="a")
    with tf.device("/cpu:0"):
        b = tf.no_op(name="b")
    note(beside(b))
    note(tf.device("/cpu:2"), beside(a))
    note(tf.device("/cpu:2"), beside(b))
    note(beside(a), beside(b))
    note(beside(b), beside(a))
    note(beside(a), tf.device("/cpu:5"))
    note(beside(b), tf.device("/gpu:5"))
    note(beside(a), beside(None, ignore_existing=True))
    note(beside(a), beside(b, ignore_existing=True))
    note(tf.device("/cpu:1"), beside(None, ignore_existing=True))
    note(tf.device("/cpu:1"), tf.device(None), tf.device("/gpu:2"))
    note(tf.device("/job:ps"), tf.device(lambda op: "/gpu:1" if op.type == "NoOp" else ""))
    note(tf.device(lambda op: "/device:CPU:0"), tf.device("/gpu:1"), tf.device("/task:2"))
    return found


def test_blocks_that_place_are_tensorflows(oracle):
    with oracle.Graph().as_default():
        expected = _placed(oracle)
    assert _placed(tf) == expected


def test_beside_two_the_outer_place_counts_as_in_1_15():
    with tf.device("/cpu:0"):
        a = tf.no_op()
    with tf.device("/gpu:1"):
        b = tf.no_op()
    with tf.colocate_with(b), tf.colocate_with(a):
        assert tf.no_op().device == "/device:GPU:1"
    with tf.colocate_with(a), tf.colocate_with(b):
        assert tf.no_op().device == "/device:CPU:0"


def test_to_forget_no_place_is_refused():
    with (
        pytest.raises(ValueError, match=r"^Trying to reset colocation \(op is None\) but"),
        tf.colocate_with(None),
    ):
        pass


@pytest.mark.parametrize("beside", [False, True])
def test_sums_of_gradients_are_beside_what_they_add_of_each_device(beside):
    v = tf.Variable([1.0, 2.0], name="v")
    with tf.device("/cpu:1"):
        far = tf.exp(v, name="far")
        farther = tf.tan(v, name="farther")
    y = tf.reduce_sum(tf.sin(v, name="near") + tf.cos(v, name="nearer") + far + farther)
    (gradient,) = tf.gradients(y, v, colocate_gradients_with_ops=beside)
    assert gradient.op.type == "AddN"
    parts = [t.op for t in gradient.op.inputs] if beside else [gradient.op]
    assert [part.device for part in parts] == (["", "/device:CPU:1"] if beside else [""])
    for part in parts:
        assert part.type == "AddN"
        assert part.colocation_groups() == part.inputs[0].op.colocation_groups()
