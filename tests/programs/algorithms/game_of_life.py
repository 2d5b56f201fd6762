"""The game of life by a convolution in an InteractiveSession, once a step and in a loop."""

import numpy as np
import tensorflow as tf

glider = np.zeros([10, 10], np.int32)
glider[1, 2] = glider[2, 3] = glider[3, 1:4] = 1


def neighbours(board):
    kernel = tf.reshape(tf.constant([[1, 1, 1], [1, 0, 1], [1, 1, 1]], tf.float32), [3, 3, 1, 1])
    padded = tf.pad(board, [[1, 1], [1, 1]])
    image = tf.to_float(padded[tf.newaxis, :, :, tf.newaxis])
    return tf.cast(tf.squeeze(tf.nn.conv2d(image, kernel, [1, 1, 1, 1], "VALID")), tf.int32)


def update(board):
    count = neighbours(board)
    survive = tf.logical_and(tf.equal(board, 1), tf.equal(count, 2))
    born = tf.equal(count, 3)
    return tf.cast(tf.logical_or(survive, born), tf.int32)


session = tf.InteractiveSession()
board = tf.placeholder(tf.int32, shape=glider.shape, name="board")
board_update = update(board)
life = glider
for _ in range(8):
    life = session.run(board_update, feed_dict={board: life})
ys, xs = np.nonzero(life)
print("after 8:", sorted(zip(ys.tolist(), xs.tolist())))

many = tf.while_loop(lambda i, b: i < 20, lambda i, b: (i + 1, update(b)), [0, board])[1]
life = many.eval({board: glider})
print("after 20:", sorted(zip(*[n.tolist() for n in np.nonzero(life)])))
session.close()
