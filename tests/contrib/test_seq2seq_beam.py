"""BeamSearchDecoder: against all sequences of a small vocabulary, and a search in Python."""

import itertools

import numpy as np
import pytest

import graphmode as tf

seq2seq = tf.contrib.seq2seq

BATCH, UNITS, DEPTH, SYMBOLS, END = 2, 5, 3, 4, 0


class Model:
    """A cell with fixed weights, in the graph and in NumPy; with attention or without."""

    def __init__(self, seed=0, attends=False):
        rng = np.random.default_rng(seed)
        self.embedding = rng.standard_normal((SYMBOLS, DEPTH)).astype(np.float32)
        self.first = rng.standard_normal((BATCH, UNITS)).astype(np.float32)
        depth = DEPTH + UNITS + (3 if attends else 0)
        self.kernel = (1.5 * rng.standard_normal((depth, UNITS))).astype(np.float32)
        self.out = rng.standard_normal((UNITS, SYMBOLS)).astype(np.float32)
        self.memory = rng.standard_normal((BATCH, 6, 3)).astype(np.float32)
        self.lengths = np.array([6, 4], np.int32)
        self.project = rng.standard_normal((3, UNITS)).astype(np.float32)
        self.attends = attends

    def decoder(self, width, **options):
        constant = tf.constant_initializer
        kernel = self.kernel
        cell = tf.nn.rnn_cell.BasicRNNCell(UNITS)
        if self.attends:
            tf.get_variable_scope().set_initializer(constant(self.project))
            mechanism = seq2seq.LuongAttention(
                UNITS, seq2seq.tile_batch(tf.constant(self.memory), width),
                seq2seq.tile_batch(tf.constant(self.lengths), width),
            )  # fmt: skip
            cell = seq2seq.AttentionWrapper(
                cell, mechanism, alignment_history=True, output_attention=False
            )
        tf.get_variable_scope().set_initializer(constant(kernel))
        state = seq2seq.tile_batch(tf.constant(self.first), width)
        if self.attends:
            state = cell.zero_state(BATCH * width, tf.float32).clone(cell_state=state)
        layer = tf.layers.Dense(SYMBOLS, use_bias=False, kernel_initializer=constant(self.out))
        return seq2seq.BeamSearchDecoder(
            cell, tf.constant(self.embedding), tf.fill([BATCH], 1), END, state, width,
            output_layer=layer, **options,
        )  # fmt: skip

    def start(self, b):
        return 1, self.first[b], np.zeros(3, np.float32)

    def step(self, b, state):
        """Log probabilities of the next symbol, h, what was read, and the alignments."""
        symbol, h, read = state
        parts = [self.embedding[symbol], *([read] if self.attends else []), h]
        h = np.tanh(np.concatenate(parts) @ self.kernel)
        scores = (self.memory[b] @ self.project) @ h
        scores[self.lengths[b] :] = -np.inf
        weights = np.exp(scores - scores.max())
        weights /= weights.sum()
        logits = h @ self.out
        return logits - np.log(np.exp(logits).sum()), h, weights @ self.memory[b], weights


def penalty(length, alpha):
    return ((5 + length) / 6) ** alpha


def beam_search(model, b, width, n_steps, alpha, beta):
    """The beams ``(score, log p, length, symbols, alignments)`` from the best on."""
    # A beam: log p, length as scored, whether it is over, its state, symbols, alignments, attended.
    beams = [(0.0, 0, False, model.start(b), [], [], np.zeros(6))]
    for _ in range(n_steps):
        if all(beam[2] for beam in beams):
            break
        found = []
        for log_p, length, over, state, said, aligned, attended in beams:
            new_log_p, h, read, weights = model.step(b, state)
            now = attended if over else attended + weights
            coverage = np.log(np.minimum(np.where(now == 0, 1, now), 1)).sum() if over else 0
            for symbol in [END] if over else range(SYMBOLS):
                p = log_p + (0 if over else new_log_p[symbol])
                scored = length + (not over and symbol != END)
                score = p / penalty(scored, alpha) + beta * coverage
                after = (symbol, h, read), [*said, symbol], [*aligned, weights], now
                ends = over or symbol == END
                found.append((score, p, length + (not over), ends, *after))
        found.sort(key=lambda beam: -beam[0])
        found = found[:width]
        beams = [beam[1:] for beam in found]
    return [(f[0], f[1], f[2], f[5], f[6]) for f in found]


def run(decoder, n_steps, *more):
    outputs, state, lengths = seq2seq.dynamic_decode(decoder, maximum_iterations=n_steps)
    fetches = [outputs, state.log_probs, state.lengths, lengths]
    if isinstance(state.cell_state, seq2seq.AttentionWrapperState):
        fetches.append(state.cell_state.alignment_history.stack())
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        return session.run(fetches)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_wide_beam_finds_the_best_of_all_sequences(seed):
    model, n_steps, width = Model(seed), 3, 64
    outputs, log_probs, _, _ = run(model.decoder(width), n_steps)
    assert type(outputs) is seq2seq.FinalBeamSearchDecoderOutput
    for b in range(BATCH):
        scored = {}
        for said in itertools.product(range(SYMBOLS), repeat=n_steps):
            state, total, kept = model.start(b), 0.0, []
            for symbol in said:
                log_p, h, read, _ = model.step(b, state)
                total += log_p[symbol]
                kept.append(symbol)
                state = (symbol, h, read)
                if symbol == END:
                    break
            scored[tuple(kept + [END] * (n_steps - len(kept)))] = total
        ranked = sorted(scored.items(), key=lambda item: -item[1])
        n = len(ranked)
        assert n == 40
        assert [tuple(s) for s in outputs.predicted_ids[b].T[:n]] == [said for said, _ in ranked]
        np.testing.assert_allclose(log_probs[b, :n], [p for _, p in ranked], rtol=1e-5)


