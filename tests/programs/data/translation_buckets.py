"""Sentence pairs for translation: vocabularies, start and end signs, buckets of like lengths."""

import tensorflow as tf

UNK, SOS, EOS = "<unk>", "<s>", "</s>"
PAIRS = [
    ("ich bin hier", "i am here"),
    ("wo bist du", "where are you"),
    ("ja", "yes"),
    ("wir gehen heute in die stadt", "we go to the city today"),
    ("das ist ein haus", "that is a house"),
    ("nein", "no"),
    ("er liest ein sehr langes buch", "he reads a very long book"),
    ("", "nothing"),
    ("sie singt", "she sings"),
    ("das buch ist hier", "the book is here"),
    ("du bist das licht meiner welt und mehr", "you are the light of my world and more"),
]

for side, name in enumerate(["de", "en"]):
    lines = [pair[side] for pair in PAIRS]
    with open("train." + name, "w") as f:
        f.write("\n".join(lines) + "\n")
    with open("vocab." + name, "w") as f:
        known = sorted({w for line in lines for w in line.split()} - {"welt", "light"})
        f.write("\n".join([UNK, SOS, EOS] + known) + "\n")


def get_iterator(src_vocab, tgt_vocab, batch_size, num_buckets, src_max_len=6):
    src = tf.data.TextLineDataset("train.de")
    tgt = tf.data.TextLineDataset("train.en")
    src_eos_id = tf.cast(src_vocab.lookup(tf.constant(EOS)), tf.int32)
    tgt_sos_id = tf.cast(tgt_vocab.lookup(tf.constant(SOS)), tf.int32)
    tgt_eos_id = tf.cast(tgt_vocab.lookup(tf.constant(EOS)), tf.int32)
    data = tf.data.Dataset.zip((src, tgt)).shuffle(20, seed=5)
    data = data.map(lambda s, t: (tf.string_split([s]).values, tf.string_split([t]).values))
    data = data.filter(lambda s, t: tf.logical_and(tf.size(s) > 0, tf.size(t) > 0))
    data = data.map(lambda s, t: (s[:src_max_len], t), num_parallel_calls=2)
    data = data.map(
        lambda s, t: (
            tf.cast(src_vocab.lookup(s), tf.int32),
            tf.cast(tgt_vocab.lookup(t), tf.int32),
        )
    )
    data = data.map(
        lambda s, t: (s, tf.concat(([tgt_sos_id], t), 0), tf.concat((t, [tgt_eos_id]), 0))
    )
    data = data.map(lambda s, t_in, t_out: (s, t_in, t_out, tf.size(s), tf.size(t_in)))

    def batching_func(x):
        unknown = tf.TensorShape([None])
        return x.padded_batch(
            batch_size,
            padded_shapes=(unknown, unknown, unknown, tf.TensorShape([]), tf.TensorShape([])),
            padding_values=(src_eos_id, tgt_eos_id, tgt_eos_id, 0, 0),
        )

    def key_func(s, t_in, t_out, s_len, t_len):
        bucket_width = (src_max_len + num_buckets - 1) // num_buckets
        bucket_id = tf.maximum(s_len // bucket_width, t_len // bucket_width)
        return tf.to_int64(tf.minimum(num_buckets, bucket_id))

    def reduce_func(unused_key, windowed_data):
        return batching_func(windowed_data)

    grouped = data.apply(
        tf.contrib.data.group_by_window(
            key_func=key_func, reduce_func=reduce_func, window_size=batch_size
        )
    )
    return grouped.make_initializable_iterator(), data


src_vocab = tf.contrib.lookup.index_table_from_file("vocab.de", default_value=0)
tgt_vocab = tf.contrib.lookup.index_table_from_file("vocab.en", default_value=0)
reverse = tf.contrib.lookup.index_to_string_table_from_file("vocab.en", default_value=UNK)
iterator, data = get_iterator(src_vocab, tgt_vocab, batch_size=3, num_buckets=3)
source, target_in, target_out, source_len, target_len = iterator.get_next()
said = tf.reduce_join(reverse.lookup(tf.to_int64(target_out)), axis=1, separator=" ")

by_length = data.apply(
    tf.contrib.data.bucket_by_sequence_length(
        lambda s, t_in, t_out, s_len, t_len: s_len, [2, 4], [4, 2, 3]
    )
).make_initializable_iterator()
rows = by_length.get_next()[0]

with tf.Session() as sess:
    sess.run(tf.tables_initializer())
    sess.run(iterator.initializer)
    try:
        while True:
            found = sess.run([source, target_in, source_len, target_len, said])
            print("lengths", found[2], found[3], "shape", found[0].shape)
            print(found[0][0], found[1][-1], found[4][0].decode())
    except tf.errors.OutOfRangeError:
        print("end of the epoch")
    sess.run(by_length.initializer)
    try:
        while True:
            print(sess.run(rows).shape)
    except tf.errors.OutOfRangeError:
        print("end of the buckets")
