"""Lab 3.3: a language model of words, on the Penn Treebank.

graphmode run examples/labs/lab_3_3_word_model.py [--data FOLDER] [--epochs 15] [--words 929589]
"""

import argparse
import os
import time

import numpy as np
import reader
import tensorflow as tf

from graphmode import viz

parser = argparse.ArgumentParser()
parser.add_argument(
    "--data", default="data/simple-examples/data/", help="folder of ptb.train.txt and its like"
)
parser.add_argument("--epochs", type=int, default=15)
parser.add_argument("--words", type=int, help="how much of each text to read, all by default")
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--shown", type=int, default=300, help="the most frequent words, in pictures")
parser.add_argument("--out", default="out", help="folder for the pictures")
FLAGS = parser.parse_args()

init_scale = 0.1
learning_rate = 1.0
max_grad_norm = 5
num_steps = 20
hidden_size_11 = 256
hidden_size_12 = 128
max_epoch_decay_lr = 4
max_epoch = FLAGS.epochs
keep_prob = 1
decay = 0.5
batch_size = 60
vocab_size = 10000
embedding_vector_size = 200

tf.set_random_seed(FLAGS.seed)

# The text
train_data, valid_data, test_data, vocab, word_to_id = reader.ptb_raw_data(FLAGS.data)
words = sorted(word_to_id, key=word_to_id.get)
print("%d words to train on, %d different ones" % (len(train_data), vocab))
print(" ".join(words[i] for i in train_data[:40]))
x, y = next(reader.ptb_iterator(train_data, batch_size, num_steps))
print("a batch:", x.shape)
print(x[0:3])
print("the words that follow:")
print(y[0:3])

# ---- the network, piece by piece ----------------------------------------------------------------

session = tf.InteractiveSession()
_input_data = tf.placeholder(tf.int32, [batch_size, num_steps])
_targets = tf.placeholder(tf.int32, [batch_size, num_steps])
feed_dict = {_input_data: x, _targets: y}

lstm_cell_11 = tf.contrib.rnn.BasicLSTMCell(hidden_size_11, forget_bias=0.0)
lstm_cell_12 = tf.contrib.rnn.BasicLSTMCell(hidden_size_12, forget_bias=0.0)
stacked_lstm = tf.contrib.rnn.MultiRNNCell([lstm_cell_11, lstm_cell_12])
_initial_state = stacked_lstm.zero_state(batch_size, tf.float32)

embedding_vocab = tf.get_variable("embedding_vocab", [vocab_size, embedding_vector_size])
inputs = tf.nn.embedding_lookup(embedding_vocab, _input_data)
outputs, new_state = tf.nn.dynamic_rnn(stacked_lstm, inputs, initial_state=_initial_state)
output = tf.reshape(outputs, [-1, hidden_size_12])
softmax_w = tf.get_variable("softmax_w", [hidden_size_12, vocab_size])
softmax_b = tf.get_variable("softmax_b", [vocab_size])
logits = tf.matmul(output, softmax_w) + softmax_b
prob = tf.nn.softmax(logits)
for tensor in (inputs, outputs, output, logits):
    print(tensor)

session.run(tf.global_variables_initializer())
output_words_prob = session.run(prob, feed_dict)
print("shape of the output:", output_words_prob.shape)
print("each row is a distribution: %s" % np.allclose(output_words_prob.sum(1), 1, atol=1e-4))
print("its guesses:", " ".join(words[i] for i in np.argmax(output_words_prob[:20], axis=1)))
print("the truth:", " ".join(words[i] for i in y[0]))

loss = tf.contrib.legacy_seq2seq.sequence_loss_by_example(
    [logits], [tf.reshape(_targets, [-1])], [tf.ones([batch_size * num_steps])]
)
cost = tf.reduce_sum(loss) / batch_size
print("losses:", session.run(loss, feed_dict)[:10])
print("loss at the start: %.4f" % np.mean(session.run(loss, feed_dict)))
print("cost at the start: %.3f" % session.run(cost, feed_dict))

tvars = tf.trainable_variables()
for variable in tvars:
    print(variable)

# A gradient that can be checked by hand: of 2 x^2 + 3 x y, it is (4 x + 3 y, 3 x).
var_x = tf.placeholder(tf.float32)
var_y = tf.placeholder(tf.float32)
func_test = 2.0 * var_x * var_x + 3.0 * var_x * var_y
print("value:", session.run(func_test, {var_x: 1.0, var_y: 2.0}))
for name, variable in (("x", var_x), ("y", var_y)):
    var_grad = tf.gradients(func_test, [variable])
    print("gradient in %s:" % name, *session.run(var_grad, {var_x: 1.0, var_y: 2.0}))

grad_t_list = tf.gradients(cost, tvars)
print("gradient of the word vectors:", type(grad_t_list[0]).__name__)
grads, global_norm = tf.clip_by_global_norm(grad_t_list, max_grad_norm)
optimizer = tf.train.GradientDescentOptimizer(learning_rate)
train_op = optimizer.apply_gradients(zip(grads, tvars, strict=True))
before = session.run(cost, feed_dict)
for _ in range(5):
    session.run(train_op, feed_dict)
print("cost before and after five steps on one batch:", before, session.run(cost, feed_dict))
session.close()


# ---- the network as a class, and its training ---------------------------------------------------


