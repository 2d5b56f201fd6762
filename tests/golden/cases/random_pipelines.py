"""Pipelines of `tf.data` drawn at random: elements and errors until the end, for each program.

A program is a text, so that a line of the golden file is what a user would write. Draws come of
`Random.random` alone, which gives the same numbers in every Python.
"""

import random

import numpy as np

from golden.case import case, class_of

MOST = 40
"""Of the elements and errors of one program."""


class Draw:
    """Choices that a seed decides."""

    def __init__(self, seed):
        self._random = random.Random(seed).random

    def to(self, least, most):
        """A whole number from `least` to `most`."""
        return least + int(self._random() * (most - least + 1))

    def of(self, values):
        return values[self.to(0, len(values) - 1)]

    def numbers(self, least, most):
        return [self.to(-4, 4) for _ in range(self.to(least, most))]

    def is_so(self):
        return self.of(["True", "False"])


def source(draw):
    """A data set as text, behind what its elements are: scalar, vector, pair or dict."""
    n, m = draw.to(1, 6), draw.to(1, 4)
    slices = "of.from_tensor_slices"
    return draw.of(
        [
            ("scalar", f"of.range({draw.to(0, 9)})"),
            (
                "scalar",
                f"of.range({draw.to(-3, 3)}, {draw.to(-5, 9)}, {draw.of([-2, -1, 1, 2, 3])})",
            ),
            ("scalar", f"{slices}(np.array({draw.numbers(1, 8)}, np.int64))"),
            ("scalar", f"of.from_tensors(np.int64({draw.to(-3, 3)}))"),
            ("scalar", f"of.from_generator(lambda: iter({draw.numbers(0, 6)}), tf.int64, [])"),
            ("vector", f"{slices}(np.arange({n * m}).reshape({n}, {m}))"),
            ("vector", f"of.range({n}).map(lambda x: tf.fill([x % {m}], x))"),
            ("pair", f"{slices}((np.arange({n}), np.arange({n}) % 3))"),
            ("dict", f"{slices}({{'a': np.arange({n}), 'b': np.arange({n})[::-1].copy()}})"),
        ]
    )


def scalars(draw):
    while True:
        kind, text = source(draw)
        if kind == "scalar":
            return text


def of_any(draw, kind):
    seed = draw.to(0, 99)
    return [
        (kind, f".take({draw.to(-1, 6)})"),
        (kind, f".skip({draw.to(-1, 5)})"),
        (kind, f".repeat({draw.to(0, 3)})"),
        (kind, f".shuffle({draw.to(1, 6)}, seed={seed})"),
        (kind, f".shuffle({draw.to(1, 6)}, {seed}, {draw.is_so()}).repeat({draw.to(1, 2)})"),
        (kind, f".prefetch({draw.to(0, 3)})"),
        (kind, ".cache().repeat(2)"),
        (kind, f".shard(2, {draw.to(0, 1)})"),
        (kind, f".apply(e.shuffle_and_repeat({draw.to(1, 5)}, {draw.to(1, 2)}, {seed}))"),
        (kind, ".apply(e.ignore_errors())"),
    ]


