"""`tf.contrib.gan`, as TensorFlow 1.14 answers: 1.15 has none."""

from golden.case import case, complaint, described, give_weights, numbers, seen

VERSION = "1.14.0"


def generator(tf, width=6):
    def build(noise):
        if isinstance(noise, list):
            noise = tf.concat(noise, 1)
        hidden = tf.layers.dense(noise, 5, activation=tf.nn.relu, name="hidden")
        return tf.layers.dense(hidden, width, name="data")

    return build


def discriminator(tf, outputs=1):
    def build(data, unused):
        hidden = tf.layers.dense(data, 4, activation=tf.nn.tanh, name="seen")
        return tf.layers.dense(hidden, outputs, name="logits")

    return build


def model(tf):
    return tf.contrib.gan.gan_model(
        generator(tf), discriminator(tf), tf.constant(numbers(3, 6)), tf.constant(numbers(3, 2))
    )


def summaries(tf):
    return [t.op.name for t in tf.get_collection(tf.GraphKeys.SUMMARIES)]


def collected(tf):
    return [described(t) for t in tf.losses.get_losses()]


@case
def the_parts_of_a_model(tf):
    built = model(tf)
    return dict(
        seen(
            tf,
            data=built.generated_data,
            real=built.discriminator_real_outputs,
            generated=built.discriminator_gen_outputs,
        ),
        generator=[v.name for v in built.generator_variables],
        discriminator=[v.name for v in built.discriminator_variables],
        scopes=[built.generator_scope.name, built.discriminator_scope.name],
    )


@case
def inputs_of_other_kinds_and_scopes(tf):
    gan = tf.contrib.gan
    built = gan.gan_model(
        lambda inputs: generator(tf)(inputs["noise"]) + inputs["shift"],
        discriminator(tf),
        numbers(3, 6),
        {"noise": numbers(3, 2), "shift": 0.5},
        generator_scope="made",
        discriminator_scope="judged",
    )
    return seen(tf, data=built.generated_data, real=built.discriminator_real_outputs)


@case
def a_model_whose_shapes_differ(tf):
    gan = tf.contrib.gan
    return {
        "complaint": complaint(
            lambda: gan.gan_model(
                generator(tf, 5), lambda data, unused: data, numbers(3, 6), numbers(3, 2)
            ),
            "Generator output shape ((3, 5)) must be the same shape as real data ((3, 6)).",
        )
    }


LOSSES = {
    "wasserstein": ({}, {}),
    "minimax": ({"label_smoothing": 0.1}, {"label_smoothing": 0.3}),
    "modified": ({}, {}),
    "least_squares": ({"real_label": 0.9}, {"fake_label": -0.2}),
}


def losses(name):
    of_generator, of_discriminator = LOSSES[name]

    def losses_of_outputs(tf):
        wargs = tf.contrib.gan.losses.wargs
        real, generated = (tf.constant(numbers(4, 1, seed=s), name=f"x{s}") for s in (1, 2))
        weights = tf.constant(abs(numbers(4, 1, seed=3)))
        make = getattr(wargs, name + "_generator_loss")
        judge = getattr(wargs, name + "_discriminator_loss")
        facts = seen(
            tf,
            of=[real, generated],
            generator=make(generated, add_summaries=True),
            generator_weighted=make(generated, weights=weights, **of_generator),
            each=make(generated, reduction=tf.losses.Reduction.NONE, loss_collection=None),
            discriminator=judge(real, generated, add_summaries=True),
            discriminator_weighted=judge(
                real, generated, real_weights=weights, generated_weights=0.3, **of_discriminator
            ),
            scoped=judge(real, generated, scope="mine"),
        )
        return dict(facts, summaries=summaries(tf), collected=collected(tf))

    losses_of_outputs.__name__ = name + "_losses"
    losses_of_outputs.__module__ = __name__
    return case(losses_of_outputs)


for _name in LOSSES:
    losses(_name)


@case
def losses_of_a_model(tf):
    gan = tf.contrib.gan
    built = model(tf)
    found = {
        name + "/" + network: getattr(gan.losses, name + "_" + network + "_loss")(
            built, add_summaries=True
        )
        for name in LOSSES
        for network in ("generator", "discriminator")
    }
    return dict(seen(tf, **found), summaries=summaries(tf), collected=collected(tf))


