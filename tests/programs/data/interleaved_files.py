"""Records of several compressed files, interleaved, shuffled, parsed in batches; a shard a worker."""

import tensorflow as tf

N_FILES, N_RECORDS = 4, 6
options = tf.python_io.TFRecordOptions(tf.python_io.TFRecordCompressionType.GZIP)
for i in range(N_FILES):
    with tf.python_io.TFRecordWriter("train-%d.gz" % i, options=options) as writer:
        for j in range(N_RECORDS):
            example = tf.train.Example()
            example.features.feature["id"].int64_list.value.append(10 * i + j)
            example.features.feature["values"].float_list.value.extend(
                [i + k / 4.0 for k in range(j)]
            )
            if j % 2:
                example.features.feature["note"].bytes_list.value.append(b"odd %d" % j)
            writer.write(example.SerializeToString())

SPEC = {
    "id": tf.FixedLenFeature([], tf.int64),
    "values": tf.VarLenFeature(tf.float32),
    "note": tf.FixedLenFeature([], tf.string, default_value="even"),
}


def records(filename):
    return tf.data.TFRecordDataset(filename, compression_type="GZIP", buffer_size=1024)


def input_pipeline(worker, n_workers):
    files = tf.data.Dataset.list_files("train-*.gz", shuffle=False)
    files = files.shard(n_workers, worker)
    data = files.interleave(records, cycle_length=2, block_length=2)
    data = data.apply(tf.contrib.data.shuffle_and_repeat(8, count=2, seed=3))
    data = data.batch(5)
    return data.map(lambda serialized: tf.parse_example(serialized, SPEC))


for worker in range(2):
    batch = input_pipeline(worker, 2).make_one_shot_iterator().get_next()
    sums = tf.sparse_reduce_sum(batch["values"], axis=1)
    with tf.Session() as sess:
        try:
            while True:
                numbers, total, notes, sparse = sess.run(
                    [batch["id"], sums, batch["note"], batch["values"]]
                )
                print(numbers, total, notes[0].decode(), sparse.dense_shape)
        except tf.errors.OutOfRangeError:
            print("end of worker", worker)

ids = (
    tf.data.Dataset.list_files("train-*.gz", shuffle=False)
    .apply(tf.contrib.data.parallel_interleave(records, cycle_length=3, sloppy=False))
    .apply(
        tf.contrib.data.map_and_batch(
            lambda record: tf.parse_single_example(record, SPEC)["id"], batch_size=8
        )
    )
    .prefetch(2)
)
element = ids.make_one_shot_iterator().get_next()
with tf.Session() as sess:
    print([sess.run(element).tolist() for _ in range(3)])
