"""One iterator of a structure, made anew for training and for validation at each epoch."""

import tensorflow as tf

training_dataset = tf.data.Dataset.range(10).map(
    lambda x: tf.cast(x, tf.float32) + tf.random_uniform([], -0.5, 0.5, seed=4)
)
training_dataset = training_dataset.batch(4)
validation_dataset = tf.data.Dataset.range(6).map(lambda x: tf.cast(x, tf.float32)).batch(4)

iterator = tf.data.Iterator.from_structure(
    training_dataset.output_types, training_dataset.output_shapes
)
next_element = iterator.get_next()
training_init_op = iterator.make_initializer(training_dataset)
validation_init_op = iterator.make_initializer(validation_dataset, name="validate")

mean = tf.get_variable("mean", [], initializer=tf.zeros_initializer())
update = tf.assign_add(mean, 0.25 * (tf.reduce_mean(next_element) - mean))
distance = tf.reduce_mean(tf.abs(next_element - mean))

print(training_dataset.output_types.name, training_dataset.output_shapes, validation_init_op.name)
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for epoch in range(3):
        sess.run(training_init_op)
        steps = 0
        while True:
            try:
                sess.run(update)
                steps += 1
            except tf.errors.OutOfRangeError:
                break
        sess.run(validation_init_op)
        found = []
        try:
            while True:
                found.append("%.4f" % sess.run(distance))
        except tf.errors.OutOfRangeError:
            pass
        print("epoch", epoch, "steps", steps, "mean %.4f" % sess.run(mean), found)
    sess.run(training_init_op)
    print("half way", sess.run(next_element).shape)
    sess.run(training_init_op)
    print("again", sess.run(next_element).shape, sess.run(next_element).shape)
