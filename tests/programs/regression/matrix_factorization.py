"""Users, items and biases: ratings by embedding_lookup, with L2 and RMSE."""

# tolerance: 2e-3 (120 steps of Adam)
import numpy as np
import tensorflow as tf

NUM_USERS, NUM_ITEMS, DIM = 12, 9, 3
rng = np.random.RandomState(7)
users = rng.randint(0, NUM_USERS, 80)
items = rng.randint(0, NUM_ITEMS, 80)
taste, kind = rng.randn(NUM_USERS, 2), rng.randn(NUM_ITEMS, 2)
rates = np.clip(np.round(3 + (taste[users] * kind[items]).sum(1)), 1, 5).astype(np.float32)

user_batch = tf.placeholder(tf.int32, shape=[None], name="id_user")
item_batch = tf.placeholder(tf.int32, shape=[None], name="id_item")
rate_batch = tf.placeholder(tf.float32, shape=[None])
with tf.variable_scope("svd"):
    bias_global = tf.get_variable("bias_global", shape=[], initializer=tf.constant_initializer(3.0))
    w_bias_user = tf.get_variable("embd_bias_user", [NUM_USERS], initializer=tf.zeros_initializer())
    w_bias_item = tf.get_variable("embd_bias_item", [NUM_ITEMS], initializer=tf.zeros_initializer())
    w_user = tf.get_variable(
        "embd_user", initializer=(0.1 * rng.randn(NUM_USERS, DIM)).astype(np.float32)
    )
    w_item = tf.get_variable(
        "embd_item", initializer=(0.1 * rng.randn(NUM_ITEMS, DIM)).astype(np.float32)
    )
embd_user = tf.nn.embedding_lookup(w_user, user_batch, name="embedding_user")
embd_item = tf.nn.embedding_lookup(w_item, item_batch, name="embedding_item")
infer = tf.reduce_sum(tf.multiply(embd_user, embd_item), 1)
infer = tf.add(infer, bias_global)
infer = tf.add(infer, tf.nn.embedding_lookup(w_bias_user, user_batch))
infer = tf.add(infer, tf.nn.embedding_lookup(w_bias_item, item_batch), name="svd_inference")
regularizer = tf.add(tf.nn.l2_loss(embd_user), tf.nn.l2_loss(embd_item), name="svd_regularizer")

global_step = tf.train.get_or_create_global_step()
cost = tf.add(tf.nn.l2_loss(tf.subtract(infer, rate_batch)), 0.05 * regularizer)
with tf.control_dependencies([tf.assign_add(global_step, 1)]):
    train_op = tf.train.AdamOptimizer(0.05).minimize(cost)

with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for epoch in range(30):
        for start in range(0, 80, 20):
            rows = slice(start, start + 20)
            feed = {user_batch: users[rows], item_batch: items[rows], rate_batch: rates[rows]}
            sess.run(train_op, feed)
    predicted = sess.run(infer, {user_batch: users, item_batch: items})
    predicted = np.clip(predicted, 1.0, 5.0)
    print("rmse %.4f" % np.sqrt(np.mean((predicted - rates) ** 2)))
    print("global step", global_step.eval())
    print("bias %.4f" % bias_global.eval())
