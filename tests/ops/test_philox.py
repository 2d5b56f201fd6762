"""The generator against its published vectors, the distributions against TensorFlow."""

import ml_dtypes
import numpy as np
import pytest

from graphmode.ops.random import distributions
from graphmode.ops.random.philox import Stream

SIZES = (1, 3, 4, 7, 1000, 100003)
FLOATS = (np.dtype("float16"), np.dtype(ml_dtypes.bfloat16), np.dtype("f4"), np.dtype("f8"))
# What may separate two roundings of the same real number through different libraries.
RTOL = {"float16": 1e-3, "bfloat16": 8e-3, "float32": 1e-6, "float64": 1e-14}
# (graph seed or None, op seed) -> the op's two seed attributes.
SEEDS = {(None, 7): (87654321, 7), (11, 7): (11, 7), (0, 0): (0, 2**31 - 1)}
DRAWS = {
    "random_uniform": distributions.uniform,
    "random_normal": distributions.standard_normal,
    "truncated_normal": distributions.truncated_normal,
}


def runs_of(tf, build, graph_seed=None):
    """Three consecutive `sess.run` of what `build()` returns, in a graph of its own."""
    with tf.Graph().as_default():
        tf.set_random_seed(graph_seed)
        fetches = build()
        with tf.Session() as session:
            return [session.run(fetches) for _ in range(3)]


def traced(draw, seeds, position):
    """`draw(stream)` under jit with a traced position, and what it reserved."""
    import jax

    reserved = []

    def program(position):
        stream = Stream(*seeds, position)
        value = draw(stream)
        reserved.append(stream.reserved)
        return value

    with jax.enable_x64(True):
        value = jax.jit(program)(np.uint64(position))
        return np.asarray(value), reserved[0]


def same_number(actual, expected, dtype):
    assert actual.dtype == expected.dtype == dtype
    assert actual.shape == expected.shape
    np.testing.assert_allclose(
        actual.astype("f8"), expected.astype("f8"), rtol=RTOL[dtype.name], atol=0
    )


