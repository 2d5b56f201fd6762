"""Summaries before 1.0: scalar_summary, merge_all_summaries, train.SummaryWriter, image max_images."""

import glob

import numpy as np
import tensorflow as tf

# TensorFlow 1.15.5 has none of these names; loss is (3 - 1)^2 = 4, then 0.64 of it a step.
# prints: merged 4.000
# prints: merged 2.560
# prints: cost [0, 1] 4.000 2.560
# prints: tags ['cost', 'pictures/image', 'weights']
w = tf.Variable(tf.constant(3.0), name="w")
cost = tf.square(w - 1.0)
tf.scalar_summary("cost", cost)
tf.histogram_summary("weights", w)
tf.image_summary("pictures", tf.ones([2, 4, 4, 1]), max_images=1)
merged = tf.merge_all_summaries()
train = tf.train.GradientDescentOptimizer(0.1).minimize(cost)
sess = tf.Session()
writer = tf.train.SummaryWriter("logs", sess.graph)
sess.run(tf.initialize_all_variables())
for i in range(2):
    print("merged %.3f" % sess.run(cost))
    writer.add_summary(sess.run(merged), i)
    sess.run(train)
writer.close()
seen = {}
for event in tf.train.summary_iterator(glob.glob("logs/*")[0]):
    for value in event.summary.value:
        seen.setdefault(value.tag, []).append((event.step, value.simple_value))
costs = seen["cost"]
print("cost", [s for s, _ in costs], " ".join("%.3f" % v for _, v in costs))
print("tags", sorted(seen))
assert np.isfinite([v for _, v in costs]).all()
