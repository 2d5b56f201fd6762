"""Random messages with random descriptions: TensorFlow 2.21 and graphmode give the same, or refuse.

Descriptions need not fit the messages: what is missing, of another kind or of another size is as
likely as what is there.
"""

import numpy as np
from hypothesis import given, seed, settings
from hypothesis import strategies as st

import graphmode as tf
from graphmode.files.examples import (
    BytesList,
    Example,
    Feature,
    FeatureList,
    FeatureLists,
    Features,
    FloatList,
    Int64List,
    SequenceExample,
)

INT64 = st.integers(-(1 << 63), (1 << 63) - 1) | st.integers(-2, 2)
FLOAT = st.floats(width=32, allow_nan=False)
LISTS = {
    "int64": (Int64List, "int64_list", INT64),
    "float32": (FloatList, "float_list", FLOAT),
    "string": (BytesList, "bytes_list", st.binary(max_size=5)),
}
KEYS = dict(zip("abc", LISTS, strict=True))
"""Key -> the dtype that it has most often."""


def rarely(usual, *others):
    return st.sampled_from([usual] * 19 + [*others])


@st.composite
def features(draw, key):
    if draw(rarely(False, True)):
        return Feature()  # of no kind
    kind, field, values = LISTS[draw(rarely(KEYS[key], *LISTS))]
    size = draw(rarely(2, 0, 1, 3, 4))
    return Feature(**{field: kind(value=draw(st.lists(values, min_size=size, max_size=size)))})


GROUPS = st.fixed_dictionaries({}, optional={key: features(key) for key in KEYS})
MESSAGES = st.builds(
    lambda group: Example(features=Features(feature=group)).SerializeToString(), GROUPS
)
STEPS = st.fixed_dictionaries(
    {}, optional={key: st.lists(features(key), max_size=3) for key in KEYS}
)
SEQUENCES = st.builds(
    lambda group, steps: SequenceExample(
        context=Features(feature=group),
        feature_lists=FeatureLists(
            feature_list={key: FeatureList(feature=each) for key, each in steps.items()}
        ),
    ).SerializeToString(),
    GROUPS,
    STEPS,
)


@st.composite
def described(draw, key, kinds):
    """A description as a tuple: the kind, the dtype, and what else it takes."""
    kind, dtype = draw(st.sampled_from(kinds)), draw(rarely(KEYS[key], *LISTS))
    shape = draw(rarely([2], [], [1], [1, 2], [2, 1]))
    value = draw(LISTS[dtype][2])
    if kind == "fixed":
        default = np.full(shape, value, object).tolist()
        return kind, dtype, shape, draw(st.sampled_from([None, default]))
    if kind == "list":
        return kind, dtype, shape
    if kind == "steps":
        return kind, dtype, shape, draw(st.sampled_from([None, value]))
    return kind, dtype


def descriptions(*kinds):
    of_keys = {key: described(key, kinds) for key in KEYS}
    return st.fixed_dictionaries({}, optional=of_keys).filter(bool)


def of(library, spec, may_miss=True):
    kind, dtype, *rest = spec
    dtype = library.as_dtype(dtype)
    if kind == "var":
        return library.io.VarLenFeature(dtype)
    if kind == "fixed":
        return library.io.FixedLenFeature(rest[0], dtype, rest[1])
    if kind == "list":
        return library.io.FixedLenSequenceFeature(rest[0], dtype, may_miss)
    return library.io.FixedLenSequenceFeature(rest[0], dtype, True, rest[1])


def flat(values):
    if isinstance(values, dict):
        return {f"{key} {k}": v for key in values for k, v in flat(values[key]).items()}
    if isinstance(values, list | tuple):
        return {f"{i} {k}": v for i, value in enumerate(values) for k, v in flat(value).items()}
    return {"": np.asarray(values)}


def outcome(library, build):
    """Arrays by their places, None if it is refused."""
    with library.Graph().as_default(), library.Session() as session:
        try:
            return flat(session.run(build(library)))
        except library.errors.InvalidArgumentError:
            return None


def same(oracle, build):
    theirs, ours = outcome(oracle, build), outcome(tf, build)
    assert (theirs is None) == (ours is None)
    for place, value in (theirs or {}).items():
        assert ours[place].dtype == value.dtype
        assert ours[place].shape == value.shape
        assert ours[place].tolist() == value.tolist()


def settled(test):
    return seed(20261127)(settings(max_examples=25, deadline=None, database=None)(test))


@settled
@given(st.lists(MESSAGES, min_size=1, max_size=3), descriptions("fixed", "var", "steps"))
def test_examples(oracle, messages, specs):
    def batch(library):
        wanted = {key: of(library, spec) for key, spec in specs.items()}
        return library.io.parse_example(messages, wanted)

    def one(library):
        wanted = {key: of(library, spec) for key, spec in specs.items()}
        return library.io.parse_single_example(messages[0], wanted)

    same(oracle, batch)
    same(oracle, one)


@settled
@given(
    st.lists(SEQUENCES, min_size=1, max_size=3),
    descriptions("fixed", "var"),
    descriptions("list", "var"),
    st.booleans(),
)
def test_sequences(oracle, messages, context, steps, may_miss):
    def parsed(library, single):
        wanted = (
            {key: of(library, spec) for key, spec in context.items()},
            {key: of(library, spec, may_miss) for key, spec in steps.items()},
        )
        if single:
            return library.io.parse_single_sequence_example(messages[0], *wanted)
        return library.io.parse_sequence_example(messages, *wanted)

    same(oracle, lambda library: parsed(library, False))
    same(oracle, lambda library: parsed(library, True))
