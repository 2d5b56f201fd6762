"""`import_graph_def`: names, maps, results, places, and what does not fit."""

import pickle

import numpy as np
import pytest
from google.protobuf import text_format

import graphmode as gm

A = 'node { name: "A" op: "Placeholder" attr { key: "dtype" value { type: DT_FLOAT } } }'
INTEGERS = A.replace("FLOAT", "INT32").replace('"A"', '"I"')
FOREIGN = 'node { name: "%s" op: "%s" input: "A" }'


def negative(of, name="B", dtype="DT_FLOAT", more=""):
    return (
        f'node {{ name: "{name}" op: "Neg" input: "{of}" '
        f'attr {{ key: "T" value {{ type: {dtype} }} }} {more} }}'
    )


def parsed(text, tf=gm):
    return text_format.Parse(text, tf.GraphDef())


def imported(text, **arguments):
    """The names of what is added, and what comes back."""
    with gm.Graph().as_default() as graph:
        back = gm.import_graph_def(parsed(text), **arguments)
    return [op.name for op in graph.get_operations()], back


def network(tf):
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    with tf.name_scope("layer"):
        w = tf.constant([[1.0, -2.0], [0.5, 3.0], [2.0, 1.0]], name="w")
        y = tf.nn.relu(tf.matmul(x, w) + 0.5)
    tf.reduce_sum(y, 1, name="y")
    return tf.get_default_graph().as_graph_def()


FEED = np.array([[1.0, 2.0, -3.0], [0.5, 0.25, 4.0]], np.float32)


@pytest.mark.parametrize("writer", ["graphmode", "tensorflow"])
def test_what_is_imported_runs_and_has_gradients(writer, oracle, mode):
    tf = gm if writer == "graphmode" else oracle
    with tf.Graph().as_default():
        graph_def = network(tf)
    with gm.Graph().as_default(), gm.Session() as sess:
        x, y = gm.import_graph_def(graph_def, return_elements=["x:0", "y:0"])
        assert (x.name, y.name, y.shape.as_list()) == ("import/x:0", "import/y:0", [None])
        (gradient,) = gm.gradients(y, x)
        value, slope = sess.run([y, gradient], {x: FEED})
    with oracle.Graph().as_default(), oracle.Session() as sess:
        network(oracle)
        x, y = (sess.graph.get_tensor_by_name(name) for name in ("x:0", "y:0"))
        expected = sess.run([y, oracle.gradients(y, x)[0]], {x: FEED})
    np.testing.assert_allclose(value, expected[0], rtol=1e-6)
    np.testing.assert_allclose(slope, expected[1], rtol=1e-6)


def test_the_order_of_a_file_does_not_matter():
    names, _ = imported(negative("B", "C") + negative("A") + A)
    assert names == ["import/A", "import/B", "import/C"]


def test_names_are_made_unlike_those_that_are_taken(oracle):
    def names(tf):
        with tf.Graph().as_default() as graph:
            given = parsed(A + negative("A"), tf)
            for name in ("", "", None, None, "q", "w/", "w/"):
                tf.import_graph_def(given, name=name)
            with tf.name_scope("s"):
                tf.import_graph_def(given, name="")
                tf.import_graph_def(given)
            tf.negative(1.0, name="b")
            tf.negative(1.0, name="import")
            tf.import_graph_def(given, input_map={"A:0": 2.0})
        return [op.name for op in graph.get_operations()]

    assert names(gm) == names(oracle)


def test_input_map_and_return_elements():
    with gm.Graph().as_default(), gm.Session() as sess:
        two = gm.constant(2.0)
        back = gm.import_graph_def(
            parsed(A + negative("A")), {b"A:0": two}, [b"B:0", "B", "A", "A:0"], name="m"
        )
        assert [each.name for each in back] == ["m/B:0", "m/B", "m/A", "Const:0"]
        assert sess.run(back[0]) == -2.0
        (converted,) = gm.import_graph_def(parsed(A + negative("A")), {"A": 3.0}, ["B:0"])
        assert converted.op.inputs[0].name == "import/_inputs/Const:0"
    assert imported(A, return_elements=[])[1] == []
    assert imported(A, return_elements="A")[1][0].name == "import/A"