@case
def arguments_of_losses_of_a_model(tf):
    gan = tf.contrib.gan
    built = model(tf)
    loss = gan.losses.wasserstein_gradient_penalty
    return {
        "both": complaint(
            lambda: loss(built, real_data=3), "present in both the tuple and keyword args"
        ),
        "missing": complaint(
            lambda: gan.losses.acgan_generator_loss(built), "must be supplied to acgan_generator_"
        ),
    }


def penalty(name, **options):
    def a_penalty(tf):
        tf.set_random_seed(5)
        built = model(tf)
        loss = tf.contrib.gan.losses.wasserstein_gradient_penalty(built, **options)
        return dict(seen(tf, penalty=loss), summaries=summaries(tf), collected=collected(tf))

    a_penalty.__name__ = name
    a_penalty.__module__ = __name__
    return case(a_penalty)


penalty("a_gradient_penalty", add_summaries=True)
penalty("a_gradient_penalty_of_one_side", one_sided=True, target=0.2, epsilon=1e-3)


def objective(name, **options):
    def the_objective(tf):
        tf.set_random_seed(5)
        gan = tf.contrib.gan

        def regularized(noise):
            return tf.layers.dense(
                noise, 6, kernel_regularizer=lambda w: 0.1 * tf.reduce_sum(w * w)
            )

        built = gan.gan_model(
            regularized, discriminator(tf), tf.constant(numbers(3, 6)), tf.constant(numbers(3, 2))
        )
        names = ("generator_loss_fn", "discriminator_loss_fn")
        given = dict(options)
        given.update((n, getattr(gan.losses, given[n])) for n in names if n in given)
        loss = gan.gan_loss(built, **given)
        facts = seen(tf, gradients=False, made=loss.generator_loss, judged=loss.discriminator_loss)
        return dict(facts, summaries=summaries(tf))

    the_objective.__name__ = name
    the_objective.__module__ = __name__
    return case(the_objective)


objective("the_objective_as_it_is")
objective(
    "the_objective_of_others",
    generator_loss_fn="modified_generator_loss",
    discriminator_loss_fn="modified_discriminator_loss",
    add_summaries=False,
)
objective("the_objective_with_a_penalty", gradient_penalty_weight=2.0, gradient_penalty_target=0.5)


@case
def objectives_that_are_refused(tf):
    gan = tf.contrib.gan
    built = model(tf)
    return {
        "negative": complaint(
            lambda: gan.gan_loss(built, gradient_penalty_weight=-1),
            "`gradient_penalty_weight` must be greater than 0. Instead, was -1",
        ),
        "no infogan": complaint(
            lambda: gan.gan_loss(built, mutual_information_penalty_weight=1.0),
            "When `mutual_information_penalty_weight` is provided, `model` must be an",
        ),
        "no acgan": complaint(
            lambda: gan.gan_loss(built, aux_cond_generator_weight=1.0),
            "is provided, `model` must be an `ACGANModel`.",
        ),
    }


@case
def infogan(tf):
    gan = tf.contrib.gan
    normal = tf.contrib.distributions.Normal

    def judge(data, unused):
        both = discriminator(tf, 3)(data, unused)
        return both[:, :1], [normal(both[:, 1:], 0.5)]

    built = gan.infogan_model(
        generator(tf), judge, numbers(3, 6), [numbers(3, 2)], [numbers(3, 2, seed=2)]
    )
    loss = gan.gan_loss(built, mutual_information_penalty_weight=0.7)
    facts = seen(tf, gradients=False, made=loss.generator_loss, judged=loss.discriminator_loss)
    return dict(facts, summaries=summaries(tf), fields=list(built._fields))


