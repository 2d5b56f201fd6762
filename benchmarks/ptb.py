"""Lab 3.3's word model trained in full: 15 epochs of the Penn Treebank.

``python -m benchmarks.ptb [--torch] [--epochs 15] [--steps N] [--seed 1]``, with the three files
in ``$GRAPHMODE_DATA/ptb``. Embeddings 200, LSTM 256 and 128, 20 steps, batch 60, gradients clipped
to 5, SGD at 1.0, halved each epoch from the sixth on. Both frameworks start from the same weights,
drawn by NumPy, and read the same batches in the same order, so their perplexities can be compared
epoch by epoch.
"""

from __future__ import annotations

import argparse
import math
import time
from itertools import islice

import numpy as np

from graphmode.datasets import ptb

BATCH, STEPS, VOCABULARY, EMBEDDING, SIZES = 60, 20, 10_000, 200, (256, 128)
CLIP, LEARNING_RATE, DECAY, LAST_FULL_EPOCH = 5.0, 1.0, 0.5, 4


def initial_weights(seed: int) -> dict[str, np.ndarray]:
    """The weights by their names in the graph: uniform in +-0.1, biases of the cells 0."""
    random = np.random.RandomState(seed)

    def uniform(*shape: int) -> np.ndarray:
        return random.uniform(-0.1, 0.1, shape).astype(np.float32)

    weights = {"embedding": uniform(VOCABULARY, EMBEDDING)}
    depths = (EMBEDDING, SIZES[0])
    for i, (depth, size) in enumerate(zip(depths, SIZES, strict=True)):
        scope = f"rnn/multi_rnn_cell/cell_{i}/basic_lstm_cell/"
        weights[scope + "kernel"] = uniform(depth + size, 4 * size)
        weights[scope + "bias"] = np.zeros(4 * size, np.float32)
    weights["softmax_w"] = uniform(SIZES[-1], VOCABULARY)
    weights["softmax_b"] = uniform(VOCABULARY)
    return weights


class Graphmode:
    """The model of the lab."""

    def __init__(self, weights: dict[str, np.ndarray]) -> None:
        import graphmode as tf

        self.reading = self._built(tf, BATCH, STEPS)
        self.lr = tf.placeholder(tf.float32, [])
        variables = tf.trainable_variables()
        cost = self.reading[-1]
        gradients, _ = tf.clip_by_global_norm(tf.gradients(cost, variables), CLIP)
        optimizer = tf.train.GradientDescentOptimizer(self.lr)
        self.train_op = optimizer.apply_gradients(zip(gradients, variables, strict=True))
        with tf.variable_scope("", reuse=True):
            self.writing = self._built(tf, 1, 1)
        self.sess = tf.Session()
        self.sess.run(tf.global_variables_initializer())
        for variable in variables:
            variable.load(weights[variable.op.name], self.sess)
        self.no_op = tf.no_op()

    def _built(self, tf, batch: int, steps: int):
        x = tf.placeholder(tf.int32, [batch, steps])
        targets = tf.placeholder(tf.int32, [batch, steps])
        embedding = tf.get_variable("embedding", [VOCABULARY, EMBEDDING])
        cells = [tf.nn.rnn_cell.BasicLSTMCell(size, forget_bias=0.0) for size in SIZES]
        stacked = tf.nn.rnn_cell.MultiRNNCell(cells)
        initial = stacked.zero_state(batch, tf.float32)
        words = tf.nn.embedding_lookup(embedding, x)
        outputs, final = tf.nn.dynamic_rnn(stacked, words, initial_state=initial)
        weights = tf.get_variable("softmax_w", [SIZES[-1], VOCABULARY])
        biases = tf.get_variable("softmax_b", [VOCABULARY])
        logits = tf.matmul(tf.reshape(outputs, [-1, SIZES[-1]]), weights) + biases
        losses = tf.contrib.seq2seq.sequence_loss(
            tf.reshape(logits, [batch, steps, VOCABULARY]),
            targets,
            tf.ones([batch, steps]),
            average_across_timesteps=False,
        )
        return x, targets, initial, final, tf.nn.softmax(logits), tf.reduce_sum(losses)

    def costs(self, batches, learning_rate: float | None):
        """The cost of each batch, in order; a learning rate trains, None does not."""
        x, targets, initial, final, _, cost = self.reading
        state = self.sess.run(initial)
        for now, following in batches:
            feed = {x: now, targets: following, initial: state}
            op = self.no_op
            if learning_rate is not None:
                op, feed[self.lr] = self.train_op, learning_rate
            loss, state, _ = self.sess.run([cost, final, op], feed)
            yield float(loss)

    def probabilities(self, word: int, state):
        """How likely each word is after `word`, and the state after it; None to begin."""
        x, _, initial, final, probabilities, _ = self.writing
        if state is None:
            state = self.sess.run(initial)
        found, state = self.sess.run([probabilities, final], {x: [[word]], initial: state})
        return found[0], state


