"""Strings as TensorFlow 1.15 has them: filling, splitting, joining, base 64."""

import numpy as np
import pytest

import graphmode as tf


def test_only_digits_are_filled_up_with_zeros(mode):
    values = tf.constant([-1.0, np.inf, np.nan, -np.inf])
    with tf.Session() as sess:
        assert sess.run(tf.as_string(values, width=10, fill="0")).tolist() == [
            b"-01.000000", b"       inf", b"       nan", b"      -inf",
        ]  # fmt: skip
        assert sess.run(tf.as_string(values, width=5, fill="-")).tolist()[1:] == [
            b"inf  ", b"nan  ", b"-inf ",
        ]  # fmt: skip


@pytest.mark.parametrize("text", [b"YQ=", b"Y===", b"YWJj=", b"a", b"ab+/"])
def test_padding_that_does_not_fill_groups_of_four(text, mode):
    with tf.Session() as sess, pytest.raises(tf.errors.InvalidArgumentError, match="character"):
        sess.run(tf.decode_base64(text))


@pytest.mark.parametrize(
    ("strings", "maxsplit", "places", "pieces"),
    [
        ([" hello ", "", "world "], 0, [[0, 0], [1, 0], [2, 0]], [b" hello ", b"", b"world "]),
        ([" a b  c ", "x"], 1, [[0, 0], [0, 1], [1, 0], [1, 1]], [b"a", b"b  c ", b"x", b""]),
        (["1 2 3", "  4  5  "], -1, [[0, 0], [0, 1], [0, 2], [1, 0], [1, 1]],
         [b"1", b"2", b"3", b"4", b"5"]),
    ],
)  # fmt: skip
def test_cuts_at_spaces_up_to_a_number(strings, maxsplit, places, pieces, mode):
    with tf.Session() as sess:
        found = sess.run(tf.strings.split(strings, maxsplit=maxsplit))
    assert found.indices.tolist() == places
    assert found.values.tolist() == pieces
    assert found.dense_shape.tolist() == [len(strings), max(j for _, j in places) + 1]


def test_a_fed_vector_as_delimiter(mode):
    delimiter = tf.placeholder(tf.string)
    pieces = tf.string_split(["a|b", "c"], delimiter)
    with tf.Session() as sess:
        for fed in (["|"], ["|", " "]):
            text = rf"delimiter must be a scalar, got shape: \[{len(fed)}\]"
            with pytest.raises(tf.errors.InvalidArgumentError, match=text):
                sess.run(pieces, {delimiter: fed})
        assert sess.run(pieces, {delimiter: "|"}).values.tolist() == [b"a", b"b", b"c"]


def test_joining_nothing(mode):
    none = np.zeros([0, 3], str)
    with tf.Session() as sess:
        assert sess.run(tf.reduce_join(none, 0)).tolist() == [b"", b"", b""]
        assert sess.run(tf.reduce_join(none, 1)).shape == (0,)
        assert sess.run(tf.reduce_join(none, 1, keep_dims=True)).shape == (0, 1)
        assert sess.run(tf.reduce_join(none, [1, 0], separator="-")) == b""
    with pytest.raises(ValueError, match="length 0 shorter than minimum length 1"):
        tf.string_join([])


def test_an_axis_beyond_what_is_fed(mode):
    strings, axis = tf.placeholder(tf.string), tf.placeholder(tf.int32)
    joined = tf.reduce_join(strings, axis)
    with tf.Session() as sess:
        with pytest.raises(tf.errors.OutOfRangeError, match="Invalid reduction dimension -2 for"):
            sess.run(joined, {strings: ["a", "b"], axis: -2})
        with pytest.raises(tf.errors.InvalidArgumentError, match="Duplicate reduction dimension 1"):
            sess.run(joined, {strings: [["a"]], axis: [-1, 1]})
        assert sess.run(joined, {strings: [["a", "b"]], axis: 1}).tolist() == [b"ab"]


