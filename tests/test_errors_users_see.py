"""Every way to misuse a graph or a session: the error, its words, the user's line, the fix.

Each mistake is made with graphmode and with TensorFlow. The class and the words that people search
for are TensorFlow's; the line and the fix are graphmode's own. After each one the session goes on
working and no variable has changed.
"""

import re
from dataclasses import dataclass

import numpy as np
import pytest

import graphmode


@dataclass
class Mistake:
    """`make(tf, sess)` raises `error` with `words`; graphmode's text also has each of `also`."""

    make: object
    error: type | str
    words: str
    also: tuple[str, ...] = ()


MISTAKES: dict[str, Mistake] = {}


def mistake(error, words, *also):
    """Register the decorated function as a mistake."""

    def register(make):
        MISTAKES[make.__name__] = Mistake(make, error, words, also)
        return make

    return register


# ---- running -------------------------------------------------------------------------------------


@mistake(
    "FailedPreconditionError",
    "Attempting to use uninitialized value",
    "a_weight",
    "a_bias",
    r"test_errors_users_see\.py:\d+",
    re.escape('b = tf.Variable(2.0, name="a_bias")'),
    r"fix: sess\.run\(tf\.global_variables_initializer\(\)\)",
)
def uninitialised_variables(tf, sess):
    w = tf.Variable(1.0, name="a_weight")
    b = tf.Variable(2.0, name="a_bias")
    sess.run(w + b)


@mistake(
    "FailedPreconditionError",
    "Attempting to use uninitialized value",
    r"fix: sess\.run\(tf\.local_variables_initializer\(\)\)",
)
def uninitialised_local_variable(tf, sess):
    count = tf.Variable(0, collections=[tf.GraphKeys.LOCAL_VARIABLES], trainable=False)
    sess.run(count + 1)


@mistake(
    "InvalidArgumentError",
    r"You must feed a value for placeholder tensor 'images' with dtype float and shape \[\?,3\]",
    re.escape('x = tf.placeholder(tf.float32, [None, 3], name="images")'),
    re.escape("fix: sess.run(..., feed_dict={'images:0': ...})"),
)
def missing_feed(tf, sess):
    x = tf.placeholder(tf.float32, [None, 3], name="images")
    sess.run(x * 2.0)


@mistake(
    ValueError,
    r"Cannot feed value of shape \(2,\) for Tensor .?images:0.?, which has shape .?\(.+, 3\)",
    re.escape('x = tf.placeholder(tf.float32, [None, 3], name="images")'),
)
def feed_of_another_shape(tf, sess):
    x = tf.placeholder(tf.float32, [None, 3], name="images")
    sess.run(x * 2.0, {x: np.zeros(2)})


@mistake(ValueError, "could not convert string to float", "images:0", "float32")
def feed_of_another_dtype(tf, sess):
    x = tf.placeholder(tf.float32, [], name="images")
    sess.run(x * 2.0, {x: "hello"})


@mistake(ValueError, "inhomogeneous", "images:0")
def feed_of_a_ragged_list(tf, sess):
    x = tf.placeholder(tf.float32, name="images")
    sess.run(x * 2.0, {x: [[1.0, 2.0], [3.0]]})


@mistake(TypeError, "The value of a feed cannot be a tf.Tensor object", "sess.run")
def feed_of_a_tensor(tf, sess):
    x = tf.placeholder(tf.float32, [], name="images")
    sess.run(x * 2.0, {x: tf.constant(1.0)})


@mistake(TypeError, "Cannot interpret feed_dict key as Tensor", "imges:0")
def feed_of_a_name_that_is_not_there(tf, sess):
    x = tf.placeholder(tf.float32, [], name="images")
    sess.run(x * 2.0, {"imges:0": 1.0})


@mistake(TypeError, "Cannot interpret feed_dict key as Tensor")
def feed_of_a_key_that_is_no_tensor(tf, sess):
    x = tf.placeholder(tf.float32, [], name="images")
    sess.run(x * 2.0, {3: 1.0})


