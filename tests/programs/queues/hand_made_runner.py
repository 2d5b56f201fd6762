"""A queue with an enqueue op of one's own, and a QueueRunner whose threads are started by hand."""

import tensorflow as tf

queue = tf.FIFOQueue(capacity=8, dtypes=[tf.int64, tf.float32], shapes=[[], [2]], name="squares")
counter = tf.Variable(0, dtype=tf.int64, trainable=False, name="counter")
position = tf.count_up_to(counter, 12)
value = tf.cast(position, tf.float32)
enqueue_op = queue.enqueue([position, tf.stack([value, value * value])])

numbers, rows = queue.dequeue_many(4)
left = queue.size()

qr = tf.train.QueueRunner(
    queue,
    enqueue_ops=[enqueue_op],
    queue_closed_exception_types=(tf.errors.OutOfRangeError, tf.errors.CancelledError),
)
print(qr.name, len(qr.enqueue_ops), [t.__name__ for t in qr.queue_closed_exception_types])

sess = tf.Session()
sess.run(tf.global_variables_initializer())
coord = tf.train.Coordinator()
enqueue_threads = qr.create_threads(sess, coord=coord, start=True)
try:
    for step in range(1000000):
        if coord.should_stop():
            break
        found, pairs = sess.run([numbers, rows])
        print(step, found, pairs.sum(axis=0))
except tf.errors.OutOfRangeError as e:
    print("closed:", "is closed and has insufficient elements" in e.message, "left", sess.run(left))
except Exception as e:
    coord.request_stop(e)
finally:
    coord.request_stop()
    coord.join(enqueue_threads)
print("raised", qr.exceptions_raised)

# Two threads of their own, without a runner: what a Coordinator alone does.
more = tf.train.Coordinator()
again = tf.FIFOQueue(100, tf.int32, shapes=[])
which = tf.placeholder(tf.int32, [])
put = again.enqueue(which)


def fill(coord, first):
    number = first
    while not coord.should_stop():
        sess.run(put, {which: number})
        number += 2
        if number >= 20:
            return


workers = tf.train.LooperThread.loop(more, None, lambda: None)
with more.stop_on_exception():
    fill(more, 0)
    fill(more, 1)
more.request_stop()
more.join([workers])
print(sorted(sess.run(again.dequeue_many(20))))
sess.close()
