"""Fused sequence ops. TensorFlow has none of them: there the same cell is run step by step."""

import numpy as np
from tests.ops.record import Record, normal

T, B, D, H, P = 4, 3, 2, 5, 6
LENGTHS = np.array([4, 0, 2], np.int32)


def _is_ours(tf):
    return tf.__name__ == "graphmode"


def _steps(tf, cell, x, lengths, states):
    """`cell(x_t, states) -> output, states` over the time axis, as dynamic_rnn runs it."""
    outputs = []
    for t in range(T):
        output, new = cell(x[t], states)
        if lengths is not None:
            active = tf.tile(tf.expand_dims(t < lengths, 1), [1, output.shape[1]])
            output = tf.where(active, output, tf.zeros_like(output))
            new = [
                tf.where(tf.tile(tf.expand_dims(t < lengths, 1), [1, s.shape[1]]), n, s)
                for n, s in zip(new, states, strict=True)
            ]
        states = new
        outputs.append(output)
    return [tf.stack(outputs), *states]


def _activation(tf, name):
    return {"tanh": tf.tanh, "relu": tf.nn.relu, "sigmoid": tf.sigmoid, "identity": tf.identity}[
        name
    ]


def _clip(tf, values, bound):
    return values if bound is None else tf.clip_by_value(values, -bound, bound)


def lstm(lengths=None, n_peepholes=0, projects=False, **options):
    """A call of the fused LSTM, or of the cell's equations."""

    def call(tf, x, c, h, kernel, bias, *rest):
        given = None if lengths is None else tf.constant(lengths)
        peepholes, projection = rest[:n_peepholes], rest[n_peepholes] if projects else None
        if _is_ours(tf):
            from graphmode.ops.sequence.lstm import lstm_sequence

            return lstm_sequence(
                x, given, c, h, kernel, bias, peepholes=peepholes, projection=projection, **options
            )
        g = _activation(tf, options.get("activation", "tanh"))
        w_i, w_f, w_o = peepholes or (0.0, 0.0, 0.0)

        def cell(x_t, states):
            c, h = states
            z = tf.matmul(tf.concat([x_t, h], 1), kernel) + bias
            i, j, f, o = tf.split(z, 4, axis=1)
            f = f + options.get("forget_bias", 1.0)
            new = tf.sigmoid(f + w_f * c) * c + tf.sigmoid(i + w_i * c) * g(j)
            new = _clip(tf, new, options.get("cell_clip"))
            shown = tf.sigmoid(o + w_o * new) * g(new)
            if projection is not None:
                shown = _clip(tf, tf.matmul(shown, projection), options.get("proj_clip"))
            return shown, [new, shown]

        return _steps(tf, cell, x, given, [c, h])

    return call


def gru(lengths=None, activation="tanh"):
    def call(tf, x, h, gate_kernel, gate_bias, kernel, bias):
        given = None if lengths is None else tf.constant(lengths)
        if _is_ours(tf):
            from graphmode.ops.sequence.gru import gru_sequence

            weights = (gate_kernel, gate_bias, kernel, bias)
            return gru_sequence(x, given, h, *weights, activation=activation)

        def cell(x_t, states):
            (h,) = states
            z = tf.sigmoid(tf.matmul(tf.concat([x_t, h], 1), gate_kernel) + gate_bias)
            r, u = tf.split(z, 2, axis=1)
            q = tf.matmul(tf.concat([x_t, r * h], 1), kernel) + bias
            new = u * h + (1 - u) * _activation(tf, activation)(q)
            return new, [new]

        return _steps(tf, cell, x, given, [h])

    return call


def rnn(lengths=None, activation="tanh"):
    def call(tf, x, h, kernel, bias):
        given = None if lengths is None else tf.constant(lengths)
        if _is_ours(tf):
            from graphmode.ops.sequence.rnn import rnn_sequence

            return rnn_sequence(x, given, h, kernel, bias, activation=activation)

        def cell(x_t, states):
            z = tf.matmul(tf.concat([x_t, states[0]], 1), kernel) + bias
            new = _activation(tf, activation)(z)
            return new, [new]

        return _steps(tf, cell, x, given, [h])

    return call


def kernel_grad(reset):
    """The products after the loop, or TensorFlow's own."""

    def call(tf, x, h, outputs, d_gates, *resets):
        if _is_ours(tf):
            from graphmode.ops.sequence.recurrence import sequence_kernel_grad

            return sequence_kernel_grad(x, h, outputs, list(resets), d_gates)
        before = tf.concat([tf.expand_dims(h, 0), outputs[:-1]], 0)
        before = resets[0] * before if resets else before
        fed = tf.reshape(tf.concat([x, before], 2), [T * B, D + H])
        flat = tf.reshape(d_gates, [T * B, 7])
        return tf.matmul(fed, flat, transpose_a=True), tf.reduce_sum(flat, 0)

    inputs = [normal(T, B, D), normal(B, H), normal(T, B, H), normal(T, B, 7)]
    return call, inputs + [normal(T, B, H)] * reset


