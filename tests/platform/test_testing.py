"""`tf.test` and its relatives beside TensorFlow's: what passes, what fails, and how."""

# ruff: noqa: SIM117, SIM905, UP005 - it is about such contexts, lists and names
import subprocess
import sys

import ml_dtypes
import numpy as np
import pytest

import graphmode as tf
from graphmode.python.framework import test_util
from graphmode.python.platform import googletest

NAN = float("nan")
ASSERTIONS = [
    ("assertAllEqual", [1, 2, 3], [1, 2, 3]),
    ("assertAllEqual", [1, 2, 3], [1, 2, 4]),
    ("assertAllEqual", [1, 2, 3], [[1, 2, 3]]),
    ("assertAllEqual", [NAN, 1.0], [NAN, 1.0]),
    ("assertAllEqual", np.array([b"a", b"b"], object), [b"a", b"b"]),
    ("assertAllEqual", [b"a"], [b"c"]),
    ("assertAllEqual", [], []),
    ("assertAllEqual", np.zeros([0, 3]), np.zeros([0, 2])),
    ("assertNotAllEqual", [1, 2], [1, 2]),
    ("assertNotAllEqual", [1, 2], [1, 3]),
    ("assertAllClose", [1.0, 2.0], [1.0, 2.0000001]),
    ("assertAllClose", [1.0, 2.0], [1.0, 2.001]),
    ("assertAllClose", [NAN], [NAN]),
    ("assertAllClose", [np.inf], [-np.inf]),
    ("assertAllClose", {"a": [1.0], "b": 2.0}, {"a": [1.0], "b": 2.0}),
    ("assertAllClose", {"a": 1.0}, {"b": 1.0}),
    ("assertAllClose", {"a": 1.0}, [1.0]),
    ("assertAllClose", [[1.0, 2.0], [3.0]], [[1.0, 2.0], [3.0]]),
    ("assertAllClose", [[1.0, 2.0], [3.0]], [[1.0, 2.0], [3.5]]),
    ("assertAllClose", [[1.0, 2.0], [3.0]], [[1.0, 2.0], [3.0], [4.0]]),
    ("assertNotAllClose", [1.0], [1.0]),
    ("assertNotAllClose", [1.0], [1.1]),
    ("assertAllCloseAccordingToType", np.float32([1.0]), np.float32([1.0000005])),
    ("assertAllCloseAccordingToType", np.float16([1.0]), np.float16([1.001])),
    ("assertAllCloseAccordingToType", np.float16([1.0]), np.float16([1.01])),
    (
        "assertAllCloseAccordingToType",
        np.array([1.0], ml_dtypes.bfloat16),
        np.array([1.0078], ml_dtypes.bfloat16),
    ),
    ("assertAllGreater", [2, 3], 1),
    ("assertAllGreater", [1, 3], 1),
    ("assertAllLess", [0, 1], 1),
    ("assertAllGreaterEqual", [1, 3], 1),
    ("assertAllLessEqual", [1, 3], 2),
    ("assertAllInRange", [1.0, 2.0], 1.0, 2.0),
    ("assertAllInRange", [1.0, 2.0], 1.0, 2.0, True),
    ("assertAllInRange", [1.0, 2.0], 1.0, 2.0, False, True),
    ("assertAllInRange", [1.0, NAN], 1.0, 2.0),
    ("assertAllInRange", [b"a"], 1.0, 2.0),
    ("assertAllInSet", [1, 2, 1], {1, 2}),
    ("assertAllInSet", [1, 2, 5], {1, 2}),
    ("assertDTypeEqual", np.float32(1), np.float32),
    ("assertDTypeEqual", np.float32(1), np.float64),
    ("assertNear", 1.0, 1.1, 0.2),
    ("assertNear", 1.0, 1.3, 0.2),
    ("assertNear", np.inf, np.inf, 0.0),
    ("assertArrayNear", [1.0, 2.0], [1.0, 2.1], 0.2),
    ("assertArrayNear", [1.0, 2.0], [1.0], 0.2),
    ("assertNDArrayNear", np.ones(4), np.ones(4) * 1.1, 0.15),
    ("assertNDArrayNear", np.ones(4), np.ones(4) * 1.1, 0.25),
    ("assertDeviceEqual", "/device:GPU:0", "/gpu:0"),
    ("assertDeviceEqual", "/job:ps/cpu:0", "/cpu:0"),
    ("assertDeviceEqual", None, ""),
    ("assertStartsWith", "abc", "ab"),
    ("assertLen", [1, 2], 3),
    ("assertEmpty", []),
    ("assertBetween", 3, 1, 2),
    ("assertShapeEqual", [2], None),
]


def outcome_of(case, method, *arguments):
    try:
        getattr(case, method)(*arguments)
    except Exception as error:
        return type(error)
    return None