class PTBModel:
    """What reads `batch_size` texts side by side, `num_steps` words of each in a run.

    `initial_state` is to be fed with the `final_state` of the run before.
    """

    def __init__(self, action_type):
        is_training = action_type == "is_training"
        self.input_data = tf.placeholder(tf.int32, [batch_size, num_steps])
        self.targets = tf.placeholder(tf.int32, [batch_size, num_steps])

        cells = []
        for size in (hidden_size_11, hidden_size_12):
            cell = tf.contrib.rnn.BasicLSTMCell(size, forget_bias=0.0)
            if is_training and keep_prob < 1:
                cell = tf.contrib.rnn.DropoutWrapper(cell, output_keep_prob=keep_prob)
            cells.append(cell)
        stacked_lstm = tf.contrib.rnn.MultiRNNCell(cells)
        self.initial_state = stacked_lstm.zero_state(batch_size, tf.float32)

        with tf.device("/cpu:0"):
            self.embedding = tf.get_variable("embedding", [vocab_size, embedding_vector_size])
            inputs = tf.nn.embedding_lookup(self.embedding, self.input_data)
            if is_training and keep_prob < 1:
                inputs = tf.nn.dropout(inputs, keep_prob)
        outputs, self.final_state = tf.nn.dynamic_rnn(
            stacked_lstm, inputs, initial_state=self.initial_state
        )

        output = tf.reshape(outputs, [-1, hidden_size_12])
        softmax_w = tf.get_variable("softmax_w", [hidden_size_12, vocab_size])
        softmax_b = tf.get_variable("softmax_b", [vocab_size])
        logits = tf.matmul(output, softmax_w) + softmax_b
        logits = tf.reshape(logits, [batch_size, num_steps, vocab_size])
        self.output_words = tf.argmax(tf.nn.softmax(logits), axis=2)

        # Averaged over the texts, added up over the steps
        losses = tf.contrib.seq2seq.sequence_loss(
            logits,
            self.targets,
            tf.ones([batch_size, num_steps], dtype=tf.float32),
            average_across_timesteps=False,
            average_across_batch=True,
        )
        self.cost = tf.reduce_sum(losses)
        if not is_training:
            return

        self.lr = tf.Variable(0.0, trainable=False)
        tvars = tf.trainable_variables()
        grads, _ = tf.clip_by_global_norm(tf.gradients(self.cost, tvars), max_grad_norm)
        optimizer = tf.train.GradientDescentOptimizer(self.lr)
        self.train_op = optimizer.apply_gradients(zip(grads, tvars, strict=True))


def run_one_epoch(session, m, data, eval_op, verbose=False):
    """Go through the text once, and give the perplexity of what was met."""
    epoch_size = ((len(data) // batch_size) - 1) // num_steps
    start_time = time.time()
    costs = 0.0
    iters = 0
    state = session.run(m.initial_state)
    for step, (x, y) in enumerate(reader.ptb_iterator(data, batch_size, num_steps)):
        cost, state, _ = session.run(
            [m.cost, m.final_state, eval_op],
            {m.input_data: x, m.targets: y, m.initial_state: state},
        )
        costs += cost
        iters += num_steps
        if verbose and step % max(epoch_size // 10, 11) == 10:
            speed = iters * batch_size / (time.time() - start_time)
            print(
                "Itr %d of %d, perplexity: %.3f speed: %.0f wps"
                % (step, epoch_size, np.exp(costs / iters), speed)
            )
    return np.exp(costs / iters)


train_data, valid_data, test_data = (
    part[: FLAGS.words] for part in (train_data, valid_data, test_data)
)
with tf.Graph().as_default(), tf.Session() as session:
    tf.set_random_seed(FLAGS.seed)
    initializer = tf.random_uniform_initializer(-init_scale, init_scale)
    with tf.variable_scope("model", reuse=None, initializer=initializer):
        m = PTBModel("is_training")
    # The other two use the same weights.
    with tf.variable_scope("model", reuse=True, initializer=initializer):
        mvalid = PTBModel("is_validating")
        mtest = PTBModel("is_testing")
    print("variables of the three models: %d" % len(tf.trainable_variables()))
    tf.global_variables_initializer().run()

    for i in range(max_epoch):
        lr_decay = decay ** max(i - max_epoch_decay_lr, 0.0)
        session.run(tf.assign(m.lr, learning_rate * lr_decay))
        print("Epoch %d : Learning rate: %.3f" % (i + 1, session.run(m.lr)))
        train_perplexity = run_one_epoch(session, m, train_data, m.train_op, verbose=True)
        print("Epoch %d : Train Perplexity: %.3f" % (i + 1, train_perplexity))
        valid_perplexity = run_one_epoch(session, mvalid, valid_data, tf.no_op())
        print("Epoch %d : Valid Perplexity: %.3f" % (i + 1, valid_perplexity))
    test_perplexity = run_one_epoch(session, mtest, test_data, tf.no_op())
    print("Test Perplexity: %.3f" % test_perplexity)

    x, y = next(reader.ptb_iterator(test_data, batch_size, num_steps))
    guesses = session.run(mtest.output_words, {mtest.input_data: x})
    print("its guesses:", " ".join(words[i] for i in guesses[0]))
    print("the truth:  ", " ".join(words[i] for i in y[0]))
    vectors = session.run(m.embedding)

# Words that are used alike have come to lie side by side.
if not os.path.isdir(FLAGS.out):
    os.makedirs(FLAGS.out)
for method in ("pca", "tsne"):
    path = os.path.join(FLAGS.out, "lab_3_3_words_%s.png" % method)
    viz.plot_words(vectors[: FLAGS.shown], words[: FLAGS.shown], method=method, path=path)
    print("picture: " + path)
