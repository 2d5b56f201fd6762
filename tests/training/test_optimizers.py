"""Every optimizer against every law: TensorFlow's trajectory, convergence, one compile, names."""

import numpy as np
import pytest

import graphmode as gm

# What each optimizer is called with: a rate at which it converges on the bowl.
OPTIMIZERS = {
    "gradient_descent": ("GradientDescentOptimizer", {"learning_rate": 0.05}),
    "momentum": ("MomentumOptimizer", {"learning_rate": 0.02, "momentum": 0.9}),
    "nesterov": (
        "MomentumOptimizer", {"learning_rate": 0.02, "momentum": 0.9, "use_nesterov": True}
    ),
    "adagrad": ("AdagradOptimizer", {"learning_rate": 0.4}),
    "adadelta": ("AdadeltaOptimizer", {"learning_rate": 3.0, "rho": 0.9, "epsilon": 1e-6}),
    "adam": ("AdamOptimizer", {"learning_rate": 0.05}),
    "rmsprop": ("RMSPropOptimizer", {"learning_rate": 0.02}),
    "rmsprop_momentum": (
        "RMSPropOptimizer", {"learning_rate": 0.01, "decay": 0.95, "momentum": 0.7}
    ),
    "rmsprop_centered": (
        "RMSPropOptimizer", {"learning_rate": 0.01, "momentum": 0.5, "centered": True}
    ),
    "ftrl": ("FtrlOptimizer", {"learning_rate": 0.5}),
    "ftrl_penalties": (
        "FtrlOptimizer",
        {
            "learning_rate": 0.5, "l1_regularization_strength": 1e-3,
            "l2_regularization_strength": 1e-3,
        },
    ),
    "ftrl_shrinkage": (
        "FtrlOptimizer", {"learning_rate": 0.5, "l2_shrinkage_regularization_strength": 1e-3}
    ),
    "ftrl_beta": ("FtrlOptimizer", {"learning_rate": 0.5, "beta": 0.01}),
    "proximal_gradient_descent": (
        "ProximalGradientDescentOptimizer",
        {
            "learning_rate": 0.05, "l1_regularization_strength": 1e-3,
            "l2_regularization_strength": 1e-3,
        },
    ),
    "proximal_adagrad": (
        "ProximalAdagradOptimizer",
        {
            "learning_rate": 0.4, "l1_regularization_strength": 1e-3,
            "l2_regularization_strength": 1e-3,
        },
    ),
}  # fmt: skip

STEPS = 100
ROWS = np.random.default_rng(3).integers(0, 7, (STEPS, 5)).astype(np.int32)  # with repetitions


def optimizer(tf, name):
    kind, arguments = OPTIMIZERS[name]
    return getattr(tf.train, kind)(**arguments)


def dense_problem(tf, dtype="float32"):
    """Least squares in a (4, 3) variable; feeds nothing."""
    rng = np.random.default_rng(1)
    inputs, targets = rng.standard_normal((6, 4)), rng.standard_normal((6, 3))
    weights = tf.Variable(rng.standard_normal((4, 3)).astype(dtype), name="W", use_resource=False)
    error = tf.matmul(tf.constant(inputs, dtype), weights) - tf.constant(targets, dtype)
    return tf.reduce_mean(tf.square(error)), [{}] * STEPS


def sparse_problem(tf, dtype="float32"):
    """Rows of a (7, 3) table, five at a time, towards their targets."""
    rng = np.random.default_rng(2)
    start, targets = rng.standard_normal((7, 3)), rng.standard_normal((7, 3))
    table = tf.Variable(start.astype(dtype), name="table", use_resource=False)
    rows = tf.placeholder(tf.int32, [5])
    error = tf.gather(table, rows) - tf.gather(tf.constant(targets, dtype), rows)
    return tf.reduce_mean(tf.square(error)), [{rows: batch} for batch in ROWS]


PROBLEMS = {"dense": dense_problem, "sparse": sparse_problem}


def trajectory(tf, name, problem, dtype="float32", steps=STEPS):
    """The losses and every variable, slots included, after each step; the variables' names."""
    with tf.Graph().as_default(), tf.Session() as session:
        loss, feeds = PROBLEMS[problem](tf, dtype)
        step = optimizer(tf, name).minimize(loss)
        variables = tf.global_variables()
        session.run(tf.global_variables_initializer())
        history = []
        for feed in feeds[:steps]:
            (value, _) = session.run([loss, step], feed)
            history.append([value, *session.run(variables)])
    return [v.name for v in variables], history


@pytest.fixture(scope="module")
def expected(oracle):
    """TensorFlow's trajectories, each computed once."""
    known = {}

    def get(name, problem):
        if (name, problem) not in known:
            known[name, problem] = trajectory(oracle, name, problem)
        return known[name, problem]

    return get


@pytest.mark.parametrize("problem", PROBLEMS)
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_trajectory_is_tensorflows(expected, mode, name, problem):
    names, history = trajectory(gm, name, problem)
    expected_names, expected_history = expected(name, problem)
    assert names == expected_names
    for step, (got, wanted) in enumerate(zip(history, expected_history, strict=True)):
        for variable, a, e in zip(["loss", *names], got, wanted, strict=True):
            np.testing.assert_allclose(a, e, 2e-5, 2e-6, err_msg=f"{variable} at step {step}")