class Case(tf.test.TestCase):
    def runTest(self):  # an instance to call the assertions of
        pass


@pytest.fixture
def oracle_case(oracle):
    return oracle.test.TestCase("evaluate")  # the name of any method will do


@pytest.mark.parametrize(
    "assertion", ASSERTIONS, ids=[f"{i}-{a[0]}" for i, a in enumerate(ASSERTIONS)]
)
def test_an_assertion_passes_where_tensorflows_does(oracle_case, assertion):
    assert outcome_of(Case(), *assertion) is outcome_of(oracle_case, *assertion)


def test_tensorflow_1s_methods_are_there():
    # Of 1.15.5's TestCase beside unittest's, the public ones.
    names = """
        assertAllClose assertAllCloseAccordingToType assertAllEqual assertAllGreater
        assertAllGreaterEqual assertAllInRange assertAllInSet assertAllLess assertAllLessEqual
        assertArrayNear assertBetween assertCommandFails assertCommandSucceeds
        assertContainsExactSubsequence assertContainsInOrder assertContainsSubsequence
        assertContainsSubset assertDTypeEqual assertDeviceEqual assertEmpty assertEndsWith
        assertItemsEqual assertJsonEqual assertLen assertNDArrayNear assertNear
        assertNoCommonElements assertNotAllClose assertNotAllEqual assertNotEmpty assertProtoEquals
        assertProtoEqualsVersion assertRaisesOpError assertRaisesWithLiteralMatch
        assertRaisesWithPredicateMatch assertRegexMatch assertSameElements assertSameStructure
        assertSequenceAlmostEqual assertShapeEqual assertStartsWith assertTotallyOrdered
        assertUrlEqual cached_session captureWritesToStream checkedThread create_tempdir
        create_tempfile enter_context evaluate get_temp_dir session test_session assertEquals
        assertRaisesRegexp assertRegexpMatches
    """.split()
    assert not [name for name in names if not hasattr(Case, name)]


