"""tf.metrics with local variables: reset between epochs, confusion matrices, in_top_k, AUC."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(9)
labels = tf.placeholder(tf.int64, [None])
scores = tf.placeholder(tf.float32, [None, 3])
predictions = tf.argmax(scores, 1)
with tf.name_scope("metrics") as scope:
    accuracy, accuracy_update = tf.metrics.accuracy(labels, predictions)
    recall, recall_update = tf.metrics.recall(tf.equal(labels, 1), tf.equal(predictions, 1))
    precision, precision_update = tf.metrics.precision(
        tf.equal(labels, 1), tf.equal(predictions, 1)
    )
    per_class, per_class_update = tf.metrics.mean_per_class_accuracy(labels, predictions, 3)
    iou, iou_update = tf.metrics.mean_iou(labels, predictions, 3)
    auc, auc_update = tf.metrics.auc(tf.equal(labels, 2), tf.nn.softmax(scores)[:, 2])
    mean, mean_update = tf.metrics.mean(tf.reduce_max(scores, 1))
    contrib_names, contrib_updates = tf.contrib.metrics.aggregate_metric_map(
        {
            "mae": tf.contrib.metrics.streaming_mean_absolute_error(predictions, labels),
            "top2": tf.contrib.metrics.streaming_sparse_recall_at_k(
                scores, tf.expand_dims(labels, 1), 2
            ),
        }
    )
updates = tf.group(
    accuracy_update,
    recall_update,
    precision_update,
    per_class_update,
    iou_update,
    auc_update,
    mean_update,
    *contrib_updates.values(),
)
running = tf.get_collection(tf.GraphKeys.LOCAL_VARIABLES, scope="metrics")
reset = tf.variables_initializer(running)
matrix = tf.confusion_matrix(labels, predictions, num_classes=3)
top = tf.reduce_mean(tf.to_float(tf.nn.in_top_k(scores, labels, 2)))
with tf.Session() as sess:
    sess.run(tf.local_variables_initializer())
    total = np.zeros([3, 3], int)
    for epoch in range(2):
        sess.run(reset)
        for batch in range(4):
            y = rng.randint(0, 3, 12)
            feed = {labels: y, scores: rng.randn(12, 3) + np.eye(3)[y]}
            sess.run(updates, feed)
            total += sess.run(matrix, feed)
        values = sess.run([accuracy, recall, precision, per_class, iou, auc, mean])
        print("epoch", epoch, " ".join("%.5f" % v for v in values))
        print(sorted((k, "%.5f" % v) for k, v in sess.run(contrib_names).items()))
    print(total.tolist(), "top two %.4f" % sess.run(top, feed))
    print(len(running), "local variables,", len(tf.global_variables()), "global")