def of_scalars(draw, _):
    n, m = draw.to(1, 4), draw.to(1, 3)
    return [
        ("scalar", f".map(lambda x: x * {draw.to(-2, 3)} - 1)"),
        ("scalar", ".map(lambda x: 12 // x)"),
        ("scalar", f".map(lambda x: 12 // (x - 1), num_parallel_calls={n})"),
        ("pair", ".map(lambda x: (x, x * x))"),
        ("dict", ".map(lambda x: {'b': x, 'a': -x})"),
        ("vector", f".map(lambda x: tf.fill([tf.abs(x) % {n}], x))"),
        ("scalar", f".filter(lambda x: tf.equal(x % {m}, {draw.to(0, 1)}))"),
        ("scalar", ".flat_map(lambda x: of.range(12 // x))"),
        ("scalar", f".interleave(lambda x: of.range(x), {n}, {m})"),
        ("scalar", f".interleave(lambda x: of.range(3).map(lambda y: x // y), {n}, {m}, {n})"),
        ("scalar", f".apply(e.parallel_interleave(lambda x: of.range(x), {n}, {m}))"),
        ("scalar", f".apply(e.parallel_interleave(lambda x: of.range(12 // x), {n}, {m}))"),
        ("vector", f".batch({draw.to(0, 4)}, drop_remainder={draw.is_so()})"),
        ("scalar", f".window({n}, {m}, {draw.to(1, 3)}, {draw.is_so()}).flat_map(lambda w: w)"),
        ("vector", f".window({n}).flat_map(lambda w: w.batch({m}))"),
        ("scalar", f".apply(e.scan(np.int64({m}), lambda a, x: (a + x, a * x)))"),
        ("scalar", f".apply(e.take_while(lambda x: x < {draw.to(0, 6)}))"),
        ("scalar", ".apply(e.unique())"),
        ("pair", ".enumerate()"),
        ("vector", f".apply(e.map_and_batch(lambda x: 12 // x, {n}))"),
        (
            "vector",
            f".apply(e.group_by_window(lambda x: x % {m}, lambda k, w: w.batch({n}), {n}))",
        ),
        (
            "pair",
            ".apply(e.group_by_reducer(lambda x: tf.abs(x) % 3, e.Reducer("
            "lambda k: (k, np.int64(0)), lambda s, x: (s[0] + x, s[1] + 1), lambda a, b: (a, b))))",
        ),
        ("scalar", f".concatenate({scalars(draw)})"),
        ("scalar", ".map(lambda x: tf.py_func(lambda y: 12 // y, [x], tf.int64))"),
        (
            "scalar",
            f".concatenate(e.sample_from_datasets([of.range(5), {scalars(draw)}], seed={n}))",
        ),
    ]


def of_pairs(draw, _):
    n = draw.to(1, 4)
    return [
        ("scalar", ".map(lambda x, y: x // y)"),
        ("pair", ".map(lambda x, y: (y, x))"),
        ("pair", ".filter(lambda x, y: x > y)"),
        ("scalar", ".flat_map(lambda x, y: of.range(x, y + 3))"),
        ("scalar", f".batch({n}).map(lambda x, y: x - y).flat_map(of.from_tensor_slices)"),
        ("pair", f".window({n}).flat_map(lambda x, y: of.zip((y, x)))"),
    ]


def of_dicts(draw, _):
    return [
        ("scalar", ".map(lambda f: f['a'] // f['b'])"),
        ("pair", ".map(lambda f: (f['b'], f['a']))"),
        ("dict", f".batch({draw.to(1, 4)}).apply(e.unbatch())"),
        ("vector", ".map(lambda f: tf.stack([f['a'], f['b']]))"),
    ]


def of_vectors(draw, _):
    n = draw.to(1, 4)
    return [
        ("scalar", ".apply(e.unbatch())"),
        ("scalar", ".map(lambda x: x[0])"),
        ("scalar", ".flat_map(of.from_tensor_slices)"),
        ("vector", f".batch({n}).map(lambda x: tf.reduce_sum(x, 0))"),
        ("vector", f".padded_batch({n}, [3]).apply(e.unbatch())"),
        (
            "vector",
            f".padded_batch({n}, [None], drop_remainder=True).flat_map(of.from_tensor_slices)",
        ),
        ("vector", ".filter(lambda x: tf.size(x) > 1)"),
        (
            "vector",
            f".apply(e.dense_to_sparse_batch({n}, [{draw.to(2, 5)}])).map(lambda x: x.values)",
        ),
        (
            "vector",
            f".apply(e.bucket_by_sequence_length(tf.size, [2, 3], [2, {n}, 1], [None]))"
            ".map(lambda x: x[0])",
        ),
    ]


OF = {"scalar": of_scalars, "pair": of_pairs, "dict": of_dicts, "vector": of_vectors}


def program(seed):
    """A source and up to five transformations."""
    draw = Draw(seed)
    kind, text = source(draw)
    for _ in range(draw.to(1, 5)):
        following = OF[kind] if draw.to(1, 10) > 3 else of_any
        kind, more = draw.of(following(draw, kind))
        text += more
    return text


def described(structure):
    """Dtypes or shapes of elements."""
    if isinstance(structure, dict):
        return {key: described(part) for key, part in sorted(structure.items())}
    if type(structure) is tuple:
        return tuple(described(part) for part in structure)
    return getattr(structure, "name", str(structure))


