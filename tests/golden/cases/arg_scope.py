"""`arg_scope` of `tf.contrib.framework` and slim: whose defaults count."""

from golden.case import case, complaint, numbers, seen


def function_of(tf):
    """A function that takes part in arg scopes and says what it was given."""

    @tf.contrib.framework.add_arg_scope
    def layer(x, size=1, *rest, **options):
        return f"{x} {size} {list(rest)} {sorted(options.items())}"

    return layer


@case
def defaults_and_what_is_given(tf):
    layer, scope = function_of(tf), tf.contrib.framework.arg_scope
    result = {"outside": layer("a")}
    with scope([layer], size=2, kind="k"):
        result["inside"] = layer("a")
        result["given"] = layer("a", size=3)
        result["given in place"] = complaint(lambda: layer("a", 3))
        with scope([layer], kind="j", more=1):
            result["nested"] = layer("a")
        result["after"] = layer("a")
    result["outside again"] = layer("a")
    return result


@case
def a_scope_kept_and_opened_again(tf):
    layer, scope = function_of(tf), tf.contrib.framework.arg_scope
    with scope([layer], size=2) as kept:
        pass
    with scope([layer], size=5, kind="k"):
        with scope(kept):
            result = {"kept": layer("a")}
        result["after"] = layer("a")
    return result


@case
def what_is_known_of_a_function(tf):
    framework = tf.contrib.framework
    layer = function_of(tf)
    plain = complaint(lambda: framework.has_arg_scope(len))
    return {
        "has": str(framework.has_arg_scope(layer)),
        "plain": plain,
        "arguments of conv2d": str(sorted(framework.arg_scoped_arguments(tf.contrib.slim.conv2d))),
        "name": layer.__name__,
    }


@case
def complaints(tf):
    layer, scope = function_of(tf), tf.contrib.framework.arg_scope

    def enter(*arguments, **options):
        with scope(*arguments, **options):
            return "entered"

    with scope([layer], size=2) as kept:
        pass
    return {
        "not decorated": complaint(
            lambda: enter([len], size=2), "is not decorated with @add_arg_scope"
        ),
        "no list": complaint(lambda: enter(layer, size=2)),
        "kept with options": complaint(
            lambda: enter(kept, size=2),
            "When attempting to re-use a scope by suppling a",
            "dictionary, kwargs must be empty.",
        ),
        "unknown argument": complaint(lambda: enter([layer], colour=2)),
        "applied": complaint(lambda: [enter([tf.contrib.slim.conv2d], colour=2)]),
    }


@case
def network(tf):
    slim = tf.contrib.slim
    x = tf.constant(numbers(2, 6, 5, 3), name="x")
    with slim.arg_scope(
        [slim.conv2d, slim.fully_connected],
        weights_regularizer=slim.l2_regularizer(0.01),
        activation_fn=tf.nn.relu6,
        normalizer_fn=slim.batch_norm,
    ), slim.arg_scope([slim.batch_norm], is_training=False, scale=True):
        with slim.arg_scope([slim.conv2d], padding="VALID"):
            y = slim.conv2d(x, 4, [3, 2], scope="conv1")
        y = slim.max_pool2d(y, [2, 2], scope="pool1")
        y = slim.fully_connected(slim.flatten(y), 3, scope="fc")
    return seen(tf, y=y, losses=tf.losses.get_regularization_losses())


@case
def variables(tf):
    framework, slim = tf.contrib.framework, tf.contrib.slim
    with framework.arg_scope([slim.variable], initializer=tf.ones_initializer(), device="/cpu:0"):
        slim.variable("one", [2])
        slim.variable("two", [2], initializer=tf.zeros_initializer(), collections=["mine"])
    with tf.variable_scope("model"):
        slim.model_variable("three", [3], regularizer=slim.l2_regularizer(0.5))
        framework.local_variable(tf.zeros([2]), name="four")
    shown = {
        "all": framework.get_variables(),
        "of a scope": framework.get_variables("model"),
        "by suffix": framework.get_variables_by_suffix("e"),
        "by name": framework.get_variables_by_name("three"),
        "model": framework.get_model_variables(),
        "local": framework.get_local_variables(),
        "mine": tf.get_collection("mine"),
        "to restore": framework.get_variables_to_restore(exclude=["model"]),
        "unique": [framework.get_unique_variable("model/three")],
    }
    result = {key: [v.op.name + v.device for v in found] for key, found in shown.items()}
    result["none"] = complaint(lambda: framework.get_unique_variable("five"), "find variable")
    return result
