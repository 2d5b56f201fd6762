"""Lab 3.4: a language model of characters, on Shakespeare's plays.

graphmode run examples/labs/lab_3_4_character_model.py [--data FOLDER] [--epochs 125] [--steps N]
"""

import argparse
import os
import time

import numpy as np
import tensorflow as tf

from graphmode.datasets.text import TextLoader

parser = argparse.ArgumentParser()
parser.add_argument("--data", help="folder of input.txt")
parser.add_argument("--epochs", type=int, default=125)
parser.add_argument("--steps", type=int, help="stop after so many steps")
parser.add_argument("--every", type=int, default=100, help="steps from one line to the next")
parser.add_argument("--seed", type=int, default=1)
FLAGS = parser.parse_args()
if FLAGS.data is None:
    FLAGS.data = os.path.join(os.environ.get("GRAPHMODE_DATA", "data"), "tinyshakespeare")

seq_length = 50
batch_size = 60
learning_rate = 0.002
decay_rate = 0.97
rnn_size = 128
num_layers = 2
grad_clip = 5.0

tf.set_random_seed(FLAGS.seed)
np.random.seed(FLAGS.seed)

# The text
data_loader = TextLoader(FLAGS.data, batch_size, seq_length)
vocab_size = data_loader.vocab_size
print("vocabulary size:", data_loader.vocab_size)
print("Characters:", data_loader.chars)
print("vocab number of 'F':", data_loader.vocab["F"])
print("Character sequences (first batch):", data_loader.x_batches[0])


class LSTMModel:
    """Two layers that are one: `[cell] * 2` has one set of weights.

    `initial_state` is to be fed with the `final_state` of the run before.
    """

    def __init__(self, sample=False):
        rows, steps = (1, 1) if sample else (batch_size, seq_length)
        basic_cell = tf.contrib.rnn.BasicRNNCell(rnn_size)
        self.stacked_cell = tf.contrib.rnn.MultiRNNCell([basic_cell] * num_layers)
        self.input_data = tf.placeholder(tf.int32, [rows, steps], name="input_data")
        self.targets = tf.placeholder(tf.int32, [rows, steps], name="targets")
        self.initial_state = self.stacked_cell.zero_state(rows, tf.float32)

        with tf.variable_scope("rnnlm_class1"):
            softmax_w = tf.get_variable("softmax_w", [rnn_size, vocab_size])
            softmax_b = tf.get_variable("softmax_b", [vocab_size])
            with tf.device("/cpu:0"):
                embedding = tf.get_variable("embedding", [vocab_size, rnn_size])
                inputs = tf.split(tf.nn.embedding_lookup(embedding, self.input_data), steps, 1)
                inputs = [tf.squeeze(input_, [1]) for input_ in inputs]

        outputs, self.final_state = tf.contrib.legacy_seq2seq.rnn_decoder(
            inputs, self.initial_state, self.stacked_cell, loop_function=None, scope="rnnlm_class1"
        )
        output = tf.reshape(tf.concat(outputs, 1), [-1, rnn_size])
        self.logits = tf.matmul(output, softmax_w) + softmax_b
        self.probs = tf.nn.softmax(self.logits)
        if sample:
            return
        loss = tf.contrib.legacy_seq2seq.sequence_loss_by_example(
            [self.logits], [tf.reshape(self.targets, [-1])], [tf.ones([rows * steps])], vocab_size
        )
        self.cost = tf.reduce_sum(loss) / rows / steps
        self.lr = tf.Variable(0.0, trainable=False)
        tvars = tf.trainable_variables()
        grads, _ = tf.clip_by_global_norm(tf.gradients(self.cost, tvars), grad_clip)
        self.train_op = tf.train.AdamOptimizer(self.lr).apply_gradients(
            zip(grads, tvars, strict=True)
        )

    def sample(self, sess, chars, vocab, num=200, prime="The ", sampling_type=1):
        """`prime`, and `num` characters that go on from there.

        `sampling_type`: 0 always the likeliest, 1 drawn by their probabilities, 2 drawn after a
        space and the likeliest elsewhere.
        """

        def step(char, state):
            feed = {self.input_data: [[vocab[char]]], self.initial_state: state}
            return sess.run([self.probs, self.final_state], feed)

        def weighted_pick(weights):
            return int(np.searchsorted(np.cumsum(weights), np.random.rand() * np.sum(weights)))

        state = sess.run(self.initial_state)
        for char in prime[:-1]:
            _, state = step(char, state)
        text = prime
        for _ in range(num):
            probs, state = step(text[-1], state)
            is_drawn = sampling_type == 1 or (sampling_type == 2 and text[-1] == " ")
            text += chars[weighted_pick(probs[0]) if is_drawn else np.argmax(probs[0])]
        return text


with tf.variable_scope("rnn"):
    model = LSTMModel()
# Sampling reads one character at a time, with the same weights.
with tf.variable_scope("rnn", reuse=True):
    sample_model = LSTMModel(sample=True)
print("stacked cell: output %s, state %s" % (rnn_size, model.stacked_cell.state_size))
print(model.logits)
for variable in tf.trainable_variables():
    print(variable)

num_batches = data_loader.num_batches
total = FLAGS.epochs * num_batches if FLAGS.steps is None else FLAGS.steps
new_lr = tf.placeholder(tf.float32, [])
set_lr = tf.assign(model.lr, new_lr)

with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for e in range(-(-total // num_batches)):
        sess.run(set_lr, {new_lr: learning_rate * decay_rate**e})
        data_loader.reset_batch_pointer()
        state = sess.run(model.initial_state)
        for step in range(e * num_batches, min((e + 1) * num_batches, total)):
            start = time.time()
            x, y = data_loader.next_batch()
            feed = {model.input_data: x, model.targets: y, model.initial_state: state}
            train_loss, state, _ = sess.run([model.cost, model.final_state, model.train_op], feed)
            end = time.time()
            if step % FLAGS.every == 0 or step == total - 1:
                print(
                    "%d/%d (epoch %d), train_loss = %.3f, time/batch = %.3f"
                    % (step, total, e, train_loss, end - start)
                )
        print(sample_model.sample(sess, data_loader.chars, data_loader.vocab, num=50))
        print("-----")

    for sampling_type, name in enumerate(("the likeliest", "drawn", "drawn at word starts")):
        for _ in range(2):
            text = sample_model.sample(
                sess, data_loader.chars, data_loader.vocab, sampling_type=sampling_type
            )
            print("%s: %r" % (name, text))
