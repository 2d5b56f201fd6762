"""What programs use beside the graph: flags, files, logging, test cases, the TF2 switches."""

import subprocess
import sys

import numpy as np
import pytest

import graphmode as gm
from graphmode import gfile

PROGRAM = """
import tensorflow as tf
flags = tf.app.flags
FLAGS = tf.flags.FLAGS
flags.DEFINE_float('rate', 0.5, 'Learning rate.')
flags.DEFINE_integer(flag_name='steps', default_value=5, docstring='Steps.')
flags.DEFINE_boolean('fake', False, 'Fake data.')
flags.DEFINE_string('kind', 'mlp', 'Kind of network.')
if EARLY:
    print('early', FLAGS.steps)
def main(argv):
    tf.logging.info('not shown')
    tf.logging.set_verbosity(tf.logging.INFO)
    tf.logging.info('step %d', FLAGS.steps)
    print(FLAGS.rate, FLAGS.steps, FLAGS.fake, FLAGS.kind, argv[1:])
    return 3
if __name__ == '__main__':
    tf.app.run()
"""


def run_program(folder, arguments, early=False):
    path = folder / "program.py"
    path.write_text(PROGRAM.replace("EARLY", str(early)))
    command = [sys.executable, "-m", "graphmode", "run", str(path), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_flags_reach_main_and_its_result_is_the_exit_status(tmp_path):
    done = run_program(tmp_path, ["--rate=0.25", "--steps", "7", "--fake", "extra"])
    assert done.stdout == "0.25 7 True mlp ['extra']\n"
    assert done.stderr == "INFO:tensorflow:step 7\n"
    assert done.returncode == 3


def test_flags_are_parsed_when_first_read(tmp_path):
    assert run_program(tmp_path, ["--steps=9"], early=True).stdout.startswith("early 9\n0.5 9 ")


def test_a_flag_that_cannot_be_parsed_says_so(tmp_path):
    done = run_program(tmp_path, ["--steps=many"])
    assert done.returncode == 1
    assert "flag --steps=many" in done.stderr
    assert "Traceback" not in done.stderr


def test_files_are_written_found_and_removed(tmp_path):
    folder = f"{tmp_path}/a/b"
    gfile.MakeDirs(folder)
    with gfile.GFile(f"{folder}/one.txt", "w") as file:
        file.write("hello\nwörld\n")
    assert gfile.GFile(f"{folder}/one.txt", "rb").read() == "hello\nwörld\n".encode()
    assert list(gfile.FastGFile(f"{folder}/one.txt")) == ["hello\n", "wörld\n"]
    assert gfile.GFile(f"{folder}/one.txt").size() == 13
    gfile.Copy(f"{folder}/one.txt", f"{folder}/two.txt")
    assert gfile.ListDirectory(folder) == ["one.txt", "two.txt"]
    assert gfile.Glob(f"{folder}/t*.txt") == [f"{folder}/two.txt"]
    with pytest.raises(gm.errors.AlreadyExistsError, match=r"file already exists: .*two\.txt"):
        gfile.Rename(f"{folder}/one.txt", f"{folder}/two.txt")
    gfile.Remove(f"{folder}/one.txt")
    assert not gfile.Exists(f"{folder}/one.txt")
    gfile.DeleteRecursively(f"{tmp_path}/a")
    assert gfile.ListDirectory(tmp_path) == []


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(gm.errors.NotFoundError, match="No such file or directory"):
        gfile.GFile(f"{tmp_path}/none").read()
    with pytest.raises(gm.errors.UnimplementedError, match="'gs' not implemented"):
        gfile.Exists("gs://bucket/file")


class ATest(gm.test.TestCase):
    def test_comparisons(self):
        v = gm.Variable([1.0, 2.0, 4.0])
        with self.test_session() as sess:
            sess.run(v.initializer)
        with self.test_session():
            self.assertAllClose(v.eval(), [1.0, 2.0, 4.0 + 1e-7])
            self.assertAllEqual(v, np.array([1, 2, 4]))
            self.assertAllEqual(gm.constant(["a", "bc"]), [b"a", b"bc"])
        with self.assertRaises(AssertionError):
            self.assertAllClose([1.0, 2.0], [1.0, 2.001])
        with self.assertRaises(AssertionError):
            self.assertAllEqual([1.0, 2.0], [[1.0, 2.0]])
        with self.session() as sess, self.assertRaisesOpError("uninitialized value"):
            sess.run(v)

    def test_the_graph_is_empty_again(self):
        assert gm.get_default_graph().get_operations() == []
        assert gm.constant(1, name="x").name == "x:0"


def test_the_switches_between_one_and_two():
    assert gm.disable_v2_behavior() is None
    assert gm.executing_eagerly() is False
    with pytest.raises(NotImplementedError, match=r"runs graphs.*tf\.Session\(\)\.run") as raised:
        gm.enable_eager_execution()
    line = str(raised.value).splitlines()[-1]
    assert line.startswith("  called at test_programs.py:")
    assert line.endswith("   gm.enable_eager_execution()")
    with pytest.raises(NotImplementedError, match=r"called at test_programs\.py:\d+ +gm\.enable"):
        gm.enable_v2_behavior()


def test_bytes_and_text():
    assert gm.compat.as_bytes("é") == b"\xc3\xa9"
    assert gm.compat.as_str(b"\xc3\xa9") == gm.compat.as_text("é") == "é"
    with pytest.raises(TypeError, match="Expected binary or unicode string, got 3"):
        gm.compat.as_bytes(3)
