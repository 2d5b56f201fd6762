"""Variable scopes of threads and entered again, templates, and what follows for variables."""

import threading

from golden.case import case, complaint


def names(tf):
    return sorted(v.name for v in tf.global_variables())


@case
def two_threads(tf):
    graph = tf.get_default_graph()
    entered, left = [threading.Event(), threading.Event()], threading.Event()
    one_at_a_time = threading.Lock()  # TensorFlow's stack of devices wants it
    found = [None, None]

    def build(i):
        with graph.as_default():
            with tf.variable_scope("thread" + str(i)):
                entered[i].set()
                entered[1 - i].wait(10)
                with one_at_a_time:
                    tf.get_variable("x", [])
                found[i] = tf.get_variable_scope().name
                if i:
                    left.wait(10)
            left.set()

    with tf.variable_scope("main") as main:
        threads = [threading.Thread(target=build, args=(i,)) for i in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        inside = tf.get_variable_scope().name
        with tf.variable_scope(main, reuse=tf.AUTO_REUSE):
            tf.get_variable("y", [])
    return {"scopes": found, "main": inside, "variables": names(tf)}


@case
def entered_again(tf):
    by_name, by_default = tf.variable_scope("a"), tf.variable_scope(None, "b")
    result = {}
    for i in range(2):
        for key, block in (("by_name", by_name), ("by_default", by_default)):
            with block as scope:
                tf.get_variable("v" + str(i), [])
                result[key + str(i)] = [
                    scope.name,
                    scope.original_name_scope,
                    tf.constant(1).name,
                ]
    result["variables"] = names(tf)
    return result


def scaled(tf):
    def function(x, by=2.0):
        return x * tf.get_variable("w", [], initializer=tf.constant_initializer(by))

    return function


@case
def template(tf):
    first = tf.make_template("scaled", scaled(tf), by=3.0)
    outputs = [first(tf.constant(1.0)), first(2.0)]
    with tf.variable_scope("outer"):
        second = tf.make_template("scaled", scaled(tf))
        outputs.append(second(1.0))
    with tf.name_scope("other"):
        outputs.append(second(4.0))
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        values = session.run(outputs)
    return {
        "names": [y.name for y in outputs],
        "values": [str(value) for value in values],
        "variables": names(tf),
        "of the second": [v.name for v in second.variables + second.trainable_variables],
        "scopes": [first.name, first.variable_scope.name, second.variable_scope.name],
    }


@case
def templates_inside_templates(tf):
    inner = tf.make_template("inner", scaled(tf))
    outer = tf.make_template("outer", lambda x: inner(inner(x)) * tf.get_variable("v", []))
    outer(1.0)
    outer(1.0)
    layer = tf.make_template("layer", lambda x: tf.layers.dense(x, 2))
    outputs = [layer(tf.zeros([1, 3])).name for _ in range(2)]
    return {"variables": names(tf), "outputs": outputs}


@case
def template_scopes(tf):
    now = tf.make_template("t", scaled(tf), create_scope_now_=True)
    tf.make_template("t", scaled(tf))(1.0)
    now(1.0)
    tf.make_template("t", scaled(tf), unique_name_="mine")(1.0)

    def getter(getter, name, *args, **kwargs):
        return getter(name + "_got", *args, **kwargs)

    tf.make_template("got", scaled(tf), custom_getter_=getter)(1.0)
    taken = tf.make_template("t", scaled(tf), unique_name_="mine")
    grows = tf.make_template("grows", lambda x: tf.Variable(1.0) * x)
    grows(1.0)
    return {
        "variables": names(tf),
        "taken": complaint(lambda: taken(1.0), "Variable mine/w already exists"),
        "grows": complaint(
            lambda: grows(1.0), "Trainable variable created when calling a template"
        ),
        "no name": complaint(lambda: tf.make_template(None, int), "name cannot be None."),
    }


@case
def on_read(tf):
    how = {"synchronization": tf.VariableSynchronization.ON_READ}
    tf.get_variable("a", [], **how)
    tf.Variable(1.0, name="b", **how)
    tf.Variable(1.0, name="c", trainable=True, **how)
    tf.layers.Layer().add_weight("d", [2], **how)
    return {"trainable": [v.name for v in tf.trainable_variables()], "all": names(tf)}


@case
def regularizers_of_parts(tf):
    regularizer = tf.contrib.layers.l2_regularizer(0.5)
    with tf.variable_scope("a", partitioner=tf.fixed_size_partitioner(3)):
        tf.get_variable("w", [6, 4], regularizer=regularizer)
        tf.layers.dense(tf.zeros([2, 6]), 4, kernel_regularizer=regularizer)
        tf.contrib.layers.fully_connected(tf.zeros([2, 6]), 4, weights_regularizer=regularizer)
    losses = tf.get_collection(tf.GraphKeys.REGULARIZATION_LOSSES)
    return {"losses": [loss.name for loss in losses]}


@case
def shapes_after_a_choice(tf):
    x = tf.placeholder(tf.float32, [None, 8])
    result = {}
    for name, training in (
        ("scalar", tf.placeholder(tf.bool, [])),
        ("unknown", tf.placeholder(tf.bool)),
        ("default", tf.placeholder_with_default(False, [])),
    ):
        for layer, y in (
            ("layers.dropout", tf.layers.dropout(x, 0.5, training=training)),
            ("contrib.dropout", tf.contrib.layers.dropout(x, 0.5, is_training=training)),
            ("cond", tf.cond(training, lambda: x, lambda: x * 2)),
            ("case", tf.case([(training, lambda: x)], default=lambda: x + 1)),
        ):
            result[layer + " " + name] = str(y.shape.as_list())
    return result
