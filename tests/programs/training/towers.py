"""Towers on several devices: shared variables, averaged gradients, soft placement."""

# tolerance: 1e-3 (25 steps with momentum)
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(3)
NUM_GPUS = 2
data = rng.randn(32, 5).astype(np.float32)
target = data.dot(rng.randn(5, 1)).astype(np.float32)
start = rng.uniform(-0.4, 0.4, [5, 6]), rng.uniform(-0.4, 0.4, [6, 1])


def _variable_on_cpu(name, value):
    with tf.device("/cpu:0"):
        return tf.get_variable(name, value.shape, initializer=tf.constant_initializer(value))


def tower_loss(scope, x, y):
    hidden = tf.nn.tanh(tf.matmul(x, _variable_on_cpu("w1", start[0])))
    output = tf.matmul(hidden, _variable_on_cpu("w2", start[1]))
    tf.add_to_collection("losses", tf.reduce_mean(tf.square(output - y)))
    for var in tf.trainable_variables():
        tf.add_to_collection("losses", 0.001 * tf.nn.l2_loss(var))
    return tf.add_n(tf.get_collection("losses", scope), name="total_loss")


def average_gradients(tower_grads):
    average_grads = []
    for grad_and_vars in zip(*tower_grads):
        grads = []
        for g, _ in grad_and_vars:
            grads.append(tf.expand_dims(g, 0))
        grad = tf.reduce_mean(tf.concat(axis=0, values=grads), 0)
        average_grads.append((grad, grad_and_vars[0][1]))
    return average_grads


def assign_to_device(device, ps_device="/cpu:0"):
    def _assign(op):
        node_def = op if isinstance(op, tf.NodeDef) else op.node_def
        return ps_device if node_def.op in ("Variable", "VariableV2") else device

    return _assign


with tf.Graph().as_default(), tf.device("/cpu:0"):
    global_step = tf.get_variable(
        "global_step", [], initializer=tf.constant_initializer(0), trainable=False
    )
    opt = tf.train.MomentumOptimizer(0.05, 0.9)
    x, y = tf.placeholder(tf.float32, [32, 5]), tf.placeholder(tf.float32, [32, 1])
    xs, ys = tf.split(x, NUM_GPUS), tf.split(y, NUM_GPUS)
    tower_grads = []
    with tf.variable_scope(tf.get_variable_scope()):
        for i in range(NUM_GPUS):
            with tf.device(assign_to_device("/gpu:%d" % i)):
                with tf.name_scope("%s_%d" % ("tower", i)) as scope:
                    loss = tower_loss(scope, xs[i], ys[i])
                    tf.get_variable_scope().reuse_variables()
                    tower_grads.append(opt.compute_gradients(loss))
    grads = average_gradients(tower_grads)
    train_op = opt.apply_gradients(grads, global_step=global_step)
    config = tf.ConfigProto(allow_soft_placement=True, log_device_placement=False)
    config.gpu_options.allow_growth = True
    config.gpu_options.per_process_gpu_memory_fraction = 0.5
    with tf.Session(config=config) as sess:
        sess.run(tf.global_variables_initializer())
        for step in range(25):
            _, loss_value = sess.run([train_op, loss], {x: data, y: target})
        print("loss of the last tower %.5f" % loss_value)
        print("global step", int(global_step.eval()))
        print(loss.op.name, loss.device, [v.name for v in tf.trainable_variables()])
        print(tf.trainable_variables()[0].device)
