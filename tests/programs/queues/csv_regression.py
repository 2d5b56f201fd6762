"""Tables of comma separated values with a header line, gaps and words, into a linear regression."""

import tensorflow as tf

COLUMNS = "area,rooms,district,price"
ROWS = [
    ["50,2,north,101", "75,,south,139", "30,1,north,62", '120,5,"old, town",260'],
    ["64,3,south,", "88,3,old town,181", "41,2,north,84"],
]
for number, rows in enumerate(ROWS):
    with open("houses_%d.csv" % number, "w") as f:
        f.write("\n".join([COLUMNS] + rows) + "\n")


def read_my_file_format(filename_queue):
    reader = tf.TextLineReader(skip_header_lines=1)
    key, line = reader.read(filename_queue)
    defaults = [[0.0], [2], ["unknown"], tf.constant([100.0])]
    area, rooms, district, price = tf.decode_csv(line, record_defaults=defaults)
    is_north = tf.cast(tf.equal(district, "north"), tf.float32)
    features = tf.stack([area / 100.0, tf.cast(rooms, tf.float32) / 5.0, is_north])
    return key, features, price / 100.0


def input_pipeline(filenames, batch_size, num_epochs=None):
    filename_queue = tf.train.string_input_producer(
        filenames, num_epochs=num_epochs, shuffle=False, name="files"
    )
    key, features, price = read_my_file_format(filename_queue)
    return tf.train.batch(
        [key, features, price],
        batch_size=batch_size,
        capacity=3 * batch_size,
        allow_smaller_final_batch=True,
    )


keys, x, y = input_pipeline(["houses_0.csv", "houses_1.csv"], 4, num_epochs=12)
w = tf.Variable(tf.zeros([3, 1]), name="weights")
b = tf.Variable(0.0, name="bias")
predicted = tf.squeeze(tf.matmul(x, w), axis=1) + b
loss = tf.reduce_mean(tf.square(predicted - y))
train = tf.train.GradientDescentOptimizer(0.2).minimize(loss)

init_op = tf.group(tf.global_variables_initializer(), tf.local_variables_initializer())
sess = tf.Session()
sess.run(init_op)
coord = tf.train.Coordinator()
threads = tf.train.start_queue_runners(sess=sess, coord=coord)
step = 0
try:
    while not coord.should_stop():
        names, value, _ = sess.run([keys, loss, train])
        if step % 7 == 0 or len(names) < 4:
            print("step", step, "loss %.5f" % value, [name.decode() for name in names])
        step += 1
except tf.errors.OutOfRangeError:
    print("Done training -- epoch limit reached after", step, "steps")
finally:
    coord.request_stop()
coord.join(threads)
print("weights", ["%.4f" % v for v in sess.run(w)[:, 0]], "bias %.4f" % sess.run(b))
sess.close()
