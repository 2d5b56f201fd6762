"""k-means: centroids moved by tf.assign, counted by unsorted_segment_sum."""

import numpy as np
import tensorflow as tf

N, K, MAX_ITERS = 90, 3, 50
rng = np.random.RandomState(4)
centres = np.array([[0.0, 0.0], [3.0, 3.0], [0.0, 4.0]])
data = (centres[np.arange(N) % K] + 0.6 * rng.randn(N, 2)).astype(np.float32)

points = tf.Variable(data)
cluster_assignments = tf.Variable(tf.zeros([N], dtype=tf.int64))
centroids = tf.Variable(tf.slice(points.initialized_value(), [0, 0], [K, 2]))
rep_centroids = tf.reshape(tf.tile(centroids, [N, 1]), [N, K, 2])
rep_points = tf.reshape(tf.tile(points, [1, K]), [N, K, 2])
sum_squares = tf.reduce_sum(tf.square(rep_points - rep_centroids), axis=2)
best_centroids = tf.argmin(sum_squares, 1)
did_assignments_change = tf.reduce_any(tf.not_equal(best_centroids, cluster_assignments))


def bucket_mean(data, bucket_ids, num_buckets):
    total = tf.unsorted_segment_sum(data, bucket_ids, num_buckets)
    count = tf.unsorted_segment_sum(tf.ones_like(data), bucket_ids, num_buckets)
    return total / count


means = bucket_mean(points, best_centroids, K)
with tf.control_dependencies([did_assignments_change]):
    do_updates = tf.group(centroids.assign(means), cluster_assignments.assign(best_centroids))

sess = tf.Session()
sess.run(tf.global_variables_initializer())
changed, iters = True, 0
while changed and iters < MAX_ITERS:
    iters += 1
    [changed, _] = sess.run([did_assignments_change, do_updates])
found, assignments = sess.run([centroids, cluster_assignments])
print("converged after", iters, "iterations")
for row in found[np.argsort(found.sum(1))]:
    print("%.4f %.4f" % tuple(row))
print("sizes", sorted(np.bincount(assignments).tolist()))
