from tests.ops.record import Record, normal

RECORDS = [
    Record("Mul", lambda tf, x, y: tf.multiply(x, y), [normal(3, 4), normal(4)]),
    Record("Tanh", lambda tf, x: tf.tanh(x), [normal(2, 3)]),
    Record("MatMul", lambda tf, x, y: tf.matmul(x, y), [normal(2, 3), normal(3, 5)]),
    Record(
        "Reshape", lambda tf, x: tf.reshape(x, [5, 2]), [normal(2, 3)], raises=(ValueError, "resh")
    ),
]