class TestInOneSession(tf.test.TestCase):
    def test_tensors_and_lists_of_them_are_evaluated(self):
        with self.cached_session():
            self.assertAllEqual(tf.constant([1, 2]), [1, 2])
            self.assertAllClose([tf.constant(1.0), 2.0], [1.0, tf.constant(2.0)])
            self.assertAllEqual(tf.constant(["a"]), ["a"])
        self.assertAllClose(self.evaluate({"a": tf.constant(3.0)}), {"a": 3.0})

    def test_ops_are_asked_onto_the_cpu_without_use_gpu(self):
        with self.session():
            self.assertDeviceEqual(tf.constant(1).device, "/cpu:0")
        with self.session(use_gpu=True):
            self.assertEqual(tf.constant(1).device, "")
        with self.session(force_gpu=True):
            self.assertDeviceEqual(tf.constant(1).device, "/gpu:0")

    def test_variables_stay_in_the_cached_session(self):
        with self.cached_session() as first:
            v = tf.Variable(3.0)
            self.evaluate(v.initializer)
        with self.cached_session() as second:
            self.assertIs(first, second)
            self.assertEqual(3.0, self.evaluate(v))

    def test_a_cached_session_keeps_its_arguments(self):
        with self.cached_session():
            pass
        with self.assertRaisesRegexp(ValueError, "force_gpu value used to get the cached"):
            with self.cached_session(force_gpu=True):
                pass
        with self.assertRaisesRegexp(ValueError, "graph used to get the cached session"):
            with self.cached_session(graph=tf.Graph()):
                pass
        with tf.Graph().as_default() as graph, self.test_session(graph=graph) as other:
            self.assertIs(other.graph, graph)

    def test_shapes_of_tensors(self):
        self.assertShapeEqual(np.zeros([2, 3]), tf.zeros([2, 3]))
        with self.assertRaises(AssertionError):
            self.assertShapeEqual(np.zeros([2, 3]), tf.zeros([3, 2]))

    def test_op_errors(self):
        with self.cached_session() as sess:
            bad = tf.gather([1, 2], tf.placeholder(tf.int32, []), name="bad")
            with self.assertRaisesOpError("not in"):
                sess.run(bad, {"Placeholder:0": 5})
            with self.assertRaisesOpError("Caused by: bad"):
                sess.run(bad, {"Placeholder:0": 5})
            with self.assertRaisesWithPredicateMatch(ValueError, lambda e: e.args == (3,)):
                raise ValueError(3)
            with self.assertRaisesRegexp(AssertionError, "Exception of type"):
                with self.assertRaisesOpError("other words"):
                    sess.run(bad, {"Placeholder:0": 5})
            with self.assertRaisesRegexp(AssertionError, "OpError not raised"):
                with self.assertRaisesOpError(""):
                    pass

    def test_protobufs(self):
        with tf.Graph().as_default() as graph:
            tf.no_op(name="a")
        text = "node { name: 'a' op: 'NoOp' }"
        self.assertProtoEqualsVersion(text, graph.as_graph_def())
        with self.assertRaises(AssertionError):
            self.assertProtoEqualsVersion(text.replace("'a'", "'b'"), graph.as_graph_def())

        def attribute(value):
            node = graph.as_graph_def().node[0]
            node.attr["f"].f = value
            return node

        self.assertProtoEquals(attribute(1.0), attribute(1.0000001))
        with self.assertRaises(AssertionError):
            self.assertProtoEquals(attribute(1.0), attribute(1.0001))
        with self.assertRaisesRegexp(AssertionError, "Can't compare protos of type"):
            self.assertProtoEquals(3, graph.as_graph_def())

    def test_graphs(self):
        def build(value):
            with tf.Graph().as_default() as graph:
                tf.add(tf.constant(value, name="c"), 2.0, name="sum")
            return graph

        one, same, other = build(1.0), build(1.0), build(3.0)
        tf.test.assert_equal_graph_def(one.as_graph_def(), same.as_graph_def())
        with self.assertRaisesRegexp(AssertionError, "Node named 'c' has attributes"):
            tf.test.assert_equal_graph_def(one.as_graph_def(), other.as_graph_def())
        with self.assertRaisesRegexp(TypeError, "Expected tf.GraphDef for actual, got Graph"):
            tf.test.assert_equal_graph_def(one, one.as_graph_def())
        self.assertIn("c", test_util.assert_ops_in_graph({"c": "Const"}, one))
        with self.assertRaisesRegexp(ValueError, "Expected op for node c is different"):
            test_util.assert_ops_in_graph({"c": "Add"}, one)
        with self.assertRaisesRegexp(ValueError, "Not all expected ops are present"):
            test_util.assert_ops_in_graph({"d": "Add"}, one)

    def test_threads_tell_their_errors(self):
        def wrong():
            raise ValueError("not so")

        good, bad = self.checkedThread(self.assertEqual, (1, 1)), self.checkedThread(wrong)
        for thread in (good, bad):
            thread.start()
        good.join()
        with self.assertRaisesRegexp(AssertionError, "Error in checkedThread: not so"):
            bad.join()
        with self.assertRaisesRegexp(AssertionError, "was not joined"):
            Case().checkedThread(wrong).check_termination()

    def test_folders_and_stubs(self):
        self.assertEqual(self.get_temp_dir(), self.get_temp_dir())
        self.assertStartsWith(self.get_temp_dir(), googletest.GetTempDir())
        with tf.test.StubOutForTesting() as stubs:
            stubs.Set(np, "pi", 3)
            stubs.SmartSet(self, "get_temp_dir", lambda self: "elsewhere")
            self.assertEqual((np.pi, self.get_temp_dir()), (3, "elsewhere"))
        self.assertNotEqual(self.get_temp_dir(), "elsewhere")
        self.assertGreater(np.pi, 3)

    @test_util.run_in_graph_and_eager_modes
    def test_in_a_session(self):
        self.assertAllEqual(self.evaluate(tf.ones([2])), [1, 1])
        self.assertIsNotNone(tf.get_default_session())

    @test_util.run_v2_only
    def test_that_is_skipped(self):
        self.fail("this is no TensorFlow 2")

    def test_layouts(self):
        self.assertEqual([1, 4, 2, 3], test_util.NHWCToNCHW([1, 2, 3, 4]))
        self.assertShapeEqual(np.zeros([1, 2, 3, 4]), test_util.NCHWToNHWC(tf.zeros([1, 4, 2, 3])))


# ---- gradient_checker ---------------------------------------------------------------------------


def jacobians(lib, build, start, y_shape, dtype, **more):
    with lib.Graph().as_default(), lib.Session():
        x = lib.constant(start, dtype)
        y = build(lib, x)
        found = lib.test.compute_gradient(x, start.shape, y, y_shape, start, **more)
        error = lib.test.compute_gradient_error(x, start.shape, y, y_shape, start, **more)
    return found, error


JACOBIANS = {
    "square": (lambda lib, x: lib.square(x), np.array([[1.0, -2.0, 3.0]]), [1, 3], "float64"),
    "matmul": (
        lambda lib, x: lib.matmul(x, lib.constant([[1.0], [2.0]], lib.float64)),
        np.arange(6.0).reshape(3, 2),
        [3, 1],
        "float64",
    ),
    "gather": (lambda lib, x: lib.gather(x, [2, 0, 2]), np.arange(8.0).reshape(4, 2), [3, 2], None),
    "complex": (
        lambda lib, x: x * lib.conj(x) * 1j,
        np.array([1 + 2j, 3 - 1j]),
        [2],
        "complex128",
    ),
    "real": (lambda lib, x: lib.real(x * x), np.array([1 + 2j, 3 - 1j]), [2], "complex64"),
    "empty": (lambda lib, x: x * 2.0, np.zeros([0, 3]), [0, 3], "float64"),
}


