"""What a pass keeps in files: the files are TensorFlow's, a half-written cache is refused."""

import gc

import numpy as np
import pytest

import graphmode as tf

Dataset = tf.data.Dataset


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as graph:
        yield graph


def pairs(module=tf):
    return module.data.Dataset.from_tensor_slices((np.arange(3), np.array(["a", "bc", ""])))


WRITTEN = [(0, b"a"), (1, b"bc"), (2, b"")]


def elements(dataset, module=tf):
    element = module.data.make_one_shot_iterator(dataset).get_next()
    found = []
    with module.Session() as session:
        try:
            while True:
                found.append(session.run(element))
        except module.errors.OutOfRangeError:
            return found


def files(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_later_program_reads_what_the_first_one_has_kept(tmp_path):
    path = str(tmp_path / "kept")
    calls = []

    def counted(i, text):
        calls.append(i)
        return i

    def made():
        return pairs().map(lambda i, s: (tf.py_func(counted, [i, s], tf.int64), s)).cache(path)

    assert elements(made().repeat(2)) == 2 * WRITTEN and len(calls) == 3
    assert files(tmp_path) == ["kept.data-00000-of-00001", "kept.index"]
    with tf.Graph().as_default():
        assert elements(made()) == WRITTEN and len(calls) == 3


def test_tensorflow_reads_the_files_and_ours_reads_tensorflows(tmp_path, oracle):
    ours, theirs = str(tmp_path / "ours"), str(tmp_path / "theirs")
    assert elements(pairs().cache(ours)) == WRITTEN
    with oracle.Graph().as_default():
        nothing = pairs(oracle).map(lambda i, s: (i // 0, s))
        assert elements(nothing.cache(ours), oracle) == WRITTEN
        assert elements(pairs(oracle).cache(theirs), oracle) == WRITTEN
    assert elements(pairs().map(lambda i, s: (i // 0, s)).cache(theirs)) == WRITTEN


def test_sparse_elements_and_structures_are_kept(tmp_path):
    sparse = tf.SparseTensor([[0, 1], [2, 0]], [5, 6], [3, 2])
    made = Dataset.from_tensor_slices({"s": sparse, "n": np.eye(3)}).cache(str(tmp_path / "c"))
    for _ in range(2):
        found = elements(made)
        assert [one["s"].values.tolist() for one in found] == [[5], [], [6]]
        assert found[2]["s"].indices.tolist() == [[0]] and found[1]["n"].tolist() == [0, 1, 0]


def test_a_pass_that_is_given_up_leaves_nothing(tmp_path):
    element = pairs().cache(str(tmp_path / "c")).make_one_shot_iterator().get_next()
    with tf.Session() as session:
        session.run(element)
        assert "c_0.lockfile" in files(tmp_path) and len(files(tmp_path)) == 2
    assert files(tmp_path) == []
    element = pairs().cache(str(tmp_path / "c")).take(1).make_one_shot_iterator().get_next()
    with tf.Session() as session:
        session.run(element)
        with pytest.raises(tf.errors.OutOfRangeError):
            session.run(element)
        assert files(tmp_path) == []
    assert elements(pairs().cache(str(tmp_path / "c")).take(2).repeat(2)) == 2 * WRITTEN[:2]
    gc.collect()
    assert files(tmp_path) == []


def test_two_passes_at_a_time_are_refused(tmp_path):
    path = str(tmp_path / "c")
    first, second = (pairs().cache(path).make_one_shot_iterator().get_next() for _ in range(2))
    with tf.Session() as session:
        session.run(first)
        with pytest.raises(tf.errors.AlreadyExistsError) as raised:
            session.run(second)
        assert (
            "There appears to be a concurrent caching iterator running - cache lockfile already "
            f"exists ('{path}_0.lockfile')." in str(raised.value)
        )
        assert "delete the lockfile" in str(raised.value) and "test_file_cache.py" in str(
            raised.value
        )
        assert [session.run(first) for _ in range(2)] == WRITTEN[1:]
        with pytest.raises(tf.errors.OutOfRangeError):
            session.run(first)
        with pytest.raises(tf.errors.AlreadyExistsError, match="Existing cache files found"):
            session.run(second)


def test_the_lock_of_a_program_that_was_killed_is_refused(tmp_path):
    (tmp_path / "c_0.lockfile").write_text("Created at: 17")
    element = pairs().cache(str(tmp_path / "c")).make_one_shot_iterator().get_next()
    with (
        tf.Session() as session,
        pytest.raises(tf.errors.AlreadyExistsError, match="Lockfile contents: Created at: 17"),
    ):
        session.run(element)


def test_the_files_of_another_data_set_are_refused(tmp_path):
    path = str(tmp_path / "c")
    elements(pairs().cache(path))
    element = Dataset.range(3).map(tf.to_float).cache(path).make_one_shot_iterator().get_next()
    with tf.Session() as session, pytest.raises(tf.errors.InvalidArgumentError) as raised:
        session.run(element)
    assert "part 0 of element 0 has to be float32 of shape (), there is" in str(raised.value)
    assert "fix: delete them" in str(raised.value)


def test_damaged_files_say_so(tmp_path):
    path = tmp_path / "c"
    elements(pairs().cache(str(path)))
    data = tmp_path / "c.data-00000-of-00001"
    content = bytearray(data.read_bytes())
    content[0] ^= 1
    data.write_bytes(content)
    element = pairs().cache(str(path)).make_one_shot_iterator().get_next()
    with tf.Session() as session, pytest.raises(tf.errors.DataLossError, match=r"c\.data-00000"):
        session.run(element)


@pytest.mark.parametrize("left", [0, 9])
def test_cut_files_say_so(tmp_path, left):
    elements(pairs().cache(str(tmp_path / "c")))
    data = tmp_path / "c.data-00000-of-00001"
    data.write_bytes(data.read_bytes()[:left])
    element = pairs().cache(str(tmp_path / "c")).make_one_shot_iterator().get_next()
    with (
        tf.Session() as session,
        pytest.raises(tf.errors.DataLossError, match=f"00001 ends at byte {left}, before"),
    ):
        session.run(element)


def test_the_name_may_be_fed(tmp_path):
    name = tf.placeholder(tf.string, [])
    iterator = pairs().cache(name).make_initializable_iterator()
    element = iterator.get_next()
    with tf.Session() as session:
        session.run(iterator.initializer, {name: str(tmp_path / "c")})
        assert session.run(element) == WRITTEN[0]
        session.run(iterator.initializer, {name: "/nowhere/c"})
        with pytest.raises(tf.errors.NotFoundError, match=r"/nowhere/c_0\.lockfile; No such"):
            session.run(element)
