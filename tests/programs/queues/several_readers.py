"""Several readers, each with a thread of its own, whose examples batch_join puts together."""

import collections

import tensorflow as tf

N_FILES, N_LINES, READERS, BATCH = 5, 12, 3, 6

for i in range(N_FILES):
    with open("shard-%05d-of-%05d" % (i, N_FILES), "w") as f:
        f.writelines("%d %d\n" % (i, j) for j in range(N_LINES))


def read_my_file_format(filename_queue):
    reader = tf.TextLineReader()
    key, record = reader.read(filename_queue)
    numbers = tf.string_to_number(tf.string_split([record]).values, tf.int32)
    numbers.set_shape([2])
    return {"key": key, "pair": numbers, "product": numbers[0] * numbers[1]}


def inputs(shuffled):
    names = tf.train.match_filenames_once("shard-*")
    queue = tf.train.string_input_producer(names, num_epochs=2, shuffle=shuffled)
    examples = [read_my_file_format(queue) for _ in range(READERS)]
    if shuffled:
        return tf.train.shuffle_batch_join(
            examples, batch_size=BATCH, capacity=30, min_after_dequeue=12
        )
    return tf.train.batch_join(
        examples, batch_size=BATCH, capacity=3 * BATCH, allow_smaller_final_batch=True
    )


for shuffled in (False, True):
    with tf.Graph().as_default(), tf.Session() as sess:
        batch = inputs(shuffled)
        sess.run([tf.global_variables_initializer(), tf.local_variables_initializer()])
        coord = tf.train.Coordinator()
        threads = tf.train.start_queue_runners(sess=sess, coord=coord)
        seen, sizes, total = collections.Counter(), collections.Counter(), 0
        try:
            while not coord.should_stop():
                found = sess.run(batch)
                sizes[len(found["key"])] += 1
                total += found["product"].sum()
                for key, pair in zip(found["key"], found["pair"]):
                    name, line = key.decode().split(":")
                    assert name.endswith("%05d-of-%05d" % (pair[0], N_FILES))
                    assert int(line) == pair[1] + 1
                    seen[tuple(pair)] += 1
        except tf.errors.OutOfRangeError:
            print("batches", sum(sizes.values()), "of", sorted(sizes), "sum", total)
        finally:
            coord.request_stop()
            coord.join(threads)
        print(len(threads), "threads,", len(seen), "examples,", set(seen.values()), "times each")
