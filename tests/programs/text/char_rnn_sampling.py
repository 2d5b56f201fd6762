"""A character model whose state is fed back: trained over windows, then sampled greedily."""

# tolerance: 2e-2 (sixty steps of Adam through two layers)
import numpy as np
import tensorflow as tf

text = "hello hello world world hello world "
chars = sorted(set(text))
char_to_ix = {ch: i for i, ch in enumerate(chars)}
ids = np.array([char_to_ix[c] for c in text * 6])
SIZE, BATCH, STEPS = 16, 4, 9
xs = ids[: BATCH * 2 * STEPS * 3].reshape(BATCH, -1)


class Model(object):
    def __init__(self, batch_size, num_steps, reuse=None):
        with tf.variable_scope(
            "char", reuse=reuse, initializer=tf.random_uniform_initializer(-0.3, 0.3, seed=11)
        ):
            self.inputs = tf.placeholder(tf.int32, [batch_size, num_steps])
            self.targets = tf.placeholder(tf.int32, [batch_size, num_steps])
            cells = [tf.nn.rnn_cell.BasicLSTMCell(SIZE) for _ in range(2)]
            cell = tf.nn.rnn_cell.MultiRNNCell(cells, state_is_tuple=True)
            self.initial_state = cell.zero_state(batch_size, tf.float32)
            embedding = tf.get_variable("embedding", [len(chars), SIZE])
            inputs = tf.nn.embedding_lookup(embedding, self.inputs)
            outputs, self.final_state = tf.nn.dynamic_rnn(
                cell, inputs, initial_state=self.initial_state
            )
            w = tf.get_variable("softmax_w", [SIZE, len(chars)])
            b = tf.get_variable("softmax_b", [len(chars)], initializer=tf.zeros_initializer())
            self.logits = tf.matmul(tf.reshape(outputs, [-1, SIZE]), w) + b
            self.probs = tf.nn.softmax(self.logits)
            loss = tf.contrib.legacy_seq2seq.sequence_loss_by_example(
                [self.logits],
                [tf.reshape(self.targets, [-1])],
                [tf.ones([batch_size * num_steps])],
            )
            self.cost = tf.reduce_sum(loss) / batch_size / num_steps
        if reuse:
            return
        self.lr = tf.Variable(0.0, trainable=False)
        tvars = tf.trainable_variables()
        grads, self.norm = tf.clip_by_global_norm(tf.gradients(self.cost, tvars), 1.0)
        self.train_op = tf.train.AdamOptimizer(self.lr).apply_gradients(zip(grads, tvars))


model = Model(BATCH, STEPS)
sampler = Model(1, 1, reuse=True)
with tf.Session() as sess:
    tf.global_variables_initializer().run()
    for epoch in range(12):
        sess.run(tf.assign(model.lr, 0.03 * 0.97**epoch))
        state = sess.run(model.initial_state)
        for b in range(xs.shape[1] // STEPS - 1):
            feed = {
                model.inputs: xs[:, b * STEPS : (b + 1) * STEPS],
                model.targets: xs[:, b * STEPS + 1 : (b + 1) * STEPS + 1],
            }
            for i, (c, h) in enumerate(model.initial_state):
                feed[c] = state[i].c
                feed[h] = state[i].h
            cost, state, _ = sess.run([model.cost, model.final_state, model.train_op], feed)
        if epoch % 4 == 3:
            print("epoch %d cost %.3f" % (epoch, cost))
    state = sess.run(sampler.initial_state)
    char, said = "h", "h"
    for _ in range(20):
        feed = {sampler.inputs: [[char_to_ix[char]]], sampler.initial_state: state}
        probs, state = sess.run([sampler.probs, sampler.final_state], feed)
        char = chars[int(np.argmax(probs[0]))]
        said += char
    print(said)