def test_what_a_node_waits_for_can_be_mapped():
    waits = 'node { name: "N" op: "NoOp" input: "^A" }'
    with gm.Graph().as_default():
        other = gm.no_op("other")
        (op,) = gm.import_graph_def(parsed(A + waits), {"^A": other}, ["N"])
        assert op.control_inputs == [other]
        with gm.control_dependencies([other]):
            (op,) = gm.import_graph_def(parsed(A + waits), None, ["N"])
        assert [c.name for c in op.control_inputs] == ["other", "import_1/A"]


def test_places_and_colocation():
    beside = 'attr { key: "_class" value { list { s: "loc:@A" } } }'
    text = (
        A.replace("attr", 'device: "/device:CPU:1" attr', 1)
        + negative("A", more=beside)
        + negative("A", "C")
    )
    with gm.Graph().as_default(), gm.device("/job:w/device:CPU:0"):
        a, b, c = gm.import_graph_def(parsed(text), return_elements=["A", "B", "C"])
    assert b.colocation_groups() == [b"loc:@import/A"]
    assert (a.device, b.device) == ("/job:w/device:CPU:1", a.device)
    assert c.device == "/job:w/device:CPU:0"


def test_unknown_attributes_are_written_again():
    more = (
        'attr { key: "_note" value { s: "kept" } } attr { key: "grad_z" value { b: true } }'
        'attr { key: "_output_shapes" value { list { shape { dim { size: 4 } } } } }'
    )
    with gm.Graph().as_default() as graph:
        (b,) = gm.import_graph_def(parsed(A + negative("A", more=more)), None, ["B:0"], name="")
    assert b.shape.as_list() == [4]
    node = graph.as_graph_def().node[1]
    assert set(node.attr) == {"T", "_note", "grad_z"}
    assert node.attr["_note"].s == b"kept"


def test_what_later_versions_added_and_would_change_values_is_refused():
    text = (
        'node { name: "A" op: "Const" attr { key: "dtype" value { type: DT_FLOAT } } attr { '
        'key: "value" value { tensor { dtype: DT_FLOAT tensor_shape {} float_val: 1 } } } }'
        'node { name: "E" op: "Equal" input: "A" input: "A" attr { key: "T" value { type: DT_FLOAT '
        '} } attr { key: "incompatible_shape_error" value { b: %s } } }'
    )
    assert len(imported(text % "true")[0]) == 2
    with pytest.raises(NotImplementedError, match="incompatible_shape_error' of node"):
        imported(text % "false")


def test_attributes_that_the_producer_knew_and_left_at_their_default():
    ops = gm.core.framework.op_def_pb2.OpList()
    text_format.Parse(
        'op { name: "Neg" attr { name: "T" type: "type" } attr { name: "fast" type: "bool" '
        "default_value { b: false } } }",
        ops,
    )
    for value, kept in (("false", {"T"}), ("true", {"T", "fast"})):
        more = f'attr {{ key: "fast" value {{ b: {value} }} }}'
        with gm.Graph().as_default() as graph:
            given = parsed(A + negative("A", more=more))
            gm.import_graph_def(given, producer_op_list=ops)
        assert set(graph.as_graph_def().node[1].attr) == kept
        assert set(given.node[1].attr) == {"T", "fast"}


def test_scalars_of_old_producers_have_no_shape():
    scalar = A.replace("attr", 'attr { key: "shape" value { shape {} } } attr', 1)
    for producer, rank in ((21, None), (22, 0)):
        with gm.Graph().as_default():
            given = parsed(f"versions {{ producer: {producer} }} {scalar}")
            (a,) = gm.import_graph_def(given, return_elements=["A:0"])
        assert a.shape.ndims == rank


