"""Strings: joined, cut, matched, hashed, read as numbers; files read by the graph."""

import tempfile
from pathlib import Path

import numpy as np
from tests.ops.record import Record, integers, normal

WORDS = np.array(
    [b"hello world", b"a,b,,c", b"", b"  x\ty ", "Gr\u00fc\u00dfe".encode(), b"\0a\0"], object
)
PAIRS = WORDS.reshape(2, 3)
NUMBERS = np.array([b"3.25", b" -7e2 ", b"inf", b"-nan", b".5", b"1e50"], object)
WHOLE = np.array([b"3", b" -7 ", b"0", b"-2147483648"], object)
LONG = np.array([bytes(range(n % 256)) * (1 + n // 256) for n in [*range(1, 70), 127, 128, 129,
                 200, 300, 511]], object)  # fmt: skip

FOLDER = Path(tempfile.gettempdir()) / "graphmode_records"
FOLDER.mkdir(exist_ok=True)
(FOLDER / "one.txt").write_bytes(b"some\0bytes\n")
(FOLDER / "two.txt").write_bytes(b"")
READ = np.array(str(FOLDER / "one.txt").encode(), object)
FILES = {"host_only": "reads or writes a file"}


def _record(op_type, call, inputs, name="", **options):
    return Record(op_type, call, inputs, name=name, one_dtype="texts", **options)


def _text(op_type, text, pattern, **options):
    return _record(op_type, text, [WORDS], pattern, **options)


def _sparse(value):
    return [value.indices, value.values, value.dense_shape]


def _replace(pattern, rewrite, **options):
    return Record(
        "StaticRegexReplace",
        lambda tf, s: tf.strings.regex_replace(s, pattern, rewrite, **options),
        [WORDS],
        name=f"{pattern} {rewrite}",
        one_dtype="texts",
    )


def _matches(pattern):
    return Record(
        "StaticRegexFullMatch",
        lambda tf, s: tf.strings.regex_full_match(s, pattern),
        [WORDS],
        name=pattern,
        one_dtype="texts",
    )


def _as_string(name, value, **options):
    return Record("AsString", lambda tf, x: tf.as_string(x, **options), [value], name=name)


def _written(tf, contents):
    """What is read back from a file that each library has for itself."""
    own = str(FOLDER / "new" / tf.__name__ / "three.txt").encode()
    path = tf.py_func(lambda: own, [], tf.string)
    path.set_shape([])
    with tf.control_dependencies([tf.write_file(path, contents)]):
        return tf.read_file(path)


BYTES = np.array(
    ["G\u00f6\u20ac\U0001f600".encode(), b"", b"a\xff\xe2\x82b", b"\xed\xa0\x80\xf4", b"\x03\x7f"],
    object,
)
RAGGED = "TensorFlow passes through ragged tensors"


def _transcode(tf, s, **options):
    return tf.strings.unicode_transcode(s, "UTF-8", **options)


def _decode(tf, s, op_type, **options):
    return list(getattr(tf.raw_ops, op_type)(input=s, input_encoding="UTF-8", **options))


