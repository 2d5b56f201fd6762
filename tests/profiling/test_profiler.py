"""`tf.profiler`: counts are TensorFlow's, by scope and by type; times are those of stages."""

import json

import numpy as np
import pytest

import graphmode as gm


def network(tf):
    """Each kind of op that is counted: convolutions, pools, products, reductions, gradients."""
    x = tf.placeholder(tf.float32, [4, 8, 8, 2], "x")
    with tf.variable_scope("conv"):
        w = tf.get_variable("w", [3, 3, 2, 6])
        b = tf.get_variable("b", [6])
        h = tf.nn.relu(tf.nn.bias_add(tf.nn.conv2d(x, w, [1, 2, 2, 1], "SAME"), b))
        d = tf.get_variable("d", [3, 3, 6, 2])
        h = tf.nn.depthwise_conv2d_native(h, d, [1, 1, 1, 1], "SAME")
        h = tf.nn.max_pool(h, [1, 2, 2, 1], [1, 2, 2, 1], "SAME")
        h = tf.nn.avg_pool(h, [1, 2, 2, 1], [1, 1, 1, 1], "SAME")
    with tf.variable_scope("fc"):
        flat = tf.reshape(h, [4, -1])
        v = tf.get_variable("w", [flat.shape[1].value, 10])
        y = tf.nn.softmax(tf.matmul(flat, v))
        z = tf.matmul(tf.ones([3, 5, 4]), tf.ones([3, 4, 2]), name="batched")
    tf.get_variable("frozen", [7], trainable=False)
    with tf.name_scope("sums"):
        total = tf.reduce_sum(tf.square(y)) + tf.nn.l2_loss(v)
        tf.squared_difference(y, 0.5)
        tf.add_n([z, z, z])
        tf.argmax(y, 1)
        tf.rsqrt(tf.log(tf.reciprocal(tf.maximum(y, 2.0))))
        tf.assign_add(b, -b)
    tf.gradients(total, [w, d, v])
    return total


def rows(printed):
    """The rows of a report, without their order."""
    text = printed[printed.index("Profile:\n") : printed.rindex("\n\n=====")]
    # Gradients have other nodes around those that are counted.
    found = sorted(row for row in text.splitlines() if "gradients" not in row or "flops" in row)
    assert len(found) > 2
    return found


def both(oracle, capfd, **arguments):
    """What both print, and give in all, for one profile of the network."""
    found = []
    for tf in (gm, oracle):
        with tf.Graph().as_default() as graph:
            network(tf)
            builder = tf.profiler.ProfileOptionBuilder
            options = arguments["options"](builder)
            capfd.readouterr()
            root = tf.profiler.profile(graph, cmd=arguments.get("cmd", "scope"), options=options)
            totals = root.total_parameters, root.total_float_ops
            found.append((rows(capfd.readouterr().out), totals))
    return found


@pytest.mark.parametrize(
    "options",
    [
        lambda b: b.trainable_variables_parameter(),
        lambda b: b(b.trainable_variables_parameter()).with_max_depth(1).build(),
        lambda b: b(b.trainable_variables_parameter()).with_min_parameters(100).build(),
        lambda b: b().with_node_names(start_name_regexes=["conv.*"]).build(),
        lambda b: b().with_node_names(hide_name_regexes=["conv/d"]).build(),
        lambda b: b().with_node_names(show_name_regexes=["fc.*"]).build(),
        lambda b: b().with_accounted_types(["VariableV2"]).select(["params"]).build(),
        lambda b: b().order_by("params").account_displayed_op_only(False).build(),
        lambda b: b(b.float_operation()).with_node_names(trim_name_regexes=["fc"]).build(),
        lambda b: b.float_operation(),
    ],
)
def test_scopes_are_tensorflows(oracle, capfd, options):
    ours, theirs = both(oracle, capfd, options=options)
    assert ours == theirs


def test_types_are_tensorflows(oracle, capfd):
    ours, theirs = both(oracle, capfd, cmd="op", options=lambda b: b.float_operation())
    assert ours[1] == theirs[1]
    # Equal counts stand in any order, and the first share of a row depends on that.
    cut = [[row.partition("(")[0] for row in found[0]] for found in (ours, theirs)]
    assert cut[0] == cut[1]