@mistake(TypeError, "Cannot interpret feed_dict key as Tensor.*is not an element of this graph")
def feed_of_another_graph(tf, sess):
    with tf.Graph().as_default():
        other = tf.placeholder(tf.float32, [])
    sess.run("alive:0", {other: 1.0})


@mistake(ValueError, r"(?s)cannot be interpreted as a Tensor.*is not an element of this graph")
def fetch_of_another_graph(tf, sess):
    with tf.Graph().as_default():
        other = tf.constant(1.0)
    sess.run(other)


@mistake(
    ValueError,
    "alve:0'? cannot be interpreted as a Tensor.*The operation, 'alve', does not exist",
    "Similar names: alive",
)
def fetch_of_a_name_that_is_not_there(tf, sess):
    sess.run("alve:0")


@mistake(TypeError, r"(Fetch argument|Argument `fetch` =) None has invalid type")
def fetch_of_none(tf, sess):
    sess.run([tf.constant(1.0), None])


@mistake(TypeError, r"(Fetch argument|Argument `fetch` =) 3 has invalid type")
def fetch_of_a_number(tf, sess):
    sess.run(3)


@mistake(RuntimeError, r"Attempted to use a closed Session\.")
def closed_session(tf, sess):
    other = tf.Session()
    other.close()
    other.run(tf.constant(1.0))


@mistake(RuntimeError, r"The Session graph is empty\.")
def empty_graph(tf, sess):
    tf.Session(graph=tf.Graph()).run("x:0")


@mistake(ValueError, "No default session is registered", r"with sess\.as_default\(\)")
def no_default_session(tf, sess):
    x = tf.constant(1.0)
    with tf.Graph().as_default():
        pass
    x.eval()


@mistake(
    "InvalidArgumentError",
    "bad loss : Tensor had NaN values",
    re.escape('tf.check_numerics(x - x, "bad loss")'),
)
def nan_under_check_numerics(tf, sess):
    x = tf.placeholder(tf.float32, [])
    checked = tf.check_numerics(x - x, "bad loss")
    sess.run([checked, tf.assign(tf.trainable_variables()[0], 9.0)], {x: np.inf})


@mistake("InvalidArgumentError", "bad loss : Tensor had Inf values")
def infinity_under_check_numerics(tf, sess):
    x = tf.placeholder(tf.float32, [])
    sess.run(tf.check_numerics(1.0 / x, "bad loss"), {x: 0.0})


@mistake("InvalidArgumentError", r"(?s)assertion failed: \[x must be positive\] \[-1\]")
def failed_assertion(tf, sess):
    x = tf.placeholder(tf.float32, [])
    with tf.control_dependencies([tf.Assert(x > 0.0, ["x must be positive", x])]):
        y = tf.identity(x)
    sess.run(y, {x: -1.0})


@mistake(
    "InvalidArgumentError",
    r"Incompatible shapes: \[2\] vs\. \[3\]",
    "the_sum",
    re.escape('total = tf.add(x, y, name="the_sum")'),
    re.escape("y = tf.placeholder(tf.float32, [None])"),
)
def shapes_that_do_not_match_when_run(tf, sess):
    x = tf.placeholder(tf.float32, [None])
    y = tf.placeholder(tf.float32, [None])
    total = tf.add(x, y, name="the_sum")
    sess.run(total, {x: np.zeros(2), y: np.zeros(3)})


@mistake(
    "InvalidArgumentError",
    r"Matrix size-incompatible: In\[0\]: \[2,3\], In\[1\]: \[4,5\]",
    re.escape("product = tf.matmul(x, y)"),
)
def matrices_that_do_not_match_when_run(tf, sess):
    x = tf.placeholder(tf.float32, [None, None])
    y = tf.placeholder(tf.float32, [None, None])
    product = tf.matmul(x, y)
    sess.run(product, {x: np.zeros((2, 3)), y: np.zeros((4, 5))})