@case
def acgan(tf):
    gan = tf.contrib.gan

    def judge(data, unused):
        both = discriminator(tf, 4)(data, unused)
        return both[:, :1], both[:, 1:]

    labels = tf.one_hot([0, 2, 1], 3)
    built = gan.acgan_model(generator(tf), judge, numbers(3, 6), numbers(3, 2), labels)
    loss = gan.gan_loss(built, aux_cond_generator_weight=0.7, aux_cond_discriminator_weight=0.2)
    facts = seen(tf, gradients=False, made=loss.generator_loss, judged=loss.discriminator_loss)
    return dict(facts, summaries=summaries(tf), fields=list(built._fields))


@case
def cyclegan(tf):
    gan = tf.contrib.gan

    def judge(data, unused):
        return discriminator(tf)(data, unused)

    built = gan.cyclegan_model(
        lambda data: generator(tf)(data), judge, numbers(3, 6), numbers(3, 6, seed=2)
    )
    loss = gan.cyclegan_loss(built)
    steps = gan.gan_train_ops(
        built, loss, tf.train.GradientDescentOptimizer(0.1), tf.train.GradientDescentOptimizer(0.2)
    )
    facts = seen(
        tf,
        gradients=False,
        losses=[loss.loss_x2y.generator_loss, loss.loss_y2x.discriminator_loss],
        back=built.reconstructed_x,
    )
    return dict(
        facts,
        summaries=summaries(tf),
        steps=[t.name for op in steps[:2] for t in op] + [steps.global_step_inc_op.name],
    )


@case
def stargan(tf):
    tf.set_random_seed(3)
    gan = tf.contrib.gan

    def make(images, domains):
        flat = tf.concat([tf.layers.flatten(images), domains], 1)
        return tf.reshape(tf.layers.dense(flat, 12), tf.shape(images))

    def judge(images, n_domains):
        both = tf.layers.dense(tf.reshape(images, [-1, 12]), 1 + n_domains)
        return both[:, 0], both[:, 1:]

    images = tf.constant(numbers(2, 2, 2, 3))
    built = gan.stargan_model(make, judge, images, tf.one_hot([0, 2], 3))
    loss = gan.stargan_loss(built)
    facts = seen(tf, gradients=False, made=loss.generator_loss, judged=loss.discriminator_loss)
    return dict(facts, summaries=summaries(tf), fields=list(built._fields))


@case
def steps_of_training(tf):
    gan = tf.contrib.gan
    built = model(tf)
    loss = gan.gan_loss(built)
    steps = gan.gan_train_ops(
        built,
        loss,
        tf.train.GradientDescentOptimizer(0.1),
        tf.train.AdamOptimizer(0.05),
        summarize_gradients=True,
    )
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        give_weights(tf, session)
        for _ in range(4):
            losses = [session.run(step) for step in steps[:2]]
            number = session.run(steps.global_step_inc_op)
        after = {"after " + v.op.name: session.run(v) for v in tf.global_variables()}
    return dict(
        after,
        losses=losses,
        number=number,
        steps=[described(step) for step in steps[:3]],
        hooks=[str(len(steps.train_hooks))],
        summaries=summaries(tf),
    )


@case
def steps_one_after_the_other(tf):
    gan = tf.contrib.gan
    built = model(tf)
    steps = gan.gan_train_ops(
        built,
        gan.gan_loss(built, add_summaries=False),
        tf.train.GradientDescentOptimizer(0.1),
        tf.train.GradientDescentOptimizer(0.2),
    )
    take = gan.get_sequential_train_steps(gan.GANTrainSteps(2, 3))
    step = tf.train.get_global_step()
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        give_weights(tf, session)
        found = [take(session, steps, step, {"should_stop": step >= 2})[1] for _ in range(2)]
        value = session.run(built.generated_data)
    return {"stops": [str(bool(f)) for f in found], "data": value}


@case
def updates_of_batch_normalization(tf):
    gan = tf.contrib.gan

    def normalized(noise):
        return tf.layers.batch_normalization(generator(tf)(noise), training=True)

    built = gan.gan_model(
        normalized, discriminator(tf), tf.constant(numbers(3, 6)), tf.constant(numbers(3, 2))
    )
    optimizer = tf.train.GradientDescentOptimizer(0.1)
    loss = gan.gan_loss(built)
    steps = gan.gan_train_ops(built, loss, optimizer, optimizer)
    facts = seen(tf, gradients=False, runs=2, step=steps.generator_train_op)
    tf.add_to_collection(tf.GraphKeys.UPDATE_OPS, tf.no_op("stray"))
    return dict(
        facts,
        stray=complaint(
            lambda: gan.gan_train_ops(built, loss, optimizer, optimizer),
            "There are unused update ops: ",
        ),
    )