def test_options_are_tensorflows(oracle):
    def made(tf):
        b = tf.profiler.ProfileOptionBuilder
        return [
            b.time_and_memory(min_micros=5),
            b()
            .with_max_depth(3)
            .with_min_memory(1, 2, 3, 4)
            .with_min_execution_time(5, 6, 7)
            .with_min_occurrence(8)
            .with_min_float_operations(9)
            .with_accounted_types(["a"])
            .with_node_names(["s"], ["t"], ["u"], ["v"])
            .select(["params", "micros"])
            .with_step(4)
            .with_file_output("f")
            .build(),
            b().with_timeline_output("t").build(),
            b().with_empty_output().build(),
            b().with_empty_output().with_stdout_output().build(),
            b().with_pprof_output("p").build(),
        ]

    assert made(gm) == made(oracle)


def test_unknown_shapes_are_said(caplog, capfd):
    caplog.set_level("WARNING", logger="tensorflow")  # the oracle has it silent
    x = gm.placeholder(gm.float32, [None, 3])
    gm.matmul(x, gm.ones([3, 2]))
    root = gm.profiler.profile(options=gm.profiler.ProfileOptionBuilder.float_operation())
    assert root.total_float_ops == 0
    assert "1 ops no flops stats due to incomplete shapes" in caplog.text


def traced(mode="auto"):
    """A session's run with times; gives what it reported."""
    x = gm.placeholder(gm.float32, [50, 50], "x")
    y = gm.matmul(x, x, name="y")
    metadata = gm.RunMetadata()
    options = gm.RunOptions(trace_level=gm.RunOptions.FULL_TRACE, output_partition_graphs=True)
    with gm.Session(mode=mode) as session:
        session.run(y, {x: np.ones([50, 50])}, options, metadata)
    return metadata


def test_times(tmp_path, capsys):
    metadata = traced("compiled")
    options = gm.profiler.ProfileOptionBuilder.time_and_memory()
    root = gm.profiler.profile(run_meta=metadata, cmd="op", options=options)
    (program,) = root.children
    assert program.name == "program"
    assert program.exec_micros == root.total_exec_micros > 0
    assert program.exec_micros == program.cpu_exec_micros
    assert "program" in capsys.readouterr().out

    profiler = gm.profiler.Profiler()
    profiler.add_step(3, metadata)
    profiler.add_step(5, metadata)
    options = gm.profiler.ProfileOptionBuilder(options)
    quiet = options.with_empty_output().build()
    assert profiler.profile_operations(quiet).total_exec_micros == root.total_exec_micros
    assert capsys.readouterr().out == ""
    timeline = options.with_step(5).with_timeline_output(str(tmp_path / "t.json")).build()
    profiler.profile_graph(timeline)
    events = json.loads((tmp_path / "t.json").read_text())["traceEvents"]
    assert [event["args"]["name"] for event in events if event["ph"] == "X"] == ["program: y"]
    profiler.profile_name_scope(options.with_file_output(str(tmp_path / "r.txt")).build())
    assert "program: y (" in (tmp_path / "r.txt").read_text()
    with pytest.raises(gm.errors.InvalidArgumentError, match=r"no step 4 .* \[3, 5\]"):
        profiler.profile_operations(options.with_step(4).build())


def test_what_ran_on_each_device(mode):
    metadata = traced(mode)
    (graph,) = metadata.partition_graphs
    assert sorted(node.name for node in graph.node) == ["y"]
    assert {node.device for node in graph.node} == {"/job:localhost/replica:0/task:0/device:CPU:0"}


def test_a_report_replaces_the_one_before():
    metadata = traced()
    with gm.Session() as session:
        session.run(gm.constant(1.0), None, gm.RunOptions(), metadata)
    assert not metadata.partition_graphs
    assert not metadata.HasField("step_stats")


def test_mistakes():
    builder = gm.profiler.ProfileOptionBuilder()
    with pytest.raises(gm.errors.InvalidArgumentError, match="unknown cmd: scopes"):
        gm.profiler.profile(cmd="scopes")
    with pytest.raises(gm.errors.UnimplementedError, match="no view by lines of code"):
        gm.profiler.profile(cmd="code")
    with pytest.raises(gm.errors.UnimplementedError, match="no output 'pprof'"):
        gm.profiler.profile(options=builder.with_pprof_output("p").build())
    with pytest.raises(gm.errors.InvalidArgumentError, match="needs the run_meta"):
        gm.profiler.profile(options=builder.with_timeline_output("t").build())


def test_the_first_name(capsys):
    gm.get_variable("w", [3, 4])
    analyzer = gm.contrib.tfprof.model_analyzer
    root = analyzer.print_model_analysis(
        gm.get_default_graph(), tfprof_options=analyzer.TRAINABLE_VARS_PARAMS_STAT_OPTIONS
    )
    assert root.total_parameters == 12
    assert "  w (3x4, 12/12 params)" in capsys.readouterr().out