def test_old_versions_of_ops():
    text = A + (
        'node { name: "I" op: "Const" attr { key: "dtype" value { type: DT_INT32 } } attr { key: '
        '"value" value { tensor { dtype: DT_INT32 tensor_shape { dim { size: 2 } } int_val: 1 } } '
        '} } node { name: "G" op: "Gather" input: "A" input: "I" attr { key: "Tparams" value { '
        'type: DT_FLOAT } } attr { key: "Tindices" value { type: DT_INT32 } } attr { key: '
        '"validate_indices" value { b: true } } }'
    )
    with gm.Graph().as_default(), gm.Session() as sess:
        a, g = gm.import_graph_def(parsed(text), return_elements=["A:0", "G:0"])
        assert (g.op.name, g.op.type) == ("import/G", "GatherV2")
        np.testing.assert_array_equal(sess.run(g, {a: [3.0, 4.0]}), [4.0, 4.0])


# What is wrong, and a part of what both libraries say of it; then what only ours adds.
REFUSED = {
    "missing_node": (A + negative("Aa"), "Node 'B': Unknown input node 'Aa'", "did you mean: A"),
    "missing_control": ('node { name: "N" op: "NoOp" input: "^Z" }',
                        r"Node 'N': Unknown input node '\^Z'", ""),
    "output": (A + negative("A:1"), "Node 'B': Connecting to invalid output 1 of source node A "
               "which has 1 outputs.", ""),
    "output_is_no_number": (A + negative("A:x"), "Node 'B': Unknown input node 'A:x'", ""),
    "twice": (A + A, "Node 'A' is not unique", ""),
    "dtype": (A + negative("A", dtype="DT_INT32"), "Input 0 of node import/B was passed float from "
              "import/A:0 incompatible with expected int32.", ""),
    "more_inputs": (A + negative('A" input: "A'), "NodeDef expected inputs 'float' do not match 2 "
                    "inputs specified", ""),
    "reference": (A + 'node { name: "V" op: "Assign" input: "A" input: "A" attr { key: "T" value { '
                  "type: DT_FLOAT } } }", "Input 0 of node import/V was passed float from "
                  "import/A:0 incompatible with expected float_ref.", ""),
    "kind": (negative("A", dtype="3").replace("type: 3", "i: 3") + A,
             "AttrValue had value with type 'int' when 'type' expected", "for attr 'T'"),
    "no_attribute": ('node { name: "A" op: "Placeholder" }',
                     "NodeDef missing attr 'dtype' from Op<name=Placeholder", ""),
    "allowed": (A.replace("FLOAT", "STRING") + negative("A", dtype="DT_STRING"),
                "Value for attr 'T' of string is not in the list of allowed values", ""),
    "cycle": (negative("C") + negative("B", "C"), "2 nodes in a cycle", "B -> C -> B"),
    "cycle_of_one": (negative("B"), "1 nodes in a cycle", ""),
    "controls_first": (A + 'node { name: "N" op: "NoOp" input: "^A" input: "A" }',
                       "Node 'N': Control dependencies must come after regular dependencies", ""),
    "name": ('node { name: "A b" op: "NoOp" }', "Node name contains invalid characters", ""),
    "beside_nothing": (A + negative("A", more='attr { key: "_class" value { list { s: "loc:@Z" } } '
                       "}"), "Node 'B' expects to be colocated with unknown node 'Z'", ""),
    "consumer": ("versions { producer: 1 min_consumer: 9999 }" + A,
                 "GraphDef min consumer version 9999 above current version", ""),
    "shape": (A.replace("attr", 'attr { key: "shape" value { shape { dim { size: 2 } } } } attr', 1)
              + 'node { name: "M" op: "MatMul" input: "A" input: "A" attr { key: "T" value { type: '
              "DT_FLOAT } } }", "Shape must be rank 2 but is rank 1 for",
              r"test_importing.py:\d+ +gm.import_graph_def"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "said", "added"), REFUSED.values(), ids=REFUSED)
def test_graphs_that_are_refused_leave_nothing_behind(text, said, added, oracle):
    with gm.Graph().as_default() as graph:
        kept = gm.constant(1.0)
        before = graph.as_graph_def()
        with pytest.raises(ValueError, match=said) as refusal:
            gm.import_graph_def(parsed(text))
        assert graph.as_graph_def() == before
        assert not kept.consumers()
        refusal.match(added)
    with oracle.Graph().as_default(), pytest.raises(ValueError, match=said):
        oracle.import_graph_def(parsed(text, oracle))