@pytest.mark.parametrize(
    ("counter", "key", "words"),
    [
        ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
        (
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
            (0xA4093822, 0x299F31D0),
            (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
        ),
    ],
)
def test_random123_known_answers(counter, key, words):
    seeds = (key[0] | key[1] << 32, counter[2] | counter[3] << 32)
    position = counter[0] | counter[1] << 32
    stream = Stream(*seeds, position)
    host = stream.words(stream.reserve(1) + np.arange(1, dtype=np.uint64))
    assert [int(word[0]) for word in host] == list(words)
    traced_words, _ = traced(
        lambda s: s.words(s.reserve(1) + np.arange(1, dtype=np.uint64)), seeds, position
    )
    assert traced_words[:, 0].tolist() == list(words)


@pytest.mark.parametrize("dtype", FLOATS, ids=lambda dtype: dtype.name)
@pytest.mark.parametrize("seed", SEEDS, ids=str)
@pytest.mark.parametrize("name", DRAWS)
def test_floats_are_tensorflows(oracle, name, seed, dtype):
    graph_seed, op_seed = seed
    runs = runs_of(
        oracle,
        lambda: [getattr(oracle, name)([n], dtype=dtype, seed=op_seed) for n in SIZES],
        graph_seed,
    )
    for i, size in enumerate(SIZES):
        stream = Stream(*SEEDS[seed])
        ours = [DRAWS[name](stream, [size], dtype) for _ in range(3)]
        assert stream.reserved == 3 * 256 * size
        for run in (0, 2):
            if name == "random_uniform":
                np.testing.assert_array_equal(ours[run], runs[run][i].astype(dtype))
            else:
                same_number(ours[run], runs[run][i].astype(dtype), dtype)


def test_seeds_of_64_bits(oracle):
    seeds = (-5, 2**40 + 3)
    runs = runs_of(
        oracle,
        lambda: oracle.raw_ops.RandomUniform(
            shape=[2, 5], dtype=oracle.float32, seed=seeds[0], seed2=seeds[1]
        ),
    )
    ours = distributions.uniform(Stream(*seeds, 2 * 256 * 10), (2, 5), np.float32)
    np.testing.assert_array_equal(ours, runs[2])


@pytest.mark.parametrize(
    ("dtype", "low", "high"),
    [
        ("int32", 0, 10),
        ("int32", -7, 1000003),
        ("int32", -(2**31), 2**31 - 1),
        ("int64", -3, 2**40),
        ("int64", -(2**63), 2**63 - 1),
    ],
)
def test_integers_are_tensorflows(oracle, dtype, low, high):
    runs = runs_of(
        oracle,
        lambda: [oracle.random_uniform([n], low, high, dtype=dtype, seed=7) for n in SIZES],
    )
    for i, size in enumerate(SIZES):
        for run in (0, 2):
            position = run * 256 * size
            ours = distributions.uniform_int(
                Stream(87654321, 7, position), [size], low, high, dtype
            )
            assert ours.dtype == dtype
            np.testing.assert_array_equal(ours, runs[run][i])
    compiled, _ = traced(
        lambda s: distributions.uniform_int(s, [SIZES[-1]], low, high, dtype),
        (87654321, 7),
        position,
    )
    np.testing.assert_array_equal(compiled, ours)


def test_integers_with_a_traced_bound_from_a_host_position():
    import jax

    def program(high):
        return distributions.uniform_int(Stream(3, 4, 5), (3, 2), -1, high, "int64")

    with jax.enable_x64(True):
        compiled = jax.jit(program)(np.int64(9))
    ours = distributions.uniform_int(Stream(3, 4, 5), (3, 2), -1, 9, "int64")
    np.testing.assert_array_equal(compiled, ours)


def test_integers_from_an_empty_range():
    with pytest.raises(ValueError, match="Need minval < maxval, got 5 >= 5"):
        distributions.uniform_int(Stream(1, 2), [3], 5, 5, "int32")


def test_types_that_have_no_distribution():
    with pytest.raises(TypeError, match="not int32"):
        distributions.uniform(Stream(1, 2), [3], "int32")
    with pytest.raises(TypeError, match="not uint8"):
        distributions.uniform_int(Stream(1, 2), [3], 0, 5, "uint8")


@pytest.mark.parametrize("shape", [(1,), (2,), (7,), (1000,), (5, 3), (1, 4), (9, 2, 3), (6, 0)])
def test_shuffle_is_tensorflows(oracle, shape):
    value = np.arange(np.prod(shape, dtype=int), dtype=np.int32).reshape(shape)
    runs = runs_of(oracle, lambda: oracle.random_shuffle(oracle.constant(value), seed=7))
    stream = Stream(87654321, 7)
    for expected in runs:
        start = stream.reserved
        np.testing.assert_array_equal(distributions.shuffle(stream, value), expected)
    compiled, reserved = traced(lambda s: distributions.shuffle(s, value), (87654321, 7), start)
    np.testing.assert_array_equal(compiled, expected)
    assert reserved == stream.reserved - start


def test_shuffle_of_a_scalar_and_of_strings():
    assert distributions.shuffle(Stream(1, 2), np.float32(3.5)) == 3.5
    names = np.array([b"a", b"b", b"c", b"d"], object)
    order = distributions.shuffle_indices(Stream(1, 2), 4)
    assert distributions.shuffle(Stream(1, 2), names).tolist() == [names[i] for i in order]


# More than one row with many samples TensorFlow spreads over its threads, and over the stream.
@pytest.mark.parametrize(("batch", "num_samples"), [(13, 1), (13, 3), (1, 250)])
@pytest.mark.parametrize(
    ("dtype", "output_dtype"), list(zip(FLOATS, ["int32", "int64", "int64", "int32"], strict=True))
)
def test_multinomial_is_tensorflows(oracle, dtype, output_dtype, batch, num_samples):
    logits = np.random.default_rng(0).normal(size=(batch, 17)).astype(dtype)
    logits[-1] += 3
    logits[-1, 4:9] = -np.inf
    runs = runs_of(
        oracle,
        lambda: oracle.multinomial(logits, num_samples, seed=7, output_dtype=output_dtype),
    )
    stream = Stream(87654321, 7)
    for expected in runs:
        start = stream.reserved
        ours = distributions.multinomial(stream, logits, num_samples, output_dtype)
        assert ours.dtype == output_dtype
        np.testing.assert_array_equal(ours, expected)
    compiled, reserved = traced(
        lambda s: distributions.multinomial(s, logits, num_samples, output_dtype),
        (87654321, 7),
        start,
    )
    np.testing.assert_array_equal(compiled, expected)
    assert reserved == stream.reserved - start
    assert not np.isin(np.array(runs)[:, -1], np.arange(4, 9)).any()


def test_multinomial_rows_without_a_finite_logit(oracle):
    logits = np.array([[-np.inf, np.nan, np.inf], [-np.inf, 0.5, np.nan]], np.float32)
    run = runs_of(oracle, lambda: oracle.multinomial(logits, 4, seed=7))[0]
    ours = distributions.multinomial(Stream(87654321, 7), logits, 4, "int64")
    np.testing.assert_array_equal(ours, run)
    assert ours.tolist() == [[3] * 4, [1] * 4]


def test_multinomial_of_nothing_reserves_nothing():
    stream = Stream(1, 2)
    ours = distributions.multinomial(stream, np.zeros((2, 3), np.float32), 0, "int32")
    assert ours.shape == (2, 0)
    assert ours.dtype == "int32"
    assert stream.reserved == 0


@pytest.mark.parametrize("dtype", FLOATS, ids=lambda dtype: dtype.name)
@pytest.mark.parametrize("shape", [(), (0,), (2, 3, 5), (100003,)], ids=str)
@pytest.mark.parametrize("name", DRAWS)
def test_trace_and_host_agree(name, shape, dtype):
    # Positions that cross from the low half of the counter into the high one.
    seeds, position = (-(2**62), 5), 2**32 - 3
    stream = Stream(*seeds, position)
    ours = DRAWS[name](stream, shape, dtype)
    compiled, reserved = traced(lambda s: DRAWS[name](s, shape, dtype), seeds, position)
    assert ours.shape == shape
    assert ours.dtype == compiled.dtype == dtype
    assert reserved == stream.reserved
    if name == "random_uniform":
        np.testing.assert_array_equal(compiled, ours)
    else:
        same_number(compiled, ours, dtype)


@pytest.mark.parametrize("seeds", [(87654321, 7), (-(2**62) - 9, -1)])
def test_traced_seeds_are_a_stream_like_any_other(seeds):
    import jax

    def program(keys, seed):
        whole = distributions.standard_normal(Stream(*keys), [2, 9], np.float32)
        from_host = Stream(seed, seeds[1], 2**33)  # a known position under a traced seed
        return whole, distributions.uniform(from_host, [2, 9], np.float32)

    keys = np.array([seed % 2**64 for seed in (*seeds, 2**33)], np.uint64)
    with jax.enable_x64(True):
        compiled = jax.jit(program)(keys, np.int64(seeds[0]))
    host = Stream(*keys)
    assert host.on_host
    np.testing.assert_array_equal(
        compiled[0], distributions.standard_normal(host, [2, 9], np.float32)
    )
    np.testing.assert_array_equal(
        compiled[1], distributions.uniform(Stream(*seeds, 2**33), [2, 9], np.float32)
    )


def test_two_draws_from_one_traced_stream_are_two_executions():
    def pair(stream):
        import jax.numpy as jnp

        return jnp.stack([distributions.uniform(stream, [5], np.float32) for _ in range(2)])

    compiled, reserved = traced(pair, (1, 2), 40)
    assert reserved == 2 * 5 * 256
    second = distributions.uniform(Stream(1, 2, 40 + 5 * 256), [5], np.float32)
    np.testing.assert_array_equal(compiled[1], second)


def test_normals_have_their_moments():
    normal = distributions.standard_normal(Stream(5, 6), [400000], np.float32)
    assert abs(normal.mean()) < 0.006
    assert abs(normal.std() - 1) < 0.006
    cut = distributions.truncated_normal(Stream(5, 6), [400000], np.float32)
    assert np.abs(cut).max() < 2
    assert abs(cut.std() - 0.8796) < 0.006
