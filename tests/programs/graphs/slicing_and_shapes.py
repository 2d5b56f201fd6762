"""What programs do to shapes: slices, newaxis, stack, split, gather_nd, scatter, where, tile."""

import tensorflow as tf

x = tf.reshape(tf.range(24), [2, 3, 4])
dynamic = tf.placeholder(tf.float32, [None, 3])
batch = tf.shape(dynamic)[0]
pieces = [
    x[0],
    x[..., -1],
    x[:, ::2, 1:3],
    x[:, tf.newaxis, 0, ::-1],
    x[1, 2, 3],
    x[-1:, :, 0],
    tf.slice(x, [0, 1, 0], [2, 1, -1]),
    tf.strided_slice(x, [0, 0, 0], [2, 3, 4], [1, 2, 3]),
    tf.transpose(x, [2, 0, 1])[0],
    tf.squeeze(x[:1, :1]),
    tf.reverse(x[0], axis=[1]),
]
stacked = tf.stack(tf.unstack(x, axis=1), axis=-1)
a, b, c = tf.split(x, [1, 2, 1], axis=2)
picked = tf.gather_nd(x, [[0, 1, 2], [1, 2, 3]])
scattered = tf.scatter_nd([[1], [3], [1]], tf.constant([5, 6, 7]), [5])
ref = tf.Variable(tf.zeros([4, 2], tf.int32))
update = tf.scatter_update(ref, [2, 0], [[1, 2], [3, 4]])
with tf.control_dependencies([update]):
    added = tf.scatter_add(ref, [0], [[10, 10]])
dense = tf.sparse_to_dense([[0, 1], [2, 0]], [3, 2], [4, 9], default_value=-1)
where = tf.where(tf.equal(x % 5, 0))
chosen = tf.where(x[0] > 4, x[0], -x[0])
tiled = tf.tile(tf.expand_dims(dynamic, 1), [1, 2, 1])
padded = tf.pad(dynamic, [[0, 0], [1, 2]], "REFLECT")
flat = tf.reshape(dynamic, tf.stack([-1, batch]))
merged = tf.dynamic_stitch([[0, 3], [2, 1]], [[10, 13], [12, 11]])
grid = tf.meshgrid(tf.range(2), tf.range(3))
unique, index, counts = tf.unique_with_counts([7, 7, 3, 7, 3])
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for piece, value in zip(pieces, sess.run(pieces)):
        print(piece.shape, value.tolist())
    print(stacked.shape, [p.shape.as_list() for p in (a, b, c)], sess.run(picked).tolist())
    print(sess.run([scattered, added, dense])[0].tolist(), sess.run(added).tolist())
    print(sess.run(dense).tolist(), sess.run(where).tolist(), sess.run(chosen).tolist())
    feed = {dynamic: [[1, 2, 3], [4, 5, 6]]}
    print(
        tiled.shape,
        padded.shape,
        flat.shape,
        [v.shape for v in sess.run([tiled, padded, flat], feed)],
    )
    print(sess.run(padded, feed).tolist(), sess.run(merged).tolist(), sess.run(grid)[1].tolist())
    print([v.tolist() for v in sess.run([unique, index, counts])], x.get_shape().num_elements())
    print(
        dynamic.shape.as_list(),
        tf.TensorShape([None, 3]).merge_with([2, None]),
        x.shape[1:].as_list(),
    )
