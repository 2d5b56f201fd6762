"""`SyncReplicasOptimizer` in one session: its ops, its steps, what it refuses."""

import numpy as np

from golden.case import case, numbers
from golden.cases.queues import outcome

ROWS = numbers(24, 3, seed=4)


def network(tf):
    """A loss with a dense and a sparse gradient, and a variable that has none."""
    rows = tf.placeholder(tf.float32, [None, 3], name="rows")
    ids = tf.placeholder(tf.int32, [None], name="ids")
    table = tf.get_variable("table", initializer=numbers(5, 3, seed=2))
    w = tf.get_variable("w", initializer=numbers(3, 1, seed=3), use_resource=True)
    tf.get_variable("unused", initializer=1.0)
    y = tf.matmul(rows * tf.nn.embedding_lookup(table, ids), w)
    return rows, ids, tf.reduce_mean(tf.square(y - 1.0))


def built(tf, **options):
    rows, ids, loss = network(tf)
    step = tf.train.get_or_create_global_step()
    opt = tf.train.SyncReplicasOptimizer(tf.train.MomentumOptimizer(0.1, 0.9), **options)
    return rows, ids, loss, step, opt, opt.minimize(loss, global_step=step)


def trained(tf, n_runs, num_tokens, **options):
    """What `n_runs` of one worker give, and the variables after them."""
    rows, ids, loss, _, opt, train = built(tf, **options)
    hook, seen = opt.make_session_run_hook(True, num_tokens), []
    with tf.train.MonitoredTrainingSession(hooks=[hook], stop_grace_period_secs=0) as sess:
        for i in range(n_runs):
            feed = {
                rows: ROWS[i * 4 : i * 4 + 4],
                ids: [i % 2, 2, 3, 4],
            }  # no row twice: it is summed
            seen.append(sess.run([train, loss], feed))
        names = ["table:0", "w/Read/ReadVariableOp:0", "table/Momentum:0", "global_step:0"]
        last = sess.run_step_fn(lambda step_context: step_context.session.run(names))
    result = dict(zip(names, last))
    result["local steps"] = np.array([int(step) for step, _ in seen])
    result["losses"] = np.array([value for _, value in seen])
    return result


@case
def a_step_a_batch(tf):
    return trained(tf, 6, 0, replicas_to_aggregate=1)


@case
def a_step_of_three_batches(tf):
    return trained(tf, 6, 2, replicas_to_aggregate=3, total_num_replicas=1)


@case
def ops_and_places(tf):
    cluster = {"ps": ["a:1", "b:1"], "worker": ["c:1", "d:1"]}
    setter = tf.train.replica_device_setter(
        cluster=cluster, worker_device="/job:worker/task:1/cpu:0"
    )
    with tf.device(setter):
        *_, opt, train = built(tf, replicas_to_aggregate=2, total_num_replicas=3)
        opt.get_init_tokens_op(), opt.get_init_tokens_op(5), opt.get_init_tokens_op(0)
    parts = ("sync", "dummy", "Fill", "no_init", "token", "GlobalStep", "NoOp")
    ops = tf.get_default_graph().get_operations()
    lines = [" ".join([op.type, op.name, op.device]) for op in ops]
    runner = opt.get_chief_queue_runner()
    return {
        "ops": [x for x in lines if any(part in x for part in parts) and " gradients/" not in x],
        "train": train.name,
        "init ops": [opt.chief_init_op.name, opt.local_step_init_op.name],
        "not ready": opt.ready_for_local_init_op.name,
        "slots": [*opt.get_slot_names(), *[v.name for v in opt.variables()]],
        "slot": opt.get_slot(tf.global_variables()[0], "momentum").name,
        "locals": [v.name + " " + v.device for v in tf.local_variables()],
        "runner": [runner.name, *[op.name for op in runner.enqueue_ops]],
    }


@case
def averages_follow_each_step(tf):
    w = tf.get_variable("w", initializer=[4.0, 2.0])
    step = tf.train.get_or_create_global_step()
    averages = tf.train.ExponentialMovingAverage(0.5)
    opt = tf.train.SyncReplicasOptimizer(
        tf.train.GradientDescentOptimizer(0.25), 1, variable_averages=averages,
        variables_to_average=[w], name="together",
    )  # fmt: skip
    pairs = opt.compute_gradients(tf.reduce_sum(w * w), var_list=[w])
    train = opt.apply_gradients([(g * 0.5, v) for g, v in pairs], global_step=step)
    sums = tf.get_default_graph().get_tensor_by_name("w/ExponentialMovingAverage:0")
    hook = opt.make_session_run_hook(True, num_tokens=0)
    with tf.train.MonitoredTrainingSession(hooks=[hook], stop_grace_period_secs=0) as sess:
        for _ in range(3):
            sess.run(train)
        found = sess.run_step_fn(lambda step_context: step_context.session.run(w))
    return {"w": found, "average": sums.op.type, "train": train.name}


@case
def calls_that_are_refused(tf):
    w = tf.get_variable("w", initializer=[4.0, 2.0])
    step = tf.train.get_or_create_global_step()
    opt = tf.train.SyncReplicasOptimizer(tf.train.AdamOptimizer(), 4, total_num_replicas=2)
    calls = [
        lambda: opt.apply_gradients([]),
        lambda: opt.apply_gradients([(w * 1.0, w)]),
        lambda: opt.apply_gradients([(3.0, w)], global_step=step),
        opt.get_chief_queue_runner,
        opt.get_init_tokens_op,
        lambda: opt.make_session_run_hook(True).begin(),
    ]
    seen = [str(outcome(call)) for call in calls]
    opt = tf.train.SyncReplicasOptimizer(tf.train.AdamOptimizer(), 4, total_num_replicas=2)
    opt.minimize(tf.reduce_sum(w), global_step=step)
    seen.append(str(outcome(lambda: opt.get_init_tokens_op(1))))
    with tf.Session() as sess:
        hook = opt.make_session_run_hook(False)
        hook.begin()
        text = outcome(lambda: hook.after_create_session(sess, None))
        seen += [text[0], str([part in text[1] for part in ("local_init", "Assign", "w", "step")])]
    return {"refused": seen}
