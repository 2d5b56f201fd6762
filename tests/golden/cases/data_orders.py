"""`tf.data`: the order of elements, shuffled or not, batches, structures, seeds of later ops."""

import pathlib
import tempfile

import numpy as np

from golden.case import case


def read(tf, dataset, most=60):
    """The elements of a data set: those of the first component, joined by what is a batch."""
    get_next = dataset.make_one_shot_iterator().get_next()
    found = []
    with tf.Session() as session:
        try:
            while len(found) < most:
                found.append(str(np.asarray(session.run(get_next)).tolist()))
        except tf.errors.OutOfRangeError:
            found.append("end")
    return found


def listed(tf, makers):
    found = {}
    for name, make in makers.items():
        with tf.Graph().as_default() as graph:
            dataset = make()
            found[name + ".ops"] = graph._last_id
            found[name + ".shape"] = str(dataset.output_shapes)
            found[name] = read(tf, dataset)
    return found


@case
def shuffled(tf):
    of, more = tf.data.Dataset, tf.data.experimental

    def seeded(make):
        def made():
            tf.set_random_seed(3)
            return make()

        return made

    return listed(
        tf,
        {
            "repeated": lambda: of.range(10).shuffle(4, seed=1).repeat(2),
            "same order": lambda: of.range(10).shuffle(4, 1, False).repeat(2),
            "repeated later": lambda: of.range(10).shuffle(4, seed=1).skip(0).repeat(3),
            "after repeat": lambda: of.range(10).repeat(2).shuffle(7, seed=7),
            "whole buffer": lambda: of.range(40).shuffle(1000, seed=5).repeat(2).batch(16),
            "buffer of one": lambda: of.range(4).shuffle(1, seed=2).repeat(2),
            "twice": lambda: of.range(9).shuffle(3, seed=1).shuffle(5, seed=2).repeat(2),
            "applied": lambda: of.range(9).apply(more.shuffle_and_repeat(4, 3, seed=9)),
            "inside": lambda: of.range(3).flat_map(lambda i: of.range(6).shuffle(3, seed=4)),
            "graph seed": seeded(lambda: of.range(9).shuffle(4)),
            "both seeds": seeded(lambda: of.range(9).shuffle(4, seed=8).repeat(2)),
            "random": lambda: more.RandomDataset(seed=5).take(6),
            "without a seed": lambda: of.range(3).shuffle(1),
            "sampled by the seed of the graph": seeded(
                lambda: more.sample_from_datasets([of.range(6), of.range(10, 16)])
            ),
            "sampled by weights that change": lambda: more.sample_from_datasets(
                [of.range(6), of.range(10, 16)],
                of.from_tensor_slices([[1.0, 0.0], [0.0, 1.0]]).repeat(),
                seed=3,
            ),
            "resampled": lambda: of.range(40).apply(
                more.rejection_resample(
                    lambda i: tf.cast(i % 2, tf.int32), [0.5, 0.5], [0.2, 0.8], seed=3
                )
            ),
            "resampled, shares estimated": seeded(
                lambda: of.range(60).apply(
                    more.rejection_resample(
                        lambda i: tf.cast(tf.equal(i % 4, 1), tf.int32), [0.5, 0.5], seed=3
                    )
                )
            ),
            "resampled by the seed of the graph": seeded(
                lambda: of.range(40).apply(
                    more.rejection_resample(
                        lambda i: tf.cast(i % 2, tf.int32), [0.4, 0.6], [0.2, 0.8]
                    )
                )
            ),
            "drawn in map": lambda: (
                of.range(5)
                .map(lambda i: i * 0 + tf.random_uniform([], 0, 1000, tf.int64, seed=3))
                .repeat(2)
            ),
            "drawn by graph seed": seeded(
                lambda: of.range(5).map(lambda i: i * 0 + tf.random_uniform([], 0, 1000, tf.int64))
            ),
            "sampled": lambda: more.sample_from_datasets([of.range(6), of.range(10, 16)], seed=3),
            "weighted": lambda: more.sample_from_datasets(
                [of.range(6), of.range(10, 16)], [0.2, 0.8], seed=3
            ),
        },
    )


@case
def files(tf):
    """The order of files and of the rows of tables, and the seeds of later ops."""
    of, more = tf.data.Dataset, tf.data.experimental
    with tempfile.TemporaryDirectory() as folder:
        for i in range(6):
            rows = "".join(f"{i * 10 + j},x{j}\n" for j in range(3))
            pathlib.Path(folder, f"{i}.csv").write_text("a,b\n" + rows)
        pattern = folder + "/*.csv"

        def number(name):
            return tf.strings.substr(name, len(folder) + 1, 1)

        def seeded():
            tf.set_random_seed(3)
            return of.list_files(pattern).map(number)

        return listed(
            tf,
            {
                "in order": lambda: of.list_files(pattern, shuffle=False).map(number),
                "shuffled": lambda: of.list_files(pattern, seed=4).repeat(2).map(number),
                "shuffled by the graph": seeded,
                "table": lambda: more.make_csv_dataset(
                    pattern, 4, num_epochs=2, shuffle_seed=5, shuffle_buffer_size=7
                ).map(lambda row: row["a"]),
                "table without end": lambda: (
                    more.make_csv_dataset(
                        pattern, 4, shuffle_seed=5, num_parallel_reads=2, shuffle_buffer_size=7
                    )
                    .map(lambda row: row["a"])
                    .take(7)
                ),
            },
        )