@mistake(
    "InvalidArgumentError", r"indices\[1\] = 7 is not in \[0, 5\)", re.escape("row = tf.gather")
)
def an_index_outside(tf, sess):
    i = tf.placeholder(tf.int32, [None])
    row = tf.gather(tf.zeros([5, 3]), i)
    sess.run(row, {i: [4, 7]})


@mistake(
    "InvalidArgumentError",
    "Cannot assign a device for operation.*/device:GPU:7",
    "allow_soft_placement",
    re.escape('x = tf.constant(1.0, name="on_a_gpu")'),
)
def a_device_that_is_not_there(tf, sess):
    with tf.Graph().as_default(), tf.device("/gpu:7"):
        x = tf.constant(1.0, name="on_a_gpu")
    with tf.Session(graph=x.graph) as other:
        other.run(x)


# ---- building ------------------------------------------------------------------------------------


@mistake(
    ValueError,
    r"Dimensions must be equal, but are 3 and 4 for '.*MatMul.* input shapes: \[2,3\], \[4,5\]",
    re.escape("tf.matmul(a, b)"),
    re.escape("b = tf.zeros([4, 5])"),
)
def matrices_that_cannot_match(tf, sess):
    a = tf.zeros([2, 3])
    b = tf.zeros([4, 5])
    tf.matmul(a, b)


@mistake(
    ValueError,
    r"Dimensions must be equal, but are 3 and 4 for '.*AddV2.* with input shapes: \[3\], \[4\]",
)
def shapes_that_cannot_match(tf, sess):
    tf.zeros([3]) + tf.zeros([4])


@mistake(ValueError, "Cannot reshape a tensor with 6 elements to shape")
def a_reshape_that_cannot_be(tf, sess):
    tf.reshape(tf.zeros([2, 3]), [4, 2])


@mistake(
    (TypeError, ValueError),
    "int32.*float32|float32.*int32",
    r"fix: tf\.cast\(Const.*, tf\.float32\)",
)
def dtypes_that_do_not_match(tf, sess):
    tf.constant(1) + tf.constant(1.0)


@mistake(
    TypeError,
    r"Value passed to parameter '.*' (of '\w+' )?has DataType string not in list of allowed values",
)
def dtype_that_an_op_does_not_take(tf, sess):
    tf.matmul([["a"]], [["b"]])


@mistake((TypeError, ValueError), r"Expected int32.*1\.5|Cannot convert 1\.5 to .*int32")
def a_value_that_does_not_fit_its_dtype(tf, sess):
    tf.constant(1.5, tf.int32)


@mistake(
    TypeError,
    "Expected int32, (but )?got None",
    r"The shape \[None, 3\] cannot be filled: .*use tf\.shape\(x\)\[0\]",
)
def zeros_of_a_size_not_known_yet(tf, sess):
    tf.zeros([None, 3])


@mistake(
    ValueError,
    r"Cannot convert a partially known TensorShape .*to a Tensor",
    r"The shape \[None, 5\] cannot be filled: .*use tf\.shape\(x\)\[0\]",
)
def ones_of_the_shape_of_a_placeholder(tf, sess):
    tf.ones(tf.placeholder(tf.float32, [None, 5]).shape)


@mistake(
    ValueError,
    r"'a b' is not a valid (root )?scope name\.",
    r"Allowed are letters, digits and \. _ - / \\ >, the first of which is a letter, a digit or",
)
def scope_name_with_a_blank(tf, sess):
    with tf.name_scope("a b"):
        pass


@mistake(ValueError, r"None values not supported\.")
def none_for_a_tensor(tf, sess):
    tf.constant(1.0) + tf.convert_to_tensor(None)


@mistake(
    ValueError,
    r"(?s)Variable w already exists, disallowed\. Did you mean to set reuse=True or "
    r"reuse=tf\.AUTO_REUSE in VarScope\?",
    r"test_errors_users_see\.py:\d+",
    re.escape('tf.get_variable("w", [2, 3])'),
)
def get_variable_twice(tf, sess):
    tf.get_variable("w", [2, 3])
    tf.get_variable("w", [2, 3])