def test_print_writes_what_tensorflow_writes(mode, capsys):
    x = tf.constant(np.arange(12.0).reshape(4, 3), tf.float32)
    sparse = tf.SparseTensor([[0, 1]], [3.0], [2, 2])
    prints = [
        tf.print(x),
        tf.print("a", x[0], [1, x[1, 0]], {"k": x[0, 1], "b": (2, "t")}, sep="|", end="!\n"),
        tf.print(tf.constant("str{}")),
        tf.print("{}", tf.constant(["a", "b"]), sparse),
        tf.print(tf.range(9), summarize=2, output_stream=tf.logging.info),
        tf.print(3, None, True, name="named"),
    ]
    assert [op.type for op in prints] == ["PrintV2"] * 6
    assert prints[-1].name == "named"
    with tf.Session() as sess:
        for op in prints:
            assert sess.run(op) is None
    assert capsys.readouterr().err.splitlines() == [
        "[[0 1 2]", " [3 4 5]", " [6 7 8]", " [9 10 11]]",
        "a|[0 1 2]|[1, 3]|{'b': (2, 't'), 'k': 1}!",
        "str{}",
        "{} [\"a\" \"b\"] 'SparseTensor(indices=[[0 1]], values=[3], shape=[2 2])'",
        "[0 1 ... 7 8]",
        "3 None True",
    ]  # fmt: skip


def test_print_to_a_file_and_as_a_control_dependency(mode, tmp_path, capsys):
    path = tmp_path / "printed.txt"
    x = tf.placeholder(tf.int32, [None])
    with tf.control_dependencies([tf.print(x, output_stream=f"file://{path}")]):
        doubled = x * 2
    with tf.Session() as sess:
        for fed in ([1], [2, 3]):
            assert sess.run(doubled, {x: fed}).tolist() == [2 * n for n in fed]
    assert path.read_text() == "[1]\n[2 3]\n"
    with pytest.raises(ValueError, match="Unsupported output stream, logging level, or file"):
        tf.print(x, output_stream="elsewhere")


def test_a_string_out_of_many_goes_on(mode):
    words, pairs = tf.placeholder(tf.string, [3]), tf.placeholder(tf.string, [1, 2])
    last = tf.while_loop(
        lambda i, text: i < 3, lambda i, text: (i + 1, tf.string_join([text, words[i]])), [0, ""]
    )[1]
    found = {
        b"a": words[0],
        b"b": tf.gather(words, 1),
        b"c": tf.unstack(words)[2],
        b"e": pairs[0, 1],
        b"d": tf.gather_nd(pairs, [0, 0]),
        b"a ": tf.cond(tf.constant(True), lambda: words[0] + " ", lambda: words[1]),
        b"abc": last,
    }
    # As rows: what is fetched alone is a string for users either way.
    rows = {text: tf.reshape(tensor, [1, 1]) for text, tensor in found.items()}
    rows[b"b"] = tf.reshape(tf.where(False, words[0], words[1]), [1, 1])
    with tf.Session(mode=mode) as sess:
        given = {words: [b"a", b"b", b"c"], pairs: [[b"d", b"e"]]}
        for text, value in sess.run(rows, given).items():
            assert value.tolist() == [[text]]
        assert sess.run(words[1], given) == b"b"


STRINGS = [b"aab a.b", "h\u00e9\u00c9 X\n".encode(), b"", b"\xff a\x80", b"12_-]\n"]