@pytest.mark.parametrize(
    ("attends", "alpha", "beta"), [(False, 0.0, 0.0), (False, 1.3, 0.0), (True, 0.6, 0.2)]
)
def test_a_narrow_beam_is_the_search_in_python(mode, attends, alpha, beta):
    width, n_steps = 3, 7
    for seed in range(2):
        tf.reset_default_graph()
        model = Model(seed, attends)
        decoder = model.decoder(width, length_penalty_weight=alpha, coverage_penalty_weight=beta)
        outputs, log_probs, own_lengths, lengths, *history = run(decoder, n_steps)
        for b in range(BATCH):
            expected = beam_search(model, b, width, n_steps, alpha, beta)
            steps = outputs.beam_search_decoder_output
            for k, (score, log_p, length, said, aligned) in enumerate(expected):
                n = len(said)
                assert outputs.predicted_ids[b, :n, k].tolist() == said
                assert steps.scores[b, n - 1, k] == pytest.approx(score, rel=1e-4)
                assert log_probs[b, k] == pytest.approx(log_p, rel=1e-4)
                assert own_lengths[b, k] == lengths[b, k] == length
                for t in range(length if attends else 0):
                    got = history[0][t, b * width + k]
                    np.testing.assert_allclose(got, aligned[t], rtol=1e-3, atol=1e-5)


def test_a_beam_of_one_is_greedy():
    model = Model(4)
    ids = run(model.decoder(1), 6)[0].predicted_ids[..., 0]
    for b in range(BATCH):
        state, said = model.start(b), []
        while len(said) < ids.shape[1] and (not said or said[-1] != END):
            log_p, h, read, _ = model.step(b, state)
            said.append(int(log_p.argmax()))
            state = (said[-1], h, read)
        assert ids[b, : len(said)].tolist() == said


def test_gather_tree_ends_a_sequence_at_its_first_end():
    ids = np.array([[[2, 3, 4]], [[5, 9, 6]], [[7, 8, 1]]], np.int32)
    parents = np.array([[[0, 0, 0]], [[2, 1, 0]], [[1, 0, 2]]], np.int32)
    with tf.Session() as session:
        got = session.run(seq2seq.gather_tree(ids, parents, [3], 9))[:, 0].T
        short = session.run(seq2seq.gather_tree(ids, parents, [2], 9))[:, 0].T
        assert got.tolist() == [[3, 9, 9], [4, 5, 8], [2, 6, 1]]
        assert short.tolist() == [[4, 5, 9], [3, 9, 9], [2, 6, 9]]
        parents[1, 0, 2] = 3
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"parent id 3 at .* \(0, 1, 2\)"):
            session.run(seq2seq.gather_tree(ids, parents, [3], 9))


def test_tile_batch_puts_copies_side_by_side():
    fed = tf.placeholder(tf.float32, [None, 3])
    tiled = seq2seq.tile_batch((fed, tf.constant([5, 7])), 2)
    assert tiled[0].shape.as_list() == [None, 3]
    assert tiled[1].shape.as_list() == [4]
    with tf.Session() as session:
        rows, numbers = session.run(tiled, {fed: [[1, 2, 3], [4, 5, 6]]})
    assert rows[:, 0].tolist() == [1, 1, 4, 4]
    assert numbers.tolist() == [5, 5, 7, 7]


def test_refusals():
    cell = tf.nn.rnn_cell.BasicRNNCell(UNITS)
    table = tf.zeros([SYMBOLS, DEPTH])
    state = tf.zeros([BATCH * 3, UNITS])

    def decoder(start=(1, 1), end=END, state=state, layer=None, cell=cell):
        return seq2seq.BeamSearchDecoder(cell, table, tf.constant(start), end, state, 3, layer)

    for call, error, text in (
        (lambda: decoder(start=1), ValueError, "start_tokens must be a vector"),
        (lambda: decoder(end=[END]), ValueError, "end_token must be a scalar"),
        (lambda: decoder(layer=tf.layers.dense), TypeError, "output_layer must be a Layer"),
        (lambda: decoder(cell=tf.layers.Dense(3)), TypeError, "is not an RNNCell"),
        (lambda: decoder(state=tf.zeros([BATCH, UNITS])), ValueError,
         r"has shape: \(2, 5\).  We expected .*\(6, 5\).*tile_batch"),
        (lambda: decoder(state=tf.placeholder(tf.float32)), ValueError,
         "Expected tensor to have known rank"),
        (lambda: seq2seq.tile_batch(tf.constant(1), 2), ValueError, "statically known rank"),
        (lambda: seq2seq.dynamic_decode(seq2seq.BeamSearchDecoder(
            cell, table, tf.constant([1, 1]), END, state, 3, tf.layers.Dense(SYMBOLS),
            coverage_penalty_weight=0.3)), ValueError, "a coverage penalty needs an"),
    ):  # fmt: skip
        with pytest.raises(error, match=text):
            call()