@pytest.mark.parametrize("name", JACOBIANS)
def test_compute_gradient(oracle, name):
    build, start, y_shape, dtype = JACOBIANS[name]
    start = start.astype(dtype or "float32")
    found, error = jacobians(tf, build, start, y_shape, dtype)
    expected, expected_error = jacobians(oracle, build, start, y_shape, dtype)
    for one, other in zip(found, expected, strict=True):
        assert one.dtype == other.dtype
        np.testing.assert_allclose(one, other, rtol=1e-2, atol=1e-2)
    assert abs(error - expected_error) < 1e-2


def test_compute_gradient_by_several_inputs(oracle):
    def errors(lib):
        with lib.Graph().as_default(), lib.Session():
            x, w = lib.placeholder(lib.float64, [2]), lib.Variable(np.array([3.0, 4.0]))
            v = lib.placeholder(lib.float64, [2])
            y = x * w.value() * v
            return lib.test.compute_gradient(
                [x, v],
                [[2], [2]],
                y,
                [2],
                x_init_value=[np.array([1.0, 2.0]), np.array([5.0, 6.0])],
                init_targets=[w.initializer],
                extra_feed_dict={x: np.array([1.0, 2.0]), v: np.array([5.0, 6.0])},
            )

    for found, expected in zip(errors(tf), errors(oracle), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_compute_gradient_refuses_what_has_none():
    with tf.Graph().as_default(), tf.Session():
        x = tf.constant([1, 2])
        with pytest.raises(TypeError, match="Don't support type int32 for x"):
            tf.test.compute_gradient(x, [2], x, [2])
        x = tf.constant([1.0, 2.0])
        with pytest.raises(TypeError, match="has no gradient by"):
            tf.test.compute_gradient(x, [2], tf.constant([1.0]), [1])
        with pytest.raises(ValueError, match=r"x_shape = \[3\], init_data shape = \[2\]"):
            tf.test.compute_gradient(x, [3], x * 2, [2], np.zeros(2))


# ---- a repository's own tests -------------------------------------------------------------------

PROGRAM = """
import numpy as np
import tensorflow as tf
from tensorflow.python.framework import test_util
from tensorflow.python.ops import gradient_checker
from tensorflow.python.platform import googletest, test

class SquareTest(test_util.TensorFlowTestCase):
    @test_util.run_deprecated_v1
    def testGradient(self):
        with self.test_session(use_gpu=True):
            x = tf.constant([1., 2.])
            self.assertLess(gradient_checker.compute_gradient_error(x, [2], x * x, [2]), 1e-2)
    def testFlag(self):
        self.assertEquals(tf.flags.FLAGS.size, 7)
    def testWrong(self):
        with self.cached_session():
            self.assertAllClose(tf.square(2.).eval(), WRONG)

class SquareBenchmark(test.Benchmark):
    def benchmarkSquare(self):
        with tf.Session() as sess:
            self.run_op_benchmark(sess, tf.square(2.), mbs=1, extras={'kind': 'x', 'n': 3})

tf.flags.DEFINE_integer('size', 5, '')
if __name__ == '__main__':
    MAIN.main()
"""


def run_program(folder, main, *arguments, wrong=4.0):
    path = folder / "square_test.py"
    path.write_text(PROGRAM.replace("WRONG", str(wrong)).replace("MAIN", main))
    command = [sys.executable, "-m", "graphmode", "run", str(path), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("main", ["tf.test", "googletest", "test"])
def test_a_repositorys_tests_run(tmp_path, main):
    ran = run_program(tmp_path, main, "--size=7")
    assert ran.returncode == 0, ran.stderr
    assert "Ran 4 tests" in ran.stderr  # test_session is one of them, and skipped: as there


def test_a_failure_is_told(tmp_path):
    ran = run_program(tmp_path, "tf.test", "--size=7", "SquareTest.testWrong", wrong=5.0)
    assert ran.returncode == 1
    assert "Ran 1 test" in ran.stderr
    assert "not close lhs = 4.0" in ran.stderr


def test_benchmarks_run_where_they_are_asked_for(tmp_path):
    ran = run_program(tmp_path, "tf.test", "--benchmarks=Square.*Square")
    assert ran.returncode == 0, ran.stderr
    assert 'name: "SquareBenchmark.benchmarkSquare"' in ran.stdout
    assert 'extras { key: "kind" value { string_value: "x" } }' in ran.stdout
    assert "iters: 10" in ran.stdout
