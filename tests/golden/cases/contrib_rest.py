"""`tf.contrib.nn` and `tf.contrib.opt`."""

from golden.case import case, complaint, described, give_weights, numbers, seen


@case
def alpha_dropout(tf):
    drop = tf.contrib.nn.alpha_dropout
    x = tf.constant(numbers(4, 5), name="x")
    facts = seen(
        tf,
        of=[x],
        dropped=drop(x, 0.6, seed=3),
        by_tensor=drop(x, tf.constant(0.3), noise_shape=[4, 1], seed=4, name="mine"),
        all_kept=drop(x, 1.0),
    )
    text = "keep_prob must be a scalar tensor or a float in the range (0, 1], got 1.5"
    return dict(facts, refused=complaint(lambda: drop(x, 1.5), text))


@case
def scaled_softplus(tf):
    x = tf.constant([-30.0, -1.0, 0.0, 0.5, 2.0, 40.0])
    alpha = tf.constant(0.7)
    plain = tf.contrib.nn.scaled_softplus(x, alpha)
    clipped = tf.contrib.nn.scaled_softplus(x, alpha, clip=1.5)
    with tf.Session() as session:
        values = session.run([plain, clipped, tf.gradients(plain, x)[0]])
    return dict(zip(["plain", "clipped", "slope"], values))


@case
def losses_with_logits_first(tf):
    nn = tf.contrib.nn
    logits = tf.constant(numbers(3, 4), name="logits")
    return seen(
        tf,
        of=[logits],
        sigmoid=nn.deprecated_flipped_sigmoid_cross_entropy_with_logits(logits, logits * 0.1),
        softmax=tf.identity(
            nn.deprecated_flipped_softmax_cross_entropy_with_logits(
                logits, tf.one_hot([0, 3, 1], 4)
            )
        ),
        sparse=nn.deprecated_flipped_sparse_softmax_cross_entropy_with_logits(logits, [0, 3, 1]),
    )


def steps(tf, step):
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        give_weights(tf, session)
        for _ in range(3):
            session.run(step)
        return {"after " + v.op.name: session.run(v) for v in tf.global_variables()}


@case
def clipped_variables(tf):
    matrix = tf.get_variable("matrix", [4, 3])
    vector = tf.get_variable("vector", [3])
    free = tf.get_variable("free", [2])
    rows = tf.nn.embedding_lookup(matrix, [1, 3, 1])
    loss = -tf.reduce_sum(rows * vector) - tf.reduce_sum(tf.square(free))
    optimizer = tf.contrib.opt.VariableClippingOptimizer(
        tf.train.MomentumOptimizer(0.5, 0.9), {matrix: [1], vector: [0]}, 0.7
    )
    step = optimizer.minimize(loss, tf.train.get_or_create_global_step())
    slots = [optimizer.get_slot(vector, "momentum").name, *optimizer.get_slot_names()]
    return dict(steps(tf, step), step=[step.name], slots=slots)


@case
def averaged_variables(tf):
    w = tf.get_variable("w", initializer=[0.2, -0.4, 0.7])
    optimizer = tf.contrib.opt.MovingAverageOptimizer(
        tf.train.GradientDescentOptimizer(0.3), average_decay=0.6
    )
    early = complaint(optimizer.swapping_saver, "Must call apply_gradients or minimize before")
    step = optimizer.minimize(tf.reduce_sum(tf.square(w - 1.0)))
    saver = optimizer.swapping_saver()
    part = complaint(lambda: optimizer.swapping_saver([w]), "is not part of variables to save.")
    return dict(
        steps(tf, step),
        early=early,
        part=part,
        step=[step.name],
        variables=[v.name for v in tf.global_variables()],
        saver=[str(saver.saver_def.save_tensor_name), described(w)],
    )


@case
def lazy_adam(tf):
    matrix = tf.get_variable("matrix", [4, 3])
    dense = tf.get_variable("dense", [3])
    rows = tf.nn.embedding_lookup(matrix, [1, 3, 1])
    loss = tf.reduce_sum(tf.square(rows * dense - 1.0))
    optimizer = tf.contrib.opt.LazyAdamOptimizer(0.1, beta1=0.7)
    step = optimizer.minimize(loss)
    return dict(steps(tf, step), step=[step.name], slots=optimizer.get_slot_names())