@case
def in_order(tf):
    of, more = tf.data.Dataset, tf.data.experimental
    return listed(
        tf,
        {
            "batch": lambda: of.range(7).batch(3),
            "whole batches": lambda: of.range(7).batch(3, drop_remainder=True),
            "batch of batches": lambda: of.range(12).batch(2).batch(3),
            "over repeats": lambda: of.range(5).repeat(2).batch(4),
            "rows": lambda: of.from_tensor_slices(np.arange(12).reshape(4, 3)).skip(1).take(2),
            "take all": lambda: of.range(3).take(-1),
            "skip all": lambda: of.range(3).skip(-1),
            "nothing": lambda: of.range(0).repeat(),
            "shard": lambda: of.range(10).shard(3, 1),
            "range": lambda: of.range(9, 1, -3),
            "joined": lambda: of.range(3).concatenate(of.range(7, 9)).repeat(2),
            "filter": lambda: of.range(9).filter(lambda i: tf.equal(i % 3, 1)),
            "flat": lambda: of.range(4).flat_map(lambda i: of.range(i)),
            "turns": lambda: of.range(1, 6).interleave(
                lambda i: of.from_tensors(i).repeat(i), cycle_length=2, block_length=3
            ),
            "turns of many": lambda: of.range(5).interleave(
                lambda i: of.from_tensors(i).repeat(4 - i), cycle_length=3, block_length=1
            ),
            "kept": lambda: of.range(3).cache().repeat(2),
            "padded": lambda: (
                of.range(1, 6).map(lambda i: tf.fill([i], i)).padded_batch(2, [None], np.int64(-1))
            ),
            "padded more": lambda: (
                of.range(1, 5)
                .map(lambda i: tf.fill([i], i))
                .padded_batch(3, padded_shapes=[6], drop_remainder=True)
            ),
            "windows": lambda: of.range(10).apply(
                more.group_by_window(lambda i: i % 3, lambda k, w: w.batch(4), 3)
            ),
            "buckets": lambda: (
                of.from_tensor_slices([3, 1, 5, 2, 6, 1, 4, 8])
                .map(lambda n: tf.fill([n], n))
                .apply(more.bucket_by_sequence_length(lambda row: tf.size(row), [3, 5], [2, 2, 2]))
            ),
            "buckets to their ends": lambda: (
                of.from_tensor_slices([3, 1, 2, 1, 4, 2])
                .map(lambda n: tf.fill([n], n))
                .apply(
                    more.bucket_by_sequence_length(
                        lambda row: tf.size(row), [3, 6], [2, 2, 2], pad_to_bucket_boundary=True
                    )
                )
            ),
            "sums": lambda: of.range(6).apply(
                more.scan(np.int64(0), lambda total, i: (total + i, total + i))
            ),
            "rows again": lambda: of.range(6).batch(4).apply(more.unbatch()),
            "chosen": lambda: more.choose_from_datasets(
                [of.range(3), of.range(10, 13)],
                of.from_tensor_slices(np.array([1, 0, 0, 1, 0, 0, 1], np.int64)),
            ),
            "mapped batches": lambda: of.range(7).apply(
                more.map_and_batch(lambda i: i * i, 3, drop_remainder=True)
            ),
            "windowed": lambda: of.range(7).window(3).flat_map(lambda w: w.batch(3)),
            "sliding": lambda: (
                of.range(7).window(3, 1, 2, drop_remainder=True).flat_map(lambda w: w.batch(3))
            ),
            "far windows": lambda: of.range(9).window(2, 4).flat_map(lambda w: w),
            "windows at the end": lambda: of.range(5).window(4, 2).flat_map(lambda w: w.batch(4)),
            "windows of pairs": lambda: (
                of.zip((of.range(4), of.range(4, 8)))
                .window(2)
                .flat_map(lambda a, b: of.zip((a.batch(2), b.batch(2))).map(lambda a, b: a * b))
            ),
            "counted": lambda: more.Counter(3, 2).take(3),
            "while": lambda: of.range(9).apply(more.take_while(lambda i: i * i < 10)),
            "once": lambda: of.from_tensor_slices([3, 1, 3, 2, 1]).apply(more.unique()),
            "numbered": lambda: of.range(5, 8).apply(more.enumerate_dataset(2)),
            "ahead": lambda: of.range(5).prefetch(2),
            "generated": lambda: of.from_generator(lambda: iter(range(4)), tf.int32, []),
        },
    )
