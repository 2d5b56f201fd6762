"""Lab 2.1: convolution by NumPy and SciPy, and the same by TensorFlow; edges of a picture.

graphmode run examples/labs/lab_2_1_convolution.py [--image photograph.jpg] [--out out]
"""

import argparse
import os

import numpy as np
import tensorflow as tf
from PIL import Image
from scipy import signal

parser = argparse.ArgumentParser()
parser.add_argument("--image", help="a picture (a flower of scikit-learn's if not given)")
parser.add_argument("--out", default="out", help="folder for the pictures")
FLAGS = parser.parse_args()
if not os.path.isdir(FLAGS.out):
    os.makedirs(FLAGS.out)

sess = tf.Session()


def convolved(image, kernel, mode):
    """SciPy's convolution of two matrices, by `conv2d`.

    `conv2d` does not turn the kernel round, and where it pads unevenly it does so at the end;
    so the kernel is turned and the zeros are put where SciPy has them.
    """
    height, width = np.shape(kernel)
    zeros = {
        "valid": [[0, 0], [0, 0]],
        "same": [[height // 2, (height - 1) // 2], [width // 2, (width - 1) // 2]],
        "full": [[height - 1] * 2, [width - 1] * 2],
    }[mode]
    padded = tf.pad(tf.constant(image, tf.float32), zeros)
    turned = tf.reverse(tf.constant(kernel, tf.float32), [0, 1])
    result = tf.nn.conv2d(
        padded[tf.newaxis, :, :, tf.newaxis],
        turned[:, :, tf.newaxis, tf.newaxis],
        strides=[1, 1, 1, 1],
        padding="VALID",
    )
    return sess.run(result)[0, :, :, 0]


def compare(title, expected, ours):
    print("%s:\n%s" % (title, expected))
    print("by conv2d the same: %s\n" % np.array_equal(expected, ours))


# One dimension
print("[3 4 5] * [2 1 0] = %s\n" % np.convolve([3, 4, 5], [2, 1, 0]))
x, h = [6, 2], [1, 2, 5, 4]
for mode in ("full", "same", "valid"):
    expected = np.convolve(x, h, mode)
    compare("1-D, " + mode, expected, convolved([h], [x], mode)[0])

# Two dimensions
I = [[255, 7, 3], [212, 240, 4], [218, 216, 230]]  # noqa: E741
for g, modes in [([[-1, 1]], ("valid", "full")), ([[-1, 1], [2, 3]], ("full", "same", "valid"))]:
    for mode in modes:
        title = "2-D with the kernel %s, %s" % (g, mode)
        compare(title, signal.convolve(I, g, mode), convolved(I, g, mode))

# As networks do it: a kernel of noise, with and without zeros around the image
noise = tf.Variable(tf.random_normal([1, 10, 10, 1], seed=1))
kernel = tf.Variable(tf.random_normal([3, 3, 1, 1], seed=2))
valid = tf.nn.conv2d(noise, kernel, strides=[1, 1, 1, 1], padding="VALID")
same = tf.nn.conv2d(noise, kernel, strides=[1, 1, 1, 1], padding="SAME")
sess.run(tf.global_variables_initializer())
valid_map, same_map = sess.run([valid, same])
print("VALID: %dx%d" % valid_map.shape[1:3])
print("SAME: %dx%d" % same_map.shape[1:3])
print("SAME within its border is VALID: %s\n" % np.allclose(same_map[:, 1:-1, 1:-1], valid_map))

# The edges of a picture: each pixel against its four neighbours, the border mirrored
if FLAGS.image:
    picture = np.asarray(Image.open(FLAGS.image).convert("L"))
else:
    from sklearn.datasets import load_sample_image

    picture = np.asarray(Image.fromarray(load_sample_image("flower.jpg")).convert("L"))
print("picture: %d x %d pixels of %s" % (picture.shape[1], picture.shape[0], picture.dtype))
EDGES = np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]], np.float32)
pixels = tf.constant(picture[np.newaxis, :, :, np.newaxis], tf.float32)
mirrored = tf.pad(pixels, [[0, 0], [1, 1], [1, 1], [0, 0]], mode="SYMMETRIC")
edges = tf.abs(tf.nn.conv2d(mirrored, EDGES[:, :, np.newaxis, np.newaxis], [1, 1, 1, 1], "VALID"))
brighter = tf.minimum(edges + 100, 255)  # a bias, and what is too bright is clipped
edge_map, bright_map = sess.run([edges, brighter])
expected = np.abs(signal.convolve2d(picture.astype(int), EDGES, mode="same", boundary="symm"))
print("edges as SciPy finds them: %s" % np.array_equal(edge_map[0, :, :, 0], expected))
for name, values in [("picture", picture), ("edges", edge_map), ("edges_bright", bright_map)]:
    path = os.path.join(FLAGS.out, "lab_2_1_%s.png" % name)
    Image.fromarray(np.clip(np.squeeze(values), 0, 255).astype(np.uint8)).save(path)
    print(path)
sess.close()
