"""Several graphs and sessions, default ones, names, finalize, feeding what is computed."""

import tensorflow as tf

g1, g2 = tf.Graph(), tf.Graph()
with g1.as_default():
    v = tf.get_variable("v", initializer=tf.zeros_initializer(), shape=[1])
    c1 = tf.constant([1.0], name="c")
    inc = tf.assign_add(v, c1)
with g2.as_default():
    v2 = tf.get_variable("v", initializer=tf.ones_initializer(), shape=[2])
    total = tf.reduce_sum(v2 * 3.0, name="total")
    print(tf.get_default_graph() is g2, c1.graph is g1)

for graph in (g1, g2):
    with tf.Session(graph=graph) as sess:
        with tf.variable_scope("", reuse=True):
            pass
        init = [op for op in graph.get_operations() if op.name.endswith("v/Assign")]
        sess.run(init)
        print(sess.run("v:0").tolist())
first, second = tf.Session(graph=g1), tf.Session(graph=g1)
for sess in (first, second):
    sess.run(v.initializer)
for _ in range(3):
    first.run(inc)
print(first.run(v).tolist(), second.run(v).tolist())

print([op.name for op in g2.get_operations()][-3:])
print(g2.get_tensor_by_name("total:0").shape, g2.as_graph_element("total").type)
for wrong in ("nothing", "nothing:0", "total:1"):
    try:
        g2.as_graph_element(wrong)
    except (KeyError, ValueError) as error:
        print(type(error).__name__)
with g2.as_default(), tf.Session() as sess:
    x = tf.placeholder_with_default([2.0, 3.0], [2], name="x")
    y = tf.square(x, name="y")
    z = tf.add(y, 1.0, name="z")
    tf.add_to_collection("outputs", z)
    tf.add_to_collection("outputs", "text")
    print(sess.run("z:0", {"x:0": [5.0, 6.0]}).tolist(), sess.run(z, {y: [1.0, 1.0]}).tolist())
    found = sess.run({"a": z, "b": [x, (y, z.op)], "c": "y:0"})
    print(sorted(found), found["b"][1][1], found["c"].tolist())
    print(
        [type(o).__name__ for o in tf.get_collection("outputs")],
        sorted(g2.get_all_collection_keys()),
    )
    print(z.consumers(), [t.name for t in z.op.inputs], y.op.get_attr("T").name, z.eval().tolist())
    g2.finalize()
    try:
        tf.constant(1)
    except RuntimeError as error:
        print(str(error).split(".")[0])
interactive = tf.InteractiveSession(graph=g1)
v.initializer.run()
print(inc.eval().tolist(), interactive.graph is g1)
interactive.close()