class Torch:
    """The same in PyTorch, eager."""

    def __init__(self, weights: dict[str, np.ndarray]) -> None:
        import torch

        self.torch = torch
        self.embedding = torch.nn.Embedding(VOCABULARY, EMBEDDING)
        self.dense = torch.nn.Linear(SIZES[-1], VOCABULARY)
        depths = (EMBEDDING, SIZES[0])
        self.layers = [
            torch.nn.LSTM(depth, size, batch_first=True)
            for depth, size in zip(depths, SIZES, strict=True)
        ]
        with torch.no_grad():
            self.embedding.weight.copy_(torch.from_numpy(weights["embedding"]))
            self.dense.weight.copy_(torch.from_numpy(weights["softmax_w"].T.copy()))
            self.dense.bias.copy_(torch.from_numpy(weights["softmax_b"]))
            for i, layer in enumerate(self.layers):
                scope = f"rnn/multi_rnn_cell/cell_{i}/basic_lstm_cell/"
                self._load(layer, weights[scope + "kernel"], weights[scope + "bias"])
        modules = [self.embedding, *self.layers, self.dense]
        self.parameters = [p for m in modules for p in m.parameters() if p.requires_grad]
        self.optimizer = torch.optim.SGD(self.parameters, lr=LEARNING_RATE)

    def _load(self, layer, kernel: np.ndarray, bias: np.ndarray) -> None:
        """TensorFlow's gates are i, j, f, o, PyTorch's i, f, j, o. One bias is enough."""
        rows, biases = (np.split(array, 4, axis=-1) for array in (kernel, bias))
        kernel = np.concatenate([rows[gate] for gate in (0, 2, 1, 3)], axis=-1)
        layer.weight_ih_l0.copy_(self.torch.from_numpy(kernel[: layer.input_size].T.copy()))
        layer.weight_hh_l0.copy_(self.torch.from_numpy(kernel[layer.input_size :].T.copy()))
        layer.bias_ih_l0.copy_(
            self.torch.from_numpy(np.concatenate([biases[gate] for gate in (0, 2, 1, 3)]))
        )
        layer.bias_hh_l0.zero_()
        layer.bias_hh_l0.requires_grad_(False)

    def _logits(self, words, state):
        outputs, after = self.embedding(words), []
        for layer, before in zip(self.layers, state, strict=True):
            outputs, last = layer(outputs, before)
            after.append(tuple(part.detach() for part in last))
        return self.dense(outputs.reshape(-1, SIZES[-1])), after

    def _zeros(self, batch: int):
        zeros = self.torch.zeros
        return [(zeros(1, batch, size), zeros(1, batch, size)) for size in SIZES]

    def costs(self, batches, learning_rate: float | None):
        """As `Graphmode.costs`."""
        torch = self.torch
        self.optimizer.param_groups[0]["lr"] = learning_rate
        state = self._zeros(BATCH)
        for now, following in batches:
            with torch.set_grad_enabled(learning_rate is not None):
                logits, state = self._logits(torch.from_numpy(now), state)
                targets = torch.from_numpy(following.reshape(-1)).long()
                cost = torch.nn.functional.cross_entropy(logits, targets, reduction="sum") / BATCH
            if learning_rate is not None:
                self.optimizer.zero_grad()
                cost.backward()
                torch.nn.utils.clip_grad_norm_(self.parameters, CLIP)
                self.optimizer.step()
            yield cost.item()

    def probabilities(self, word: int, state):
        """As `Graphmode.probabilities`."""
        with self.torch.no_grad():
            words = self.torch.tensor([[word]])
            logits, state = self._logits(words, self._zeros(1) if state is None else state)
            return self.torch.softmax(logits, 1)[0].numpy(), state


def perplexity(costs: list[float]) -> float:
    """Of the costs of batches, each summed over its `STEPS` steps."""
    return math.exp(sum(costs) / (STEPS * len(costs)))


def sample(model, words: list[str], n: int, seed: int) -> str:
    """`n` words drawn one after the other, each given those before it."""
    random = np.random.RandomState(seed)
    word, state, text = words.index("<eos>"), None, []
    for _ in range(n):
        probabilities, state = model.probabilities(word, state)
        weights = probabilities.astype(np.float64)
        word = int(random.choice(len(words), p=weights / weights.sum()))
        text.append(words[word])
    return " ".join(text)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ptb", description=__doc__)
    parser.add_argument("--torch", action="store_true", help="PyTorch in place of graphmode")
    parser.add_argument("--epochs", type=int, default=15)
    parser.add_argument("--steps", type=int, help="of each epoch and each evaluation; all")
    parser.add_argument("--seed", type=int, default=1)
    flags = parser.parse_args()

    train, valid, test, _ = ptb.ptb_raw_data()
    ids = ptb.word_ids()
    model = (Torch if flags.torch else Graphmode)(initial_weights(flags.seed))
    begin = time.perf_counter()
    for epoch in range(flags.epochs):
        learning_rate = LEARNING_RATE * DECAY ** max(epoch - LAST_FULL_EPOCH, 0)
        batches = islice(ptb.ptb_iterator(train, BATCH, STEPS), flags.steps)
        steps = model.costs(batches, learning_rate)
        start = time.perf_counter()
        costs = [next(steps)]
        first, start = time.perf_counter() - start, time.perf_counter()
        costs += steps
        speed = (len(costs) - 1) * BATCH * STEPS / (time.perf_counter() - start)
        evaluated = []
        for part in (valid, test):
            batches = islice(ptb.ptb_iterator(part, BATCH, STEPS), flags.steps)
            evaluated.append(perplexity(list(model.costs(batches, None))))
        minutes = (time.perf_counter() - begin) / 60
        print(
            f"epoch {epoch + 1}, learning rate {learning_rate:.4f}: perplexity train "
            f"{perplexity(costs):.2f}, valid {evaluated[0]:.2f}, test {evaluated[1]:.2f}; "
            f"{speed:,.0f} words/s, first step {first:.2f} s, {minutes:.1f} min so far",
            flush=True,
        )
    last = costs[-100:]
    print(f"loss of the last {len(last)} steps: {sum(last) / len(last) / STEPS:.4f} a word")
    print("sample:", sample(model, sorted(ids, key=ids.__getitem__), 60, flags.seed))


if __name__ == "__main__":
    main()
