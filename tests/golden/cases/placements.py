"""Where the ops of real graphs are placed: `replica_device_setter` and what it asks."""

from golden.case import case
from golden.cases.queues import outcome

CLUSTER = {"ps": ["a:1", "b:1", "c:1"], "worker": ["d:1", "e:1"]}


def network(tf):
    """Variables of both kinds, a step of training with slots, a count, a table, a queue."""
    x = tf.placeholder(tf.float32, [None, 4], name="x")
    with tf.variable_scope("hidden"):
        w = tf.get_variable("w", [4, 3], initializer=tf.zeros_initializer())
        b = tf.get_variable("b", [3], initializer=tf.zeros_initializer(), use_resource=True)
        h = tf.nn.relu(tf.matmul(x, w) + b, name="h")
    with tf.variable_scope("out"), tf.device("/cpu:0"):
        v = tf.get_variable("v", [3, 2], initializer=tf.ones_initializer())
        y = tf.matmul(h, v, name="y")
    with tf.device("/job:worker/task:1"):
        count = tf.get_variable("count", [], initializer=tf.zeros_initializer())
    with tf.device("/job:ps"):
        other = tf.get_variable("other", [5], initializer=tf.zeros_initializer())
    with tf.device(None):
        tf.get_variable("free", [2], initializer=tf.zeros_initializer())
    with tf.device("/job:ps/task:2/gpu:1"):
        tf.get_variable("fixed", [2], initializer=tf.zeros_initializer())
    step = tf.train.get_or_create_global_step()
    loss = tf.reduce_mean(y, name="loss") + tf.reduce_sum(other) + count
    train = tf.train.MomentumOptimizer(0.1, 0.9).minimize(
        loss, global_step=step, var_list=[w, b, v], name="train"
    )
    tf.get_variable("later", [2], initializer=tf.zeros_initializer())
    tf.FIFOQueue(3, tf.float32, name="queue")
    tf.contrib.lookup.MutableHashTable(tf.string, tf.int64, 0, name="table")
    return train


def variables_and_named(tf):
    """The devices of variables, their slots and initializers, and of what was named."""
    seen = {}
    for v in tf.global_variables():
        seen[v.name] = [v.device, v.initializer.device, v.value().device, v.op.type]
    graph = tf.get_default_graph()
    for name in ("x", "hidden/h", "out/y", "loss", "train", "queue"):
        seen[name] = graph.get_operation_by_name(name).device
    seen["table"] = next(op.device for op in graph.get_operations() if "HashTable" in op.type)
    return seen


@case
def network_round_robin(tf):
    with tf.device(tf.train.replica_device_setter(cluster=CLUSTER)):
        network(tf)
    return variables_and_named(tf)


@case
def network_without_merging(tf):
    setter = tf.train.replica_device_setter(
        ps_tasks=2, ps_device="/job:ps/cpu:0", worker_device="/job:worker/task:7/gpu:0",
        merge_devices=False,
    )  # fmt: skip
    with tf.device(setter):
        network(tf)
    return variables_and_named(tf)


@case
def network_by_size(tf):
    greedy = tf.contrib.training.GreedyLoadBalancingStrategy(
        3, tf.contrib.training.byte_size_load_fn
    )
    ops = ["Variable", "VariableV2", "VarHandleOp"]
    setter = tf.train.replica_device_setter(
        ps_tasks=3, worker_device="/job:worker/task:1", ps_ops=ops, ps_strategy=greedy
    )
    with tf.device("/cpu:0"), tf.device(setter):
        network(tf)
    return variables_and_named(tf)


@case
def network_by_hash(tf):
    strategy = tf.contrib.training.RandomStrategy(3, seed=5)
    with tf.device(tf.train.replica_device_setter(cluster=CLUSTER, ps_strategy=strategy)):
        network(tf)
    return variables_and_named(tf)


@case
def partitioned_embedding(tf):
    """Slices go round, and what is shared by name is placed where it was made."""
    ids = tf.placeholder(tf.int64, [None], name="ids")
    with tf.device(tf.train.replica_device_setter(ps_tasks=2, worker_device="/job:trainer")):
        table = tf.get_variable(
            "table", [10, 4], partitioner=tf.fixed_size_partitioner(3), dtype=tf.float32
        )
        rows = tf.nn.embedding_lookup(table, ids, partition_strategy="div", name="rows")
        loss = tf.reduce_sum(rows, name="loss")
        step = tf.train.get_or_create_global_step()
        tf.train.AdamOptimizer().minimize(loss, global_step=step, name="train")
    seen = {v.name: [v.device, v.initializer.device] for v in tf.global_variables()}
    graph = tf.get_default_graph()
    seen["loss"] = [graph.get_operation_by_name(n).device for n in ("loss", "train")]
    return seen


@case
def calls_and_refusals(tf):
    """What is no cluster, a job that is not there, a strategy that is none."""
    setter = tf.train.replica_device_setter

    seen = {
        "no ps": str(setter()),
        "no job": str(setter(cluster={"worker": ["a:1"]})),
        "no cluster": str(outcome(lambda: setter(cluster=3))[0]),
        "no strategy": str(outcome(lambda: setter(ps_tasks=1, ps_strategy=3))),
    }
    sizes = []
    for dtype, shape in ((tf.float64, [3, 5]), (tf.int32, []), (tf.string, [2]), (tf.bool, [7])):
        op = tf.Variable(tf.zeros(shape, dtype) if dtype != tf.string else ["a", "b"]).op
        sizes.append(tf.contrib.training.byte_size_load_fn(op))
    sizes.append(tf.contrib.training.byte_size_load_fn(tf.Variable(1.0, use_resource=True).op))
    seen["sizes"] = str(sizes)
    greedy = tf.contrib.training.GreedyLoadBalancingStrategy(2, lambda op: 3)
    seen["greedy"] = str([int(greedy(None)) for _ in range(5)])
    random = tf.contrib.training.RandomStrategy(7, seed=2)
    seen["random"] = str([random(tf.no_op(name=f"op{i}")) for i in range(6)])
    return seen


@case
def specs_of_devices(tf):
    """Parsing, printing and merging names of devices."""
    names = ["", "/job:ps", "/job:ps/task:1/cpu:0", "/replica:2/device:GPU:*", "/gpu:3",
             "/job:a/replica:0/task:0/device:XLA_CPU:0"]  # fmt: skip
    seen = {}
    for name in names:
        spec = tf.DeviceSpec.from_string(name)
        seen[name] = [spec.to_string(), str(spec.job), str(spec.task), str(spec.device_index)]
        for other in names:
            merged = tf.DeviceSpec.from_string(name)
            merged.merge_from(tf.DeviceSpec.from_string(other))
            seen[name].append(merged.to_string())
    with tf.device(tf.DeviceSpec(job="ps", device_type="CPU", device_index=0)):
        with tf.device("/task:3"), tf.device(lambda op: "/job:inner/gpu:1"):
            seen["nested"] = [tf.no_op(name="a").device]
        with tf.device(lambda op: ""):
            seen["nothing"] = [tf.no_op(name="b").device]
    return {key or "none": value for key, value in seen.items()}
