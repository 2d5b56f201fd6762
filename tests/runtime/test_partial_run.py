"""`Session.partial_run`: values, order and texts are those of TensorFlow 1.15.5."""

import pytest

import graphmode as tf


class Steps:
    """``(a + b) * c`` in a session, fed and fetched bit by bit."""

    def __init__(self):
        self.a, self.b, self.c = (tf.placeholder(tf.float32, [], name=n) for n in "abc")
        self.total = self.a + self.b
        self.product = self.total * self.c
        self.sess = tf.Session()

    def set_up(self, fetches=None, feeds=None):
        fetches = [self.total, self.product] if fetches is None else fetches
        feeds = [self.a, self.b, self.c] if feeds is None else feeds
        self.handle = self.sess.partial_run_setup(fetches, feeds)
        return self

    def run(self, fetches, feed_dict=None):
        return self.sess.partial_run(self.handle, fetches, feed_dict)


@pytest.fixture
def steps(mode):
    with tf.Graph().as_default():
        yield Steps()


def test_values_are_fed_and_fetched_bit_by_bit(steps):
    s = steps.set_up()
    assert s.handle == "a:0,b:0,c:0->add:0,mul:0//1/;0"
    assert s.run(s.total, {s.a: 1, s.b: 2}) == 3
    assert s.run({"p": [s.product]}, {s.c: 4}) == {"p": [12]}
    s.set_up(["add:0", "mul:0"], ["a:0", s.b, s.c])
    assert s.run([], {s.a: 1}) == []
    assert s.run(["add:0", s.total], {"b:0": 1}) == [2, 2]
    assert s.run("mul:0", {s.c: 3}) == 6
    s.set_up([s.total.op, s.product])
    assert s.run([s.product], {s.a: 1, s.b: 1, s.c: 5}) == [10]


def test_two_runs_are_apart(steps):
    s = steps.set_up()
    first = s.handle
    s.set_up()
    assert s.run(s.total, {s.a: 1, s.b: 2}) == 3
    assert s.sess.partial_run(first, s.total, {s.a: 5, s.b: 2}) == 7
    assert s.run(s.product, {s.c: 2}) == 6
    assert s.sess.partial_run(first, s.product, {s.c: 2}) == 14


REFUSED = {
    "fetched twice": (
        [("total", "ab"), ("total", "")],
        "The fetch add:0 has already been fetched.",
    ),
    "fed twice": ([("total", "ab"), ("product", "a")], "The feed a:0 has already been fed."),
    "over": (
        [("total product", "abc"), ("product", "")],
        "Must run 'setup' before performing partial runs!",
    ),
    "too early": (
        [("product", "ab")],
        "Fetch c:0 can't be computed from the feeds that have been fed so far.",
    ),
    "not enough": (
        [("total", "a")],
        "Fetch b:0 can't be computed from the feeds that have been fed so far.",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_done_is_refused_and_ends_the_run(case, steps):
    runs, text = REFUSED[case]
    s = steps.set_up()
    *before, (fetches, fed) = [
        ([getattr(s, name) for name in names.split()], {getattr(s, n): 1.0 for n in fed})
        for names, fed in runs
    ]
    for earlier in before:
        s.run(*earlier)
    with pytest.raises(tf.errors.InvalidArgumentError) as raised:
        s.run(fetches, fed)
    assert text in str(raised.value)
    with pytest.raises(tf.errors.InvalidArgumentError, match="Must run 'setup' before"):
        s.run(s.product)


def test_what_was_not_set_up_is_refused(steps):
    s = steps
    invalid = tf.errors.InvalidArgumentError
    s.set_up([s.total], [s.a, s.b])
    with pytest.raises(invalid, match=r"The fetch mul:0 was not specified in partial_run_setup."):
        s.run(s.product, {s.a: 1, s.b: 2})
    s.set_up([s.total], [s.a, s.b])
    with pytest.raises(invalid, match=r"The feed c:0 was not specified in partial_run_setup."):
        s.run(s.total, {s.c: 1})
    s.set_up([s.total], [s.a])
    with pytest.raises(invalid, match="You must feed a value for placeholder tensor 'b' with"):
        s.run(s.total, {s.a: 1})
    s.set_up([s.total.op, s.product])
    with pytest.raises(RuntimeError, match=r"partial_run\(\) requires empty target_list."):
        s.run(s.total.op, {s.a: 1, s.b: 2})
    with pytest.raises(invalid, match=r"Must specify at least one target to fetch or execute."):
        s.set_up([])
    with pytest.raises(invalid, match='Endpoint "a:0" fed more than once'):
        s.set_up([s.total], [s.a, s.a])
    with pytest.raises(ValueError, match="Fetch argument 'zz:0' cannot be interpreted as a"):
        s.set_up(["zz:0"])
    s.set_up()
    with pytest.raises(ValueError, match=r"Cannot feed value of shape \(1,\) for Tensor 'a:0'"):
        s.run(s.total, {s.a: [1.0]})
    s.sess.close()
    for call in (s.set_up, lambda: s.run(s.total, {s.a: 1, s.b: 2})):
        with pytest.raises(RuntimeError, match=r"Attempted to use a closed Session."):
            call()
    with pytest.raises(RuntimeError, match=r"The Session graph is empty."):
        tf.Session(graph=tf.Graph()).partial_run_setup([s.total])


def test_each_op_runs_once(steps):
    s = steps
    drawn = tf.random_normal([])
    counter = tf.Variable(0.0)
    counted = counter.assign_add(1.0)
    with tf.control_dependencies([counted]):
        after = s.c * 2.0
    later = drawn + counted + s.c
    s.sess.run(counter.initializer)
    first = drawn + 0.0
    s.set_up([first, counted, after, later], [s.c])
    number, count = s.run([first, counted])
    s.sess.run(counter.assign(7.0))
    assert count == 1
    assert s.run([after, later], {s.c: 5}) == [10, pytest.approx(number + 6)]
    assert s.sess.run(counter) == 7


def test_what_is_given_out_is_the_callers(steps):
    x = tf.placeholder(tf.float32, [3])
    double, more = x * 2.0, x * 2.0 + steps.c
    more = double + steps.c
    steps.set_up([double, more], [x, steps.c])
    found = steps.run(double, {x: [1, 2, 3]})
    found[:] = 0
    assert steps.run(more, {steps.c: 1}).tolist() == [3, 5, 7]


def test_branches_and_loops_run_once_what_they_read_is_there(steps):
    s = steps
    looped = tf.while_loop(lambda i, x: i < 3, lambda i, x: (i + 1, x + s.total), [0, s.c])[1]
    chosen = tf.cond(s.c > 2.0, lambda: s.total, lambda: looped)
    s.set_up([s.total, looped, chosen])
    assert s.run(s.total, {s.a: 1, s.b: 2}) == 3
    assert s.run([looped, chosen], {s.c: 1}) == [10, 10]


def test_an_error_of_an_op_ends_the_run(steps):
    s = steps
    checked = tf.check_numerics(1 / s.a, "no number")
    s.set_up([checked, s.total], [s.a, s.b])
    with pytest.raises(tf.errors.InvalidArgumentError, match="no number : Tensor had Inf values"):
        s.run(checked, {s.a: 0})
    with pytest.raises(tf.errors.InvalidArgumentError, match="Must run 'setup' before"):
        s.run(s.total, {s.b: 1})
