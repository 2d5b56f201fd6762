"""Strings in the graph: splitting, joining, numbers, hashes, columns, files."""

import tensorflow as tf

lines = tf.placeholder(tf.string, [None])
words = tf.string_split(lines)
dense = tf.sparse_tensor_to_dense(words, default_value="")
again = tf.reduce_join(dense, axis=1, separator=" ")
hashed = tf.string_to_hash_bucket_fast(words.values, 100)
numbers = tf.string_to_number(tf.string_split(["1.5,2,3e1"], ",").values)
joined = tf.string_join(["step", tf.as_string(tf.range(3)), "end"], separator="-")
cut = tf.substr("abcdef", 1, 3)
cleaned = tf.regex_replace(lines, "[^a-z ]", "")
columns = tf.decode_csv(["1,2.5,x", "3,,y"], [[0], [9.0], [""]])
raw = tf.decode_raw(tf.constant(b"\x01\x02\x00\x03"), tf.uint8)
with open("note.txt", "w") as f:
    f.write("one\ntwo\n")
content = tf.read_file("note.txt")
with tf.Session() as sess:
    feed = {lines: ["the cat sat", "the dog", "sat"]}
    print(sess.run(dense, feed).tolist())
    print(sess.run(again, feed).tolist())
    print(sess.run(hashed, feed).tolist(), sess.run(words, feed).dense_shape.tolist())
    print(sess.run(numbers).tolist(), sess.run(joined).tolist(), sess.run(cut))
    print(sess.run(cleaned, {lines: ["It's 5 o'clock", "ok"]}).tolist())
    print([c.tolist() for c in sess.run(columns)], sess.run(raw).tolist())
    print(sess.run(content))
    print(sess.run(tf.strings.length(tf.constant(["", "abc"]))).tolist())
    print(sess.run(tf.equal(lines, "sat"), feed).tolist())