@case
def clipped_weights(tf):
    gan = tf.contrib.gan
    built = model(tf)
    optimizer = gan.features.clip_discriminator_weights(
        tf.train.GradientDescentOptimizer(0.3), built, 0.25
    )
    loss = gan.gan_loss(built, add_summaries=False)
    step = optimizer.minimize(loss.discriminator_loss, var_list=built.discriminator_variables)
    with tf.control_dependencies([step]):
        done = tf.constant(1.0)
    return dict(
        seen(tf, gradients=False, runs=2, done=done),
        negative=complaint(
            lambda: gan.features.clip_variables(optimizer, [], -1), "must be positive"
        ),
    )


@case
def combined_losses(tf):
    gan = tf.contrib.gan
    built = model(tf)
    loss = gan.gan_loss(built, add_summaries=False)
    other = tf.reduce_mean(tf.square(built.generated_data))
    combine = gan.losses.combine_adversarial_loss
    facts = seen(
        tf,
        factor=combine(loss, built, other, weight_factor=0.3).generator_loss,
        ratio=combine(loss, built, other, gradient_ratio=0.4).generator_loss,
        none=combine(loss, built, other, weight_factor=0.0, gradient_summaries=False)[0],
    )
    return dict(
        facts,
        summaries=summaries(tf),
        neither=complaint(lambda: combine(loss, built, other), "cannot both be `None.`"),
        both=complaint(lambda: combine(loss, built, other, 1.0, 2.0), "cannot both be specified"),
    )


@case
def conditions(tf):
    features = tf.contrib.gan.features
    tensor = tf.constant(numbers(3, 2, 2))
    labels = tf.one_hot([0, 2, 1], 3)
    return seen(
        tf,
        of=[tensor],
        plain=features.condition_tensor(tensor, tf.constant(numbers(3, 4))),
        labels=features.condition_tensor_from_onehot(tensor, labels, embedding_size=5),
    )


@case
def pictures(tf):
    evaluation = tf.contrib.gan.eval
    images = tf.constant(numbers(4, 2, 3, 3))
    facts = seen(
        tf,
        grid=evaluation.image_grid(images, (2, 2), (2, 3), 3),
        flat=evaluation.image_grid(tf.reshape(images, [4, 18]), (1, 4), (2, 3), 3),
        shaped=evaluation.image_reshaper(images[:3]),
        columns=evaluation.image_reshaper(tf.unstack(images), num_cols=3),
    )
    return dict(
        facts,
        grid_differs=complaint(
            lambda: evaluation.image_grid(images, (3, 2), (2, 3), 3),
            "Grid shape (3, 2) incompatible with minibatch size 4.",
        ),
        channels=complaint(
            lambda: evaluation.image_reshaper(images[..., :2]),
            "image_reshaper only supports 1 or 3 channel images.",
        ),
    )


@case
def summaries_of_a_model(tf):
    gan = tf.contrib.gan

    def make(noise):
        return tf.reshape(tf.layers.dense(noise, 27), [-1, 3, 3, 3])

    def judge(data, unused):
        return tf.layers.dense(tf.reshape(data, [-1, 27]), 1)

    built = gan.gan_model(make, judge, tf.constant(numbers(4, 3, 3, 3)), tf.constant(numbers(4, 2)))
    gan.eval.add_gan_model_image_summaries(built, grid_size=2)
    gan.eval.add_regularization_loss_summaries(built)
    gan.eval.add_image_comparison_summaries(
        built._replace(generator_inputs=built.real_data), display_diffs=True
    )
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        shown = session.run(tf.get_collection(tf.GraphKeys.SUMMARIES))
    tags = [value.tag for text in shown for value in tf.Summary.FromString(text).value]
    return {"nodes": summaries(tf), "tags": tags}
