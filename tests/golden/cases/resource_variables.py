"""The nodes that resource variables, and layers and averages over them, are made of."""

from golden.case import case


def nodes(tf, build):
    """What `build` makes: name, type, what is read and waited for; no initial values."""
    with tf.Graph().as_default() as graph:
        tf.enable_resource_variables()
        try:
            build(tf)
        finally:
            tf.disable_resource_variables()
        return [
            " ".join(
                [op.name, op.type]
                + [tensor.name for tensor in op.inputs]
                + ["^" + name for name in sorted(other.name for other in op.control_inputs)]
            )
            for op in graph.get_operations()
            if "/Initializer/" not in op.name
        ]


def zeros(tf, name, *shape):
    return tf.get_variable(name, shape, initializer=tf.zeros_initializer())


@case
def reads(tf):
    def build(tf):
        v = zeros(tf, "v", 3, 2)
        tf.nn.embedding_lookup(v, [0, 2])
        tf.gather(v, [1])
        tf.gather_nd(v, [[0, 1]])
        v.read_value()
        v[1:].assign([[1.0, 1.0], [1.0, 1.0]])

    return {"nodes": nodes(tf, build)}


@case
def layers(tf):
    def build(tf):
        x = tf.placeholder(tf.float32, [None, 4], name="x")
        hidden = tf.layers.dense(x, 3, activation=tf.nn.relu)
        tf.layers.batch_normalization(hidden, training=True)

    return {"nodes": nodes(tf, build)}


@case
def training(tf):
    def build(tf):
        v = zeros(tf, "v", 3, 2)
        step = tf.train.get_or_create_global_step()
        optimizer = tf.train.AdamOptimizer(0.1)
        optimizer.apply_gradients([(tf.ones([3, 2]), v)], global_step=step)
        tf.train.Saver()

    return {"nodes": nodes(tf, build)}


@case
def rows(tf):
    def build(tf):
        slices = tf.IndexedSlices(tf.ones([2, 2]), tf.constant([0, 2]))
        tf.train.GradientDescentOptimizer(0.1).apply_gradients([(slices, zeros(tf, "v", 3, 2))])

    return {"nodes": nodes(tf, build)}