@pytest.mark.parametrize("problem", PROBLEMS)
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_slots_keep_the_dtype_of_the_variable(name, problem):
    names, history = trajectory(gm, name, problem, "float64", steps=2)
    dtypes = dict(zip(["loss", *names], (v.dtype.name for v in history[-1]), strict=True))
    powers = {"beta1_power:0": "float32", "beta2_power:0": "float32"}  # of the hyperparameters
    assert dtypes == dict.fromkeys(dtypes, "float64") | {
        key: dtype for key, dtype in powers.items() if key in dtypes
    }


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_converges_on_a_bowl(name, mode):
    scales = np.array([1.0, 0.3, 2.0], np.float32)
    with gm.Graph().as_default(), gm.Session() as session:
        x = gm.Variable([1.5, -2.0, 0.7])
        step = optimizer(gm, name).minimize(gm.reduce_sum(scales * gm.square(x - 0.5)))
        session.run(gm.global_variables_initializer())
        for _ in range(1500):
            session.run(step)
        np.testing.assert_allclose(session.run(x), [0.5, 0.5, 0.5], atol=0.02)


# The valley is steep: smaller rates for what takes plain steps.
VALLEY_RATES = {
    "gradient_descent": 1e-3, "momentum": 5e-4, "nesterov": 5e-4,
    "proximal_gradient_descent": 1e-3, "adadelta": 0.1,
}  # fmt: skip


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_descends_rosenbrocks_valley(name):
    kind, arguments = OPTIMIZERS[name]
    rate = VALLEY_RATES.get(name, arguments["learning_rate"])
    with gm.Graph().as_default(), gm.Session() as session:
        x, y = gm.Variable(-0.5), gm.Variable(1.0)
        loss = gm.square(1 - x) + 100 * gm.square(y - x * x)
        step = getattr(gm.train, kind)(**{**arguments, "learning_rate": rate}).minimize(loss)
        session.run(gm.global_variables_initializer())
        start = session.run(loss)
        for _ in range(3000):
            session.run(step)
        assert start > 50
        assert session.run(loss) < 0.1


@pytest.mark.parametrize("problem", PROBLEMS)
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_second_step_compiles_nothing(name, problem, monkeypatch):
    monkeypatch.setenv("GRAPHMODE_MODE", "compiled")
    with gm.Graph().as_default(), gm.Session() as session:
        loss, feeds = PROBLEMS[problem](gm)
        step = optimizer(gm, name).minimize(loss)
        session.run(gm.global_variables_initializer())
        session.run(step, feeds[0])
        before = session.stats().compiles
        for feed in feeds[1:6]:
            session.run(step, feed)
        assert session.stats().compiles == before


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_sparse_step_is_one_program(name):
    with gm.Graph().as_default(), gm.Session() as session:
        loss, feeds = sparse_problem(gm)
        step = optimizer(gm, name).minimize(loss)
        session.run(gm.global_variables_initializer())
        session.run(step, feeds[0])
        session.mode, ran = "compiled", gm.RunMetadata()
        options = gm.RunOptions(trace_level=gm.RunOptions.FULL_TRACE)
        session.run(step, feeds[0], options=options, run_metadata=ran)
        (device,) = ran.step_stats.dev_stats
        assert [node.node_name.partition(":")[0] for node in device.node_stats] == ["program"]


@pytest.mark.parametrize("problem", PROBLEMS)
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_slot_names_are_tensorflows(oracle, name, problem):
    def slots(tf):
        with tf.Graph().as_default():
            loss, _ = PROBLEMS[problem](tf)
            opt = optimizer(tf, name)
            opt.minimize(loss)
            (var,) = tf.trainable_variables()
            named = {slot: opt.get_slot(var, slot).name for slot in opt.get_slot_names()}
            return named, [v.name for v in opt.variables()], opt.get_name()

    assert slots(gm) == slots(oracle)


@pytest.mark.parametrize("name", [n for n in OPTIMIZERS if not n.startswith("ftrl")])
def test_names_of_the_nodes_of_a_dense_step_are_tensorflows(oracle, name):
    def nodes(tf):
        with tf.Graph().as_default() as graph:
            loss, _ = dense_problem(tf)
            step = tf.train.get_or_create_global_step()
            made = len(graph.get_operations())
            optimizer(tf, name).minimize(loss, global_step=step)
            return [
                (op.name, op.type)
                for op in graph.get_operations()[made:]
                if not op.name.startswith("gradients/")
            ]

    assert nodes(gm) == nodes(oracle)


@pytest.mark.parametrize("name", ["gradient_descent", "adam", "rmsprop"])
def test_rates_may_be_tensors_fed_or_callables(name, mode):
    kind, arguments = OPTIMIZERS[name]
    ends = []
    for form in ("number", "placeholder", "callable", "variable"):
        with gm.Graph().as_default(), gm.Session() as session:
            loss, _ = dense_problem(gm)
            feed = {}
            rate = arguments["learning_rate"]
            if form == "placeholder":
                placeholder = gm.placeholder(gm.float32, [])
                feed, rate = {placeholder: rate}, placeholder
            elif form == "callable":
                number = rate
                rate = lambda number=number: number  # noqa: E731
            elif form == "variable":
                rate = gm.Variable(rate, trainable=False)
            step = getattr(gm.train, kind)(**{**arguments, "learning_rate": rate}).minimize(loss)
            session.run(gm.global_variables_initializer())
            for _ in range(3):
                session.run(step, feed)
            ends.append(session.run(gm.trainable_variables()[0]))
    for end in ends[1:]:
        np.testing.assert_allclose(end, ends[0], 1e-6)