def plain(value):
    if isinstance(value, dict):
        return {key: plain(part) for key, part in sorted(value.items())}
    if isinstance(value, tuple):
        return tuple(plain(part) for part in value)
    return np.asarray(value).tolist()


def outcomes(tf, text):
    """What a program shows: dtypes and shapes, then its elements and errors as texts."""
    names = {"tf": tf, "np": np, "of": tf.data.Dataset, "e": tf.data.experimental}
    with tf.Graph().as_default(), tf.Session() as session:
        tf.set_random_seed(7)
        try:
            dataset = eval(text, names)
            element = tf.data.make_one_shot_iterator(dataset).get_next()
        except Exception as error:
            return ["refused: " + class_of(tf, error)]
        found = [
            str(described(tf.data.get_output_types(dataset))),
            str(described(tf.data.get_output_shapes(dataset))),
        ]
        while len(found) < MOST:
            try:
                found.append(str(plain(session.run(element))))
            except tf.errors.OutOfRangeError:
                return [*found, "end"]
            except tf.errors.OpError as error:
                found.append(type(error).__name__)
        return found


def answers(tf, texts):
    return {text: outcomes(tf, text) for text in texts}


@case
def drawn(tf):
    return answers(tf, [program(seed) for seed in range(120)])


def divided(*numbers):
    return f"of.from_tensor_slices(np.array({list(numbers)})).map(lambda x: 12 // x)"


@case
def behind_an_element_that_fails(tf):
    two = ".interleave(lambda x: of.from_tensors(x).repeat(2), cycle_length=3"
    seven = divided(1, 2, 0, 4, 0, 3, 2)
    more = [
        two + ")",
        two + ", num_parallel_calls=3)",
        ".batch(3)",
        ".batch(3, drop_remainder=True)",
        ".padded_batch(3, [])",
        ".prefetch(1).batch(3)",
        ".window(3).flat_map(lambda w: w)",
        ".window(3, 1, 2).flat_map(lambda w: w)",
        ".window(1, 3).flat_map(lambda w: w)",
        ".window(2, 1).flat_map(lambda w: w.batch(2))",
        ".apply(e.shuffle_and_repeat(3, 2, 5))",
        ".shuffle(3, 5).repeat(2)",
        ".repeat(2)",
        ".apply(e.group_by_window(lambda x: x % 2, lambda k, w: w.batch(2), 2))",
        ".apply(e.group_by_reducer(lambda x: x % 2, e.Reducer(lambda k: k, lambda s, x: s + x,"
        " lambda s: s)))",
    ]
    return answers(tf, [seven + text for text in more])


@case
def nothing_but_failures(tf):
    texts = [
        ".repeat().take(3)",
        ".apply(e.shuffle_and_repeat(2, -1, 3)).take(3)",
        ".shuffle(2, 3).repeat(2)",
    ]
    return answers(tf, [divided(0) + text for text in texts])


@case
def turns_of_parallel_interleave(tf):
    texts = []
    for n, cycle, block in ((5, 4, 2), (7, 3, 2), (6, 2, 3), (3, 4, 2)):
        inner = f"lambda x: of.range(x), cycle_length={cycle}, block_length={block}"
        texts.append(f"of.range({n}).apply(e.parallel_interleave({inner}))")
    inner = "lambda x: of.range(4).map(lambda y: 6 // (y - x)), cycle_length=2, block_length=2"
    texts.append(f"of.range(4).apply(e.parallel_interleave({inner}))")
    texts.append(f"of.range(4).interleave({inner}, num_parallel_calls=2)")
    texts.append(f"of.range(4).interleave({inner})")
    return answers(tf, texts)


@case
def counts_that_are_refused(tf):
    texts = [
        "of.range(3).apply(e.shuffle_and_repeat(3, 0))",
        "of.range(3).batch(0).concatenate(of.range(2).batch(1))",
        "of.range(3).interleave(lambda x: of.range(x), cycle_length=1, num_parallel_calls=2)",
        "of.range(3).flat_map(lambda x: of.range(3).batch(0))",
        "of.range(3).shuffle(3, seed=1).repeat(1)",
    ]
    return answers(tf, texts)