# Arguments that are wrong.
ARGUMENTS = {
    "map": ({"input_map": 3}, TypeError, "input_map must be a dictionary"),
    "key": ({"input_map": {3: 1.0}}, TypeError, "input_map must be a dictionary"),
    "unused": ({"input_map": {"Q:0": 1.0, "A:1": 2.0}}, ValueError,
               r"Attempted to map inputs that were not found in graph_def: \[Q:0, A:1\]"),
    "mapped_dtype": ({"input_map": {"A:0": 1}}, ValueError,
                     "Input 0 of node import/B was passed int32 from import/_inputs/Const:0"),
    "no_scope": ({"input_map": {"A:0": 1.0}, "name": ""}, ValueError,
                 "requires a non-empty `name` if `input_map` contains non-Tensor values"),
    "elements": ({"return_elements": [3]}, TypeError, "return_elements must be a list of strings"),
    "no_elements": ({"return_elements": 3}, TypeError, "return_elements must be a list of strings"),
    "tensor": ({"return_elements": ["Z:0"]}, ValueError,
               "Requested return tensor 'Z:0' not found in graph def"),
    "node": ({"return_elements": ["Z"]}, ValueError,
             "Requested return node 'Z' not found in graph def"),
    "output": ({"return_elements": ["B:1"]}, ValueError,
               r"Invalid return output 1 of node 'B', which has 1 output\(s\)"),
    "number": ({"return_elements": ["B:x"]}, ValueError, "Cannot convert 'B:x' to a tensor name."),
    "scope": ({"name": "x y"}, ValueError, "'x y' is not a valid scope name"),
}  # fmt: skip


@pytest.mark.parametrize(("arguments", "kind", "said"), ARGUMENTS.values(), ids=ARGUMENTS)
def test_arguments_that_are_refused(arguments, kind, said):
    with gm.Graph().as_default(), pytest.raises(kind, match=said):
        gm.import_graph_def(parsed(A + negative("A")), **arguments)


@pytest.mark.parametrize(
    ("given", "help"),
    [
        ("node { }", "text_format.Parse"),
        ("model.pb", r"open\('model.pb', 'rb'\)"),
        (b"\x0a\x00", "FromString"),
        (pickle.dumps({"w": 1}), "a pickle, which is never read: it could run code"),
        (gm.MetaGraphDef(), "its field graph_def"),
        (gm.Graph(), r"graph.as_graph_def\(\)"),
        (None, "got NoneType"),
    ],
)
def test_what_is_no_graph_def(given, help):
    with pytest.raises(TypeError, match=r"graph_def must be a GraphDef proto") as refusal:
        gm.import_graph_def(given)
    refusal.match(help)


def test_all_unknown_operations_are_said_at_once(oracle):
    text = A + "".join(FOREIGN % (f"n{i}", op) for i, op in enumerate(["Foo", "Bar", "Bar"]))
    with gm.Graph().as_default(), pytest.raises(gm.errors.NotFoundError) as refusal:
        gm.import_graph_def(parsed(text))
    lines = refusal.value.message.splitlines()
    assert lines[0].startswith("Op type not registered 'Foo' in ")
    assert lines[2:4] == ["  Bar  2 nodes", "  Foo  1 node"]
    with (
        oracle.Graph().as_default(),
        pytest.raises(oracle.errors.NotFoundError, match="Op type not registered 'Foo'"),
    ):
        oracle.import_graph_def(parsed(text, oracle))


def test_deep_and_wide_graphs():
    depth = 3000
    chain = A + "".join(negative(f"n{i}", f"n{i + 1}") for i in reversed(range(depth)))
    names, back = imported(chain + negative("A", "n0"), return_elements=[f"n{depth}:0"])
    assert len(names) == depth + 2
    waits = "".join(f'input: "^n{i}" ' for i in range(depth))
    names, _ = imported(f'node {{ name: "N" op: "NoOp" {waits} }}' + chain + negative("A", "n0"))
    assert len(names) == depth + 3
    assert back[0].op.type == "Neg"