RECORDS = [
    _record("UnicodeTranscode", lambda tf, s: _transcode(tf, s, output_encoding="UTF-16-BE"),
            [BYTES]),
    _record("UnicodeTranscode",
            lambda tf, s: _transcode(tf, s, output_encoding="UTF-32-BE", errors="ignore",
                                     replace_control_characters=True), [BYTES], "ignore"),
    _record("UnicodeTranscode",
            lambda tf, s: _transcode(tf, s, output_encoding="UTF-8", replacement_char=63), [BYTES],
            "other"),
    _record("UnicodeTranscode",
            lambda tf, s: _transcode(tf, s, output_encoding="UTF-8", errors="strict"), [BYTES],
            "strict", raises=("InvalidArgumentError", "Invalid formatting on input string")),
    _record("UnicodeTranscode",
            lambda tf, s: tf.strings.unicode_transcode(s, "klingon", "UTF-8"), [BYTES], "unknown",
            raises=("InvalidArgumentError", "Could not create converter for input encoding: kli")),
    _record("UnicodeTranscode", lambda tf, s: _transcode(tf, s, output_encoding="LATIN1"), [BYTES],
            "latin", raises=(ValueError, "passed string 'LATIN1' not in: \"UTF-8\", ")),
    _record("UnicodeDecode", lambda tf, s: _decode(tf, s, "UnicodeDecode"), [BYTES]),
    _record("UnicodeDecode",
            lambda tf, s: tf.strings.unicode_decode(s[2], "UTF-8", errors="ignore"), [BYTES],
            "one"),
    _record("UnicodeDecodeWithOffsets", lambda tf, s: _decode(tf, s, "UnicodeDecodeWithOffsets"),
            [BYTES]),
    _record("UnicodeDecodeWithOffsets",
            lambda tf, s: list(tf.strings.unicode_decode_with_offsets(s[0], "UTF-8")), [BYTES],
            "one"),
    _record("UnicodeDecode", lambda tf, s: tf.strings.unicode_split(s[0], "UTF-8"), [BYTES],
            "split", names_differ=RAGGED),
    _record("UnicodeEncode",
            lambda tf, x: tf.strings.unicode_encode(x, "UTF-8"),
            [np.array([[71, 246, 8364], [0xD800, -1, 0x1F600]], np.int32)], names_differ=RAGGED),
    _record("UnicodeEncode",
            lambda tf, x: tf.strings.unicode_encode(x, "UTF-16-BE", errors="ignore"),
            [np.array([71, 0x110000, 0xFFFE], np.int32)], "one", names_differ=RAGGED),
    _record("UnicodeEncode",
            lambda tf, x: tf.strings.unicode_encode(x, "UTF-8", errors="strict"),
            [np.array([71, -1], np.int32)], "strict",
            raises=("InvalidArgumentError", "Unicode")),
    _record("StringNGrams", lambda tf, s: tf.strings.ngrams(s, [2, 3], "|", pad_values=("<", ">")),
            [PAIRS], names_differ=RAGGED),
    _record("StringNGrams",
            lambda tf, s: tf.strings.ngrams(s, 5, pad_values="-", padding_width=1,
                                            preserve_short_sequences=True), [WORDS[:2]], "short",
            names_differ=RAGGED),
    _record("StringNGrams",
            lambda tf, s: list(tf.raw_ops.StringNGrams(
                data=s, data_splits=np.array([0, 1, 1, 6]), separator="+", ngram_widths=[2],
                left_pad="", right_pad="", pad_width=0, preserve_short_sequences=True)), [WORDS],
            "raw"),
    _record("StringNGrams", lambda tf, s: tf.strings.ngrams(s, 0), [WORDS], "none",
            raises=(ValueError, "All ngram_widths must be greater than 0. Got")),
    _record("StringSplit", lambda tf, s: tf.strings.bytes_split(s[0]), [WORDS], "bytes",
            names_differ=RAGGED),
    _record("StringJoin", lambda tf, a, b: tf.string_join([a, b, "!"], separator="-"),
            [PAIRS, PAIRS[::-1]]),
    _record("StringJoin", lambda tf, a: tf.strings.join([a]), [WORDS], "one"),
    _record("StringJoin", lambda tf, a, b: tf.string_join([a, b]), [PAIRS, WORDS], "shapes",
            raises=(ValueError, "Shapes must be equal rank, but are")),
    _record("ReduceJoin", lambda tf, a: tf.reduce_join(a), [PAIRS]),
    _record("ReduceJoin", lambda tf, a: tf.reduce_join(a, 0, separator="|"), [PAIRS], "first"),
    _record("ReduceJoin", lambda tf, a: tf.reduce_join(a, [0, 1], keep_dims=True), [PAIRS], "both"),
    _record("ReduceJoin", lambda tf, a: tf.strings.reduce_join(a, axis=-1, keepdims=True), [PAIRS],
            "last"),
    _record("ReduceJoin", lambda tf, a: tf.reduce_join(a, []), [PAIRS], "none"),
    _record("ReduceJoin", lambda tf, a: tf.reduce_join(a, 2), [PAIRS], "outside",
            raises=(ValueError, "Invalid reduction dimension 2 for input with 2 dim")),
    _record("UnsortedSegmentJoin",
            lambda tf, a, i: tf.strings.unsorted_segment_join(a, i, 4, ":"),
            [WORDS, np.array([2, 0, 2, 2, 3, 0], np.int32)]),
    _record("UnsortedSegmentJoin",
            lambda tf, a, i: tf.strings.unsorted_segment_join(a, i, 2),
            [PAIRS, np.array([1, 1], np.int64)], "rows"),
    _record("Substr", lambda tf, a: tf.substr(a, 0, 3), [WORDS]),
    _record("Substr", lambda tf, a, p, n: tf.strings.substr(a, p, n),
            [WORDS[:3], np.array([3, -2, 1], np.int64), np.array([2, 9, 1], np.int64)], "outside",
            raises=("InvalidArgumentError", "pos 1 out of range for string b'' at index 2")),
    _record("Substr", lambda tf, a, p, n: tf.strings.substr(a, p, n),
            [WORDS[:2], np.array([3, -2], np.int64), np.array([2, 9], np.int64)], "places"),
    _record("Substr", lambda tf, a: tf.substr(a, [[2]], [[2]], unit="UTF8_CHAR"), [WORDS[4:5]],
            "characters"),
    _record("StringSplit", lambda tf, a: _sparse(tf.string_split(a)), [WORDS]),
    _record("StringSplit", lambda tf, a: _sparse(tf.string_split(a, ", ", skip_empty=False)),
            [WORDS], "empty"),
    _record("StringSplit", lambda tf, a: _sparse(tf.string_split(a, delimiter="")), [WORDS],
            "bytes"),
    _record("StringSplit", lambda tf, a: _sparse(tf.string_split(a)), [PAIRS], "rank",
            raises=(ValueError, "must be rank 1 but is rank 2")),
    _record("StringSplitV2", lambda tf, a: _sparse(tf.strings.split(a)), [WORDS]),
    _record("StringSplitV2", lambda tf, a: _sparse(tf.strings.split(a, ",", 2)), [WORDS], "sep"),
    _record("StringSplitV2", lambda tf: _sparse(tf.strings.split("one two", maxsplit=0)), [],
            "scalar"),
    _text("StringStrip", lambda tf, a: tf.strings.strip(a), ""),
    _text("StringLower", lambda tf, a: tf.strings.lower(a), ""),
    _record("StringLower", lambda tf, a: tf.strings.lower(a, encoding="utf-8"), [WORDS[:5]],
            "utf8"),
    _text("StringUpper", lambda tf, a: tf.strings.upper(a), ""),
    _text("StringLength", lambda tf, a: tf.strings.length(a), ""),
    _text("StringLength", lambda tf, a: tf.strings.length(a, unit="UTF8_CHAR"), "characters"),
    _replace("l+", r"<\0>"), _replace(r"(\w)(\w)", r"\2\1"), _replace("x*", "-"),
    _replace("[[:space:],]", "_", replace_global=False), _replace(r"^\s*|\s*$", ""),
    _replace(r"(?i)HELLO|\x{fc}", r"\\"), _replace(r"[^a-z[]", "."), _replace("o", ""),
    _record("StaticRegexReplace", lambda tf, a: tf.strings.regex_replace(a, "(", ""), [WORDS],
            "pattern", raises=("InvalidArgumentError", r"Invalid pattern: \(")),
    _record("StaticRegexReplace", lambda tf, a: tf.strings.regex_replace(a, "(?=a)", ""), [WORDS],
            "look ahead", raises=("InvalidArgumentError", "invalid perl operator")),
    _record("RegexReplace", lambda tf, a, p: tf.strings.regex_replace(a, p, "<\\0>"),
            [WORDS, np.array(b"[aeiou]", object)]),
    _matches(r"\w+ \w+"), _matches(".*"), _matches("a|a,b,,c"), _matches(""),
    _record("RegexFullMatch", lambda tf, a, p: tf.strings.regex_full_match(a, p),
            [PAIRS, np.array(b"h.*d", object)]),
    _as_string("", np.array([[1.5, -2, 1e9], [0, np.inf, 1e-8]], np.float32)),
    _as_string("precision", np.array([np.pi, -1e5], np.float64), precision=3, width=12),
    _as_string("scientific", normal(3), scientific=True, width=14, fill="0"),
    _as_string("shortest", np.array([1e-9, 0.5, 123456789.0], np.float32), shortest=True),
    _as_string("integers", integers(-99, 99, 5), width=5, fill="-"),
    _as_string("bool", np.array([True, False])),
    _as_string("complex", np.array([1 + 2j, -0.5j], np.complex64), precision=1),
    _record("AsString", lambda tf, x: tf.as_string(x, precision=2), [integers(0, 9, 3)], "refused",
            raises=("InvalidArgumentError", "precision not supported for datatype")),
    _record("StringToNumber", lambda tf, a: tf.string_to_number(a), [NUMBERS]),
    _record("StringToNumber", lambda tf, a: tf.string_to_number(a, tf.float64), [NUMBERS],
            "float64"),
    _record("StringToNumber", lambda tf, a: tf.strings.to_number(a, tf.int32), [WHOLE], "int32"),
    _record("StringToNumber", lambda tf, a: tf.string_to_number(a, tf.int64), [WHOLE], "int64"),
    _record("StringToNumber", lambda tf, a: tf.string_to_number(a), [WORDS], "none",
            raises=("InvalidArgumentError",
                    "StringToNumberOp could not correctly convert string: hello world")),
    _record("StringToNumber", lambda tf, a: tf.string_to_number(a, tf.int32),
            [np.array(b"2147483648", object)], "large",
            raises=("InvalidArgumentError", "could not correctly convert string: 2147483648")),
    _record("StringToHashBucket", lambda tf, a: tf.string_to_hash_bucket(a, 1000003), [LONG]),
    _record("StringToHashBucketFast", lambda tf, a: tf.string_to_hash_bucket_fast(a, 2**62),
            [LONG]),
    _record("StringToHashBucketStrong",
            lambda tf, a: tf.strings.to_hash_bucket_strong(a, 2**62, [123, 2**40 + 7]), [LONG]),
    _record("StringToHashBucketFast", lambda tf, a: tf.string_to_hash_bucket_fast(a, 0), [LONG],
            "no buckets", raises=(ValueError, "num_buckets")),
    _record("DecodeRaw", lambda tf, a: tf.decode_raw(a, tf.int32),
            [np.array([b"abcdefgh", b"\0\1\2\3\0\0\0\0"], object)]),
    _record("DecodeRaw", lambda tf, a: tf.io.decode_raw(a, tf.int16, little_endian=False),
            [np.array(b"abcdefgh", object)], "big endian"),
    _record("DecodeRaw", lambda tf, a: tf.decode_raw(a, tf.uint8), [np.zeros((0,), object)],
            "nothing"),
    _record("DecodeRaw", lambda tf, a: tf.decode_raw(a, tf.int32), [np.array(b"abcde", object)],
            "size", raises=("InvalidArgumentError", "not a multiple of 4, the size of int32")),
    _record("DecodeRaw", lambda tf, a: tf.decode_raw(a, tf.int32),
            [np.array([b"abcd", b"ab"], object)], "sizes",
            raises=("InvalidArgumentError", "element 1 has size 4 != 2")),
    _record("EncodeBase64", lambda tf, a: tf.encode_base64(a), [WORDS]),
    _record("EncodeBase64", lambda tf, a: tf.encode_base64(a, pad=True), [LONG], "pad"),
    _record("DecodeBase64", lambda tf, a: tf.decode_base64(tf.encode_base64(a)), [LONG]),
    _record("DecodeBase64", lambda tf, a: tf.decode_base64(a), [np.array(b"a?bc", object)], "none",
            raises=("InvalidArgumentError", "Invalid character found in base64")),
    _record("StringFormat",
            lambda tf, x, s: tf.strings.format("x is {}, {} here", [x, s]),
            [integers(0, 99, 9, 2), WORDS[:3]]),
    _record("StringFormat", lambda tf, x: tf.strings.format("{}", x, summarize=-1),
            [normal(2, 3, 2)], "all"),
    _record("StringFormat", lambda tf, x: tf.strings.format("%d %d", [x]), [normal()], "count",
            raises=(ValueError, "placeholder")),
    _record("ReadFile", lambda tf, a: tf.read_file(a), [READ], **FILES),
    _record("ReadFile", lambda tf, a: tf.io.read_file(a), [np.array(b"/no/such/file", object)],
            "none", raises=("NotFoundError", "/no/such/file; No such file or directory")),
    _record("WriteFile", _written, [np.array(b"\0text\0", object)],
            **FILES),
    _record("MatchingFiles", lambda tf, a: tf.matching_files(a),
            [np.array([str(FOLDER / "*.txt").encode()], object)], **FILES),
    _record("DecodeCSV", lambda tf, a: tf.decode_csv(a, [[0], [1.5], [""]]),
            [np.array([b"1,2.5,hello", b'3,,"a ""q"", b"'], object)]),
    _record("DecodeCSV", lambda tf, a: tf.io.decode_csv(
                a, [[0], tf.constant([], tf.float64)], field_delim=" ", na_value="NA",
                select_cols=[0, 2]),
            [np.array([b"NA x 2.5", b"7 y 1e3"], object)], "columns"),
    _record("DecodeCSV", lambda tf, a: tf.decode_csv(a, [[""]], use_quote_delim=False),
            [np.array([b'a"b', b'"'], object)], "quotes"),
    *(_record("DecodeCSV", lambda tf, a, d=defaults: tf.decode_csv(a, d), [np.array(line, object)],
              name, raises=("InvalidArgumentError", text))
      for name, line, defaults, text in [
          ("fields", b"1,2", [[0]], "Expect 1 fields but have 2 in record 0"),
          ("number", b"x", [[0]], "Field 0 in record 0 is not a valid int32: x"),
          ("missing", b",", [np.zeros(0, np.float32), [0]], "Field 0 is required but missing in r"),
          ("open quote", b'"a', [[""]], "Quoted field has to end with quote followed by delim or"),
          ("quote inside", b'a"b', [[""]], "Unquoted fields cannot have quotes/CRLFs inside"),
      ]),
    _record("DecodeCSV", lambda tf, a: tf.decode_csv(a, [[0], [1]], select_cols=[1, 0]), [WORDS],
            "order", raises=(ValueError, "select_cols is not strictly increasing")),
]  # fmt: skip

RECORDS += [
    Record("PrintV2", lambda tf, x: tf.print("x =", x, [2]), [np.float32([1, 2.5])],
           one_dtype="what is printed is a string", host_only="it writes"),
]  # fmt: skip

POINTS = np.int32([[97, 0x42F, 32], [0x4E00, 0x1F600, -1], [0xD800, 0x110000, 0x10FFFF]])
RECORDS += [
    Record("UnicodeScript", lambda tf, x: tf.strings.unicode_script(x), [POINTS]),
    Record("Fingerprint", lambda tf, x: tf.fingerprint(x), [normal(3, 2, 2)],
           host_only="the method is a string"),
    _record("Fingerprint", lambda tf, s: tf.fingerprint(s), [LONG], "texts"),
    _record("Fingerprint", lambda tf, s: tf.fingerprint(s), [PAIRS], "rows of texts"),
    _record("Fingerprint", lambda tf, s: tf.fingerprint(s, "md5"), [PAIRS], "method",
            raises=(ValueError, "Unsupported method: md5")),
    _record("Fingerprint", lambda tf, s: tf.fingerprint(s), [READ], "scalar",
            raises=(ValueError, "Shape must be at least rank 1 but is rank 0")),
]  # fmt: skip