@pytest.mark.parametrize(
    ("pattern", "replaced"),
    [  # of TensorFlow 1.15.5 and 2.21
        ("a*?", [b"<>a<>a<>b<> <>a<>.<>b<>", "<>h<>\u00e9<>\u00c9<> <>X<>\n<>".encode(), b"<>",
                 b"<>\xff<> <>a<>\x80<>", b"<>1<>2<>_<>-<>]<>\n<>"]),
        (".", [b"<a><a><b>< ><a><.><b>", "<h><\u00e9><\u00c9>< ><X>\n".encode(), b"",
               b"\xff< ><a>\x80", b"<1><2><_><-><]>\n"]),
        ("[^a]+", [b"aa<b >a<.b>", "<h\u00e9\u00c9 X\n>".encode(), b"", b"\xff< >a\x80",
                   b"<12_-]\n>"]),
        (r"[\D]+", [b"<aab a.b>", "<h\u00e9\u00c9 X\n>".encode(), b"", b"\xff< a>\x80",
                    b"12<_-]\n>"]),
        (r"\pL+|\p{Nd}", [b"<aab> <a>.<b>", "<h\u00e9\u00c9> <X>\n".encode(), b"", b"\xff <a>\x80",
                          b"<1><2>_-]\n"]),
        (r"[^\PL]\p{^L}", [b"aa<b ><a.>b", "h\u00e9<\u00c9 ><X\n>".encode(), b"", b"\xff a\x80",
                           b"12_-]\n"]),
        ("(?i)\u00e9", [b"aab a.b", "h<\u00e9><\u00c9> X\n".encode(), b"", b"\xff a\x80",
                        b"12_-]\n"]),
        ("A(?i)a|B|x", [b"aa<b> a.<b>", "h\u00e9\u00c9 <X>\n".encode(), b"", b"\xff a\x80",
                        b"12_-]\n"]),
        (r"\Qa.\E+", [b"aab <a.>b", "h\u00e9\u00c9 X\n".encode(), b"", b"\xff a\x80", b"12_-]\n"]),
        ("a{,2}|[]_]", [b"aab a.b", "h\u00e9\u00c9 X\n".encode(), b"", b"\xff a\x80",
                        b"12<_>-<]>\n"]),
        ("[[:^alpha:]]+$", [b"aab a.b", "h\u00e9\u00c9 X<\n>".encode(), b"", b"\xff a\x80",
                            b"<12_-]\n>"]),
        (r"^??[a-]+\B*", [b"<aa>b <a>.b", "h\u00e9\u00c9 X\n".encode(), b"", b"\xff <a>\x80",
                          b"12_<->]\n"]),
    ],
)  # fmt: skip
def test_patterns_mean_what_they_mean_to_re2(oracle, pattern, replaced):
    with tf.Session() as sess:
        assert sess.run(tf.strings.regex_replace(STRINGS, pattern, r"<\0>")).tolist() == replaced
        ours = sess.run(tf.strings.regex_full_match(STRINGS, pattern))
    with oracle.Graph().as_default(), oracle.Session() as sess:
        theirs = sess.run(oracle.strings.regex_replace(STRINGS, pattern, r"<\0>")).tolist()
        assert theirs == replaced
        matched = sess.run(oracle.strings.regex_full_match(STRINGS, pattern))
    assert ours.tolist() == matched.tolist()


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("(", "missing ): ("), ("[", "missing ]: ["), ("a**", "bad repetition operator: **"),
        ("a++", "bad repetition operator: ++"), ("b{2}{3}", "bad repetition operator: {2}{3}"),
        ("*", "no argument for repetition operator: *"), (r"\Z", r"invalid escape sequence: \Z"),
        ("a{1001}", "invalid repetition size: {1001}"),
        ("[[:x:]]", "invalid character class range: [:x:]"),
        (r"\p{Greek}", r"\p{Greek} is not supported here"),
    ],
)  # fmt: skip
def test_patterns_that_are_none(pattern, said):
    for found in (
        tf.strings.regex_replace([b""], pattern, ""), tf.strings.regex_full_match([b""], pattern)
    ):  # fmt: skip
        with tf.Session() as sess, pytest.raises(tf.errors.InvalidArgumentError) as error:
            sess.run(found)
        assert f"Invalid pattern: {pattern}, error: {said}" in str(error.value)


def test_bytes_that_are_no_utf_8(mode):
    """Of TensorFlow 1.15.5: characters begin at each byte that does not go on."""
    odd = b"\x80\x80a\xff\x80b"
    with tf.Session() as sess:
        assert sess.run(tf.strings.lower(b"\xff\xfeA\xe6\x97", encoding="utf-8")) == (
            "\ufffd\ufffda\ufffd".encode()
        )
        assert sess.run(tf.strings.upper(b"\xed\xa0\x80a", encoding="utf-8")) == (
            "\ufffd\ufffd\ufffdA".encode()
        )
        for start, length, part in (
            (0, 1, b"\x80\x80"), (1, 2, b"a\xff\x80"), (-2, 1, b"\xff\x80"), (-1, 9, b"b"),
            (4, 1, b""), (0, -1, b""),
        ):  # fmt: skip
            found = tf.strings.substr(odd, start, length, unit="UTF8_CHAR")
            assert sess.run(found) == part
        with pytest.raises(tf.errors.InvalidArgumentError, match="pos 5 out of range"):
            sess.run(tf.strings.substr(odd, 5, 1, unit="UTF8_CHAR"))
        with pytest.raises(tf.errors.InvalidArgumentError, match="character found in base64"):
            sess.run(tf.decode_base64(b"===="))