def _input_grad(tf, d_gates, kernel, h):
    if _is_ours(tf):
        from graphmode.ops.sequence.recurrence import sequence_input_grad

        return sequence_input_grad(d_gates, kernel, h)
    flat = tf.matmul(tf.reshape(d_gates, [T * B, 7]), kernel[:D], transpose_b=True)
    return tf.reshape(flat, [T, B, D])


def _gradients(call):
    """The gradients of `call` by all its inputs."""

    def gradients(tf, *inputs):
        outputs = call(tf, *inputs)
        return tf.gradients([tf.sin(y) for y in outputs], list(inputs))

    return gradients


X, STATE = normal(T, B, D), normal(B, H)
LSTM = [X, STATE, STATE, normal(D + H, 4 * H), normal(4 * H)]
PROJECTED = [X, STATE, normal(B, P), normal(D + P, 4 * H), normal(4 * H)]
GRU = [X, STATE, normal(D + H, 2 * H), normal(2 * H), normal(D + H, H), normal(H)]
RNN = [X, STATE, normal(D + H, H), normal(H)]
PEEPHOLES = [normal(H), normal(H), normal(H)]
PROJECTION = normal(H, P)
KINK = "has kinks"
FULL = lstm(LENGTHS, 3, True, cell_clip=0.8, proj_clip=0.9, forget_bias=0.3)


def record(op_type, call, inputs, name, **options):
    options = {
        "names_differ": "TensorFlow runs the cell step by step",
        "dtypes": ("float32", "float64"),  # at 16 bits the rounding of each step differs
        "shape_differs": "steps that are split and stacked forget what one op knows",
        "no_second": "compiling it takes seconds: once for each cell",
        "rtol": 1e-4,
        "atol": 1e-5,
        **options,
    }
    return Record(op_type, call, inputs, name, **options)


def _within(tf, lengths, n_steps):
    """TensorFlow does not ask."""
    if not _is_ours(tf):
        return tf.identity(lengths)
    from graphmode.ops.sequence.lengths import lengths_within

    return lengths_within(lengths, n_steps)


RECORDS = [
    Record(
        "LengthsWithin",
        _within,
        [LENGTHS, np.int32(T)],
        dtypes=("int32",),
        names_differ="TensorFlow does not ask",
    ),
    record("LSTMSequence", lstm(), LSTM, "all steps"),
    record("LSTMSequence", lstm(LENGTHS), LSTM, "lengths"),
    record(
        "LSTMSequence",
        lstm(LENGTHS, 3, True),
        [*PROJECTED, *PEEPHOLES, PROJECTION],
        "peepholes",
        no_second="",
        no_differences="lengths and LSTMSequenceGrad have those of both orders",
    ),
    record("LSTMSequence", FULL, [*PROJECTED, *PEEPHOLES, PROJECTION], "all", no_differences=KINK),
    record("LSTMSequence", lstm(cell_clip=0.5), LSTM, "cell clip", no_differences=KINK),
    *[
        record(
            "LSTMSequence",
            lstm(LENGTHS, activation=g),
            LSTM,
            g,
            no_differences=KINK if g == "relu" else "",
        )
        for g in ("relu", "sigmoid", "identity")
    ],
    record("LSTMSequenceGrad", _gradients(lstm(LENGTHS)), LSTM, "lengths"),
    record("GRUSequence", gru(), GRU, "all steps"),
    record(
        "GRUSequence",
        gru(LENGTHS),
        GRU,
        "lengths",
        no_second="",
        no_differences="all steps and GRUSequenceGrad have those of both orders",
    ),
    record("GRUSequence", gru(LENGTHS, "relu"), GRU, "relu", no_differences=KINK),
    record("GRUSequenceGrad", _gradients(gru(LENGTHS)), GRU, "lengths"),
    record("RNNSequence", rnn(), RNN, "all steps", no_second=""),
    *[
        record("RNNSequence", rnn(LENGTHS, g), RNN, g, no_differences=KINK if g == "relu" else "")
        for g in ("tanh", "relu", "sigmoid", "identity")
    ],
    record("RNNSequenceGrad", _gradients(rnn(LENGTHS)), RNN, "lengths"),
    record("SequenceKernelGrad", *kernel_grad(False), "plain"),
    record("SequenceKernelGrad", *kernel_grad(True), "reset"),
    record(
        "SequenceInputGrad",
        _input_grad,
        [normal(T, B, 7), normal(D + H, 7), normal(B, H)],
        "plain",
        grad_inputs=[0, 1],  # of h only the width counts
    ),
]
