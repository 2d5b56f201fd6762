"""Lab 1.1: graphs, sessions, tensors, variables, placeholders, operations.

graphmode run examples/labs/lab_1_1_first_graph.py
"""

import tensorflow as tf

# A graph holds operations; nothing is computed while it is built.
sums = tf.Graph()
with sums.as_default():
    a = tf.constant([2], name="constant_a")
    b = tf.constant([3], name="constant_b")
    c = tf.add(a, b)
print("a in the graph:", repr(a))

# A session computes. Close it yourself, or let `with` do it.
sess = tf.Session(graph=sums)
print("a =", sess.run(a))
sess.close()
with tf.Session(graph=sums) as sess:
    print("a + b =", sess.run(c))

# Tensors of every rank, and their shapes
ranks = tf.Graph()
with ranks.as_default():
    scalar = tf.constant(2)
    vector = tf.constant([5, 6, 2])
    matrix = tf.constant([[1, 2, 3], [2, 3, 4], [3, 4, 5]])
    cube = tf.constant([[[i + j + k for k in (1, 2, 3)] for j in range(3)] for i in (0, 3, 6)])
with tf.Session(graph=ranks) as sess:
    for name, tensor in [("scalar", scalar), ("vector", vector), ("matrix", matrix)]:
        print("%s:\n%s" % (name, sess.run(tensor)))
    print("cube:\n%s" % sess.run(cube))
print("shape of the cube:", repr(cube.shape))

# Two ways to add; one to multiply
products = tf.Graph()
with products.as_default():
    left = tf.constant([[2, 3], [3, 4]])
    right = tf.constant([[2, 3], [3, 4]])
    total = left + right
    product = tf.matmul(left, right)
with tf.Session(graph=products) as sess:
    print("sum:\n%s" % sess.run(total))
    print("product:\n%s" % sess.run(product))

# A variable keeps its value from one run to the next
counter = tf.Variable(0)
update = tf.assign(counter, counter + 1)
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    counts = [sess.run(counter)]
    for _ in range(3):
        sess.run(update)
        counts.append(sess.run(counter))
    print("counter:", *counts)

# A placeholder is given its value by each run, of any rank if no shape was asked for
x = tf.placeholder(tf.float32)
doubled = x * 2
with tf.Session() as sess:
    print("2 x 3.5 =", sess.run(doubled, feed_dict={x: 3.5}))
    block = [[[1, 2, 3], [4, 5, 6], [7, 8, 9]], [[10, 11, 12], [13, 14, 15], [16, 17, 18]]]
    print("doubled:\n%s" % sess.run(doubled, feed_dict={x: block}))

# Operations
arithmetic = tf.Graph()
with arithmetic.as_default():
    five, two = tf.constant([5]), tf.constant([2])
    c, d = tf.add(five, two), tf.subtract(five, two)
with tf.Session(graph=arithmetic) as sess:
    print("c = %s\nd = %s" % tuple(sess.run([c, d])))
