"""Lab 3.4's character model trained in full: 125 epochs of Tiny Shakespeare.

``python -m benchmarks.char_rnn [--torch] [--epochs 125] [--steps N] [--seed 1]``, with
``input.txt`` in ``$GRAPHMODE_DATA/tinyshakespeare``. Two layers of 128 that share their weights,
50 steps, batch 60, gradients clipped to 5, Adam at 0.002 x 0.97^epoch. Both frameworks start from
the same weights, drawn by NumPy, and read the same batches in the same order, so their losses can
be compared epoch by epoch.
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path

import numpy as np

from graphmode.datasets.text import TextLoader

BATCH, STEPS, SIZE, LAYERS = 60, 50, 128, 2
CLIP, LEARNING_RATE, DECAY = 5.0, 0.002, 0.97


def initial_weights(vocabulary: int, seed: int) -> dict[str, np.ndarray]:
    """The weights by their names in the graph: Glorot's uniform, the cell's bias 0."""
    random = np.random.RandomState(seed)

    def uniform(*shape: int) -> np.ndarray:
        limit = np.sqrt(6 / (shape[0] + shape[-1]))
        return random.uniform(-limit, limit, shape).astype(np.float32)

    cell = "multi_rnn_cell/cell_0/basic_rnn_cell/"
    return {
        "softmax_w": uniform(SIZE, vocabulary),
        "softmax_b": uniform(vocabulary),
        "embedding": uniform(vocabulary, SIZE),
        "rnnlm/" + cell + "kernel": uniform(2 * SIZE, SIZE),
        "rnnlm/" + cell + "bias": np.zeros(SIZE, np.float32),
    }


class Graphmode:
    """The model of the lab."""

    def __init__(self, weights: dict[str, np.ndarray]) -> None:
        import graphmode as tf

        vocabulary = len(weights["embedding"])
        self.reading = self._built(tf, BATCH, STEPS, vocabulary)
        variables = tf.trainable_variables()
        cost = self.reading[-1]
        gradients, _ = tf.clip_by_global_norm(tf.gradients(cost, variables), CLIP)
        self.lr = tf.placeholder(tf.float32, [])
        optimizer = tf.train.AdamOptimizer(self.lr)
        self.train_op = optimizer.apply_gradients(zip(gradients, variables, strict=True))
        with tf.variable_scope("", reuse=True):
            self.writing = self._built(tf, 1, 1, vocabulary)
        self.sess = tf.Session()
        self.sess.run(tf.global_variables_initializer())
        for variable in variables:
            variable.load(weights[variable.op.name], self.sess)

    def _built(self, tf, batch: int, steps: int, vocabulary: int):
        x = tf.placeholder(tf.int32, [batch, steps])
        targets = tf.placeholder(tf.int32, [batch, steps])
        stacked = tf.nn.rnn_cell.MultiRNNCell([tf.nn.rnn_cell.BasicRNNCell(SIZE)] * LAYERS)
        initial = stacked.zero_state(batch, tf.float32)
        weights = tf.get_variable("softmax_w", [SIZE, vocabulary])
        biases = tf.get_variable("softmax_b", [vocabulary])
        embedding = tf.get_variable("embedding", [vocabulary, SIZE])
        inputs = tf.split(tf.nn.embedding_lookup(embedding, x), steps, 1)
        inputs = [tf.squeeze(step, [1]) for step in inputs]
        outputs, final = tf.contrib.legacy_seq2seq.rnn_decoder(
            inputs, initial, stacked, scope="rnnlm"
        )
        logits = tf.matmul(tf.reshape(tf.concat(outputs, 1), [-1, SIZE]), weights) + biases
        losses = tf.contrib.legacy_seq2seq.sequence_loss_by_example(
            [logits], [tf.reshape(targets, [-1])], [tf.ones([batch * steps])]
        )
        cost = tf.reduce_sum(losses) / batch / steps
        return x, targets, initial, final, tf.nn.softmax(logits), cost

    def losses(self, batches, learning_rate: float):
        """Train on each batch, in order, and give its loss."""
        x, targets, initial, final, _, cost = self.reading
        state = self.sess.run(initial)
        for now, following in batches:
            feed = {x: now, targets: following, initial: state, self.lr: learning_rate}
            loss, state, _ = self.sess.run([cost, final, self.train_op], feed)
            yield float(loss)

    def probabilities(self, character: int, state):
        """How likely each follows `character`, and the state after it; None to begin."""
        x, _, initial, final, probabilities, _ = self.writing
        if state is None:
            state = self.sess.run(initial)
        found, state = self.sess.run([probabilities, final], {x: [[character]], initial: state})
        return found[0], state


class Torch:
    """The same in PyTorch, eager: one RNN, run over its own outputs."""

    def __init__(self, weights: dict[str, np.ndarray]) -> None:
        import torch

        self.torch = torch
        vocabulary = len(weights["embedding"])
        self.embedding = torch.nn.Embedding(vocabulary, SIZE)
        self.dense = torch.nn.Linear(SIZE, vocabulary)
        self.rnn = torch.nn.RNN(SIZE, SIZE, batch_first=True)
        kernel, bias = (
            weights[f"rnnlm/multi_rnn_cell/cell_0/basic_rnn_cell/{name}"]
            for name in ("kernel", "bias")
        )
        values = {
            self.embedding.weight: weights["embedding"],
            self.dense.weight: weights["softmax_w"].T,
            self.dense.bias: weights["softmax_b"],
            self.rnn.weight_ih_l0: kernel[:SIZE].T,
            self.rnn.weight_hh_l0: kernel[SIZE:].T,
            self.rnn.bias_ih_l0: bias,
            self.rnn.bias_hh_l0: np.zeros_like(bias),
        }
        with torch.no_grad():
            for parameter, value in values.items():
                parameter.copy_(torch.from_numpy(np.ascontiguousarray(value)))
        self.rnn.bias_hh_l0.requires_grad_(False)  # one bias is enough
        self.parameters = [p for p in values if p.requires_grad]
        self.optimizer = torch.optim.Adam(self.parameters)

    def _logits(self, characters, state):
        outputs, after = self.embedding(characters), []
        for before in state:
            outputs, last = self.rnn(outputs, before)
            after.append(last.detach())
        return self.dense(outputs.reshape(-1, SIZE)), after

    def _zeros(self, batch: int):
        return [self.torch.zeros(1, batch, SIZE) for _ in range(LAYERS)]

    def losses(self, batches, learning_rate: float):
        """As `Graphmode.losses`."""
        torch = self.torch
        self.optimizer.param_groups[0]["lr"] = learning_rate
        state = self._zeros(BATCH)
        for now, following in batches:
            logits, state = self._logits(torch.from_numpy(now), state)
            targets = torch.from_numpy(following.reshape(-1))
            loss = torch.nn.functional.cross_entropy(logits, targets)
            self.optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(self.parameters, CLIP)
            self.optimizer.step()
            yield loss.item()

    def probabilities(self, character: int, state):
        """As `Graphmode.probabilities`."""
        with self.torch.no_grad():
            characters = self.torch.tensor([[character]])
            logits, state = self._logits(characters, self._zeros(1) if state is None else state)
            return self.torch.softmax(logits, 1)[0].numpy(), state


def sample(model, text: TextLoader, n: int, seed: int, prime: str = "The ") -> str:
    """`prime` and `n` characters drawn one after the other, each given those before it."""
    random = np.random.RandomState(seed)
    state = None
    written = prime
    for character in prime[:-1]:
        _, state = model.probabilities(text.vocab[character], state)
    for _ in range(n):
        probabilities, state = model.probabilities(text.vocab[written[-1]], state)
        weights = probabilities.astype(np.float64)
        written += text.chars[random.choice(len(weights), p=weights / weights.sum())]
    return written


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.char_rnn", description=__doc__)
    parser.add_argument("--torch", action="store_true", help="PyTorch in place of graphmode")
    parser.add_argument("--epochs", type=int, default=125)
    parser.add_argument("--steps", type=int, help="of each epoch; all by default")
    parser.add_argument("--seed", type=int, default=1)
    flags = parser.parse_args()

    folder = Path(os.environ.get("GRAPHMODE_DATA", "data")) / "tinyshakespeare"
    text = TextLoader(folder, BATCH, STEPS)
    model = (Torch if flags.torch else Graphmode)(initial_weights(text.vocab_size, flags.seed))
    batches = list(zip(text.x_batches, text.y_batches, strict=True))[: flags.steps]
    begin = time.perf_counter()
    for epoch in range(flags.epochs):
        learning_rate = LEARNING_RATE * DECAY**epoch
        steps = model.losses(batches, learning_rate)
        start = time.perf_counter()
        losses = [next(steps)]
        first, start = time.perf_counter() - start, time.perf_counter()
        losses += steps
        each = (time.perf_counter() - start) / max(len(losses) - 1, 1)
        minutes = (time.perf_counter() - begin) / 60
        print(
            f"epoch {epoch + 1}, learning rate {learning_rate:.6f}: loss {np.mean(losses):.4f}, "
            f"of the last 100 steps {np.mean(losses[-100:]):.4f}; {1000 * each:.1f} ms a step, "
            f"{BATCH * STEPS / each:,.0f} characters/s, first step {first:.2f} s, "
            f"{minutes:.1f} min so far",
            flush=True,
        )
    print("sample:\n" + sample(model, text, 400, flags.seed))


if __name__ == "__main__":
    main()
