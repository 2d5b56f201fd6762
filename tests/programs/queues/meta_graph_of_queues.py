"""A graph with its queue runners, saved as a MetaGraph and taken up in another graph, run there."""

import tensorflow as tf


def save():
    with tf.Graph().as_default():
        with open("words.txt", "w") as f:
            f.write("the cat\nsat on\nthe mat\nof wood\n")
        names = tf.train.string_input_producer(
            ["words.txt"], num_epochs=3, shuffle=False, name="in"
        )
        _, line = tf.TextLineReader(name="reader").read(names)
        length = tf.size(tf.string_split([line], delimiter="").values)
        lines, lengths = tf.train.batch(
            [line, length], batch_size=3, allow_smaller_final_batch=True, name="batch"
        )
        total = tf.Variable(0, name="total")
        add = tf.assign_add(total, tf.reduce_sum(lengths), name="add")
        for tensor in (lines, lengths, add):
            tf.add_to_collection("fetches", tensor)
        with tf.Session() as sess:
            sess.run([tf.global_variables_initializer(), tf.local_variables_initializer()])
            coord = tf.train.Coordinator()
            threads = tf.train.start_queue_runners(sess, coord)
            print("before", sess.run(add))
            coord.request_stop()
            coord.join(threads)
            print(tf.train.Saver([total]).save(sess, "./model", global_step=1))


save()
for scope in (None, "again"):
    with tf.Graph().as_default() as graph, tf.Session() as sess:
        saver = tf.train.import_meta_graph("model-1.meta", import_scope=scope)
        runners = tf.get_collection(tf.GraphKeys.QUEUE_RUNNERS)
        print([(r.name, [op.name for op in r.enqueue_ops], r.close_op.name) for r in runners])
        print([v.op.name for v in tf.local_variables()], [v.name for v in tf.global_variables()])
        saver.restore(sess, "model-1")
        sess.run(tf.local_variables_initializer())
        lines, lengths, add = tf.get_collection("fetches")
        coord = tf.train.Coordinator()
        threads = tf.train.start_queue_runners(sess, coord)
        try:
            while True:
                words, numbers, so_far = sess.run([lines, lengths, add])
                print(words, numbers, so_far)
        except tf.errors.OutOfRangeError:
            print("end of", threads[0].name.split("-")[1])
        coord.request_stop()
        coord.join(threads)