@mistake(
    ValueError,
    r"Variable layer/w does not exist, or was not created with tf\.get_variable\(\)\. Did you mean "
    r"to set reuse=tf\.AUTO_REUSE in VarScope\?",
)
def reuse_of_what_does_not_exist(tf, sess):
    with tf.variable_scope("layer", reuse=True):
        tf.get_variable("w", [2, 3])


@mistake(
    ValueError, r"Trying to share variable w, but specified shape \(4, 5\) and found shape \(2, 3\)"
)
def reuse_with_another_shape(tf, sess):
    tf.get_variable("w", [2, 3])
    with tf.variable_scope(tf.get_variable_scope(), reuse=True):
        tf.get_variable("w", [4, 5])


@mistake(RuntimeError, r"Graph is finalized and cannot be modified\.")
def changing_a_finalized_graph(tf, sess):
    with tf.Graph().as_default() as graph:
        graph.finalize()
        tf.constant(1.0)


@mistake(
    LookupError,
    r"No gradient defined for operation ?'Unique' \(op type: Unique\)",
    r"tf\.stop_gradient",
    re.escape("y, _ = tf.unique(x)"),
)
def a_path_without_a_gradient(tf, sess):
    x = tf.constant([1.0, 2.0])
    y, _ = tf.unique(x)
    tf.gradients(y, x)


@mistake(ValueError, "No gradients provided for any variable")
def a_loss_without_variables(tf, sess):
    tf.train.GradientDescentOptimizer(0.1).minimize(tf.constant(1.0))


@mistake(ValueError, "initial_value")
def a_variable_without_a_value(tf, sess):
    tf.Variable()


@mistake(KeyError, r"The name 'nothing' refers to an Operation not in the graph\.")
def an_operation_that_is_not_there(tf, sess):
    sess.graph.get_operation_by_name("nothing")


@mistake(
    ValueError,
    r"The name 'alive' refers to an Operation, not a Tensor\. Tensor names must be of the form",
    "alive:0",
)
def an_operation_where_a_tensor_is_wanted(tf, sess):
    sess.graph.get_tensor_by_name("alive")


@mistake(ValueError, "must be from the same graph")
def two_graphs_in_one_op(tf, sess):
    with tf.Graph().as_default():
        other = tf.constant(1.0)
    tf.add(other, tf.constant(1.0))


# ---- the tests -----------------------------------------------------------------------------------


@pytest.fixture(params=["graphmode", "tensorflow"])
def tf(request):
    module = graphmode if request.param == "graphmode" else request.getfixturevalue("oracle")
    with module.Graph().as_default():
        yield module


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_explained_and_changes_nothing(tf, name):
    case = MISTAKES[name]
    expected = getattr(tf.errors, case.error) if isinstance(case.error, str) else case.error
    v = tf.Variable(1.5, name="kept")
    alive = tf.add(v, 1.0, name="alive")
    sess = tf.Session()
    sess.run(v.initializer)
    with pytest.raises(expected) as caught:
        case.make(tf, sess)
    text = str(caught.value)
    assert re.search(case.words, text), text
    if tf is graphmode:
        for pattern in case.also:
            assert re.search(pattern, text), f"no {pattern!r} in:\n{text}"
        assert len(text.splitlines()) <= 25
        assert sess.run([v, alive]) == [1.5, 2.5]
    else:
        sess.run([v, alive])  # TensorFlow may have gone half the way


def test_a_session_goes_on_beside_an_op_it_cannot_place():
    tf = graphmode
    with tf.Graph().as_default(), tf.Session() as sess:
        with tf.device("/gpu:7"):
            there = tf.constant(1.0)
        here = tf.constant(2.0)
        with pytest.raises(tf.errors.InvalidArgumentError):
            sess.run([here, there])
        assert sess.run(here) == 2.0
