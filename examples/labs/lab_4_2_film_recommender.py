"""Lab 4.2: films for a user, by a restricted Boltzmann machine on the MovieLens 1M ratings.

graphmode run examples/labs/lab_4_2_film_recommender.py [--data ml-1m] [--epochs 15]
"""

import argparse
import os

import numpy as np
import pandas as pd
import tensorflow as tf

from graphmode import viz

parser = argparse.ArgumentParser()
parser.add_argument(
    "--data",
    default=os.path.join(os.environ.get("GRAPHMODE_DATA", "."), "movielens-1m"),
    help="folder of movies.dat and ratings.dat",
)
parser.add_argument("--epochs", type=int, default=15)
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--user", type=int, default=215, help="whom to recommend films to")
parser.add_argument("--out", default="out", help="folder for the picture")
FLAGS = parser.parse_args()

HIDDEN = 20
ALPHA = 1.0
BATCH_SIZE = 100
RECOMMENDED = 20


def table(name, columns):
    path = os.path.join(FLAGS.data, name)
    with open(path, encoding="latin-1") as lines:
        rows = [line.rstrip("\n").split("::") for line in lines]
    return pd.DataFrame(rows, columns=columns)


films = table("movies.dat", ["film", "title", "genres"]).astype({"film": int})
ratings = table("ratings.dat", ["user", "film", "rating", "time"]).astype(int)
by_user = ratings.pivot(index="user", columns="film", values="rating")
seen = by_user.notna()
train = (by_user.fillna(0) / 5.0).values.astype(np.float32)
visible_units = train.shape[1]
print("%d users, %d films, %d ratings" % (len(train), visible_units, len(ratings)))

tf.set_random_seed(FLAGS.seed)
W = tf.placeholder("float", [visible_units, HIDDEN])
vb = tf.placeholder("float", [visible_units])
hb = tf.placeholder("float", [HIDDEN])
v0 = tf.placeholder("float", [None, visible_units])


def sample(probability):
    """1 where a uniform number falls below the probability, else 0."""
    return tf.nn.relu(tf.sign(probability - tf.random_uniform(tf.shape(probability))))


h0_prob = tf.nn.sigmoid(tf.matmul(v0, W) + hb)
h0 = sample(h0_prob)
v1 = sample(tf.nn.sigmoid(tf.matmul(h0, tf.transpose(W)) + vb))
h1 = tf.nn.sigmoid(tf.matmul(v1, W) + hb)

positive = tf.matmul(tf.transpose(v0), h0)
negative = tf.matmul(tf.transpose(v1), h1)
update_w = W + ALPHA * (positive - negative) / tf.to_float(tf.shape(v0)[0])
update_vb = vb + ALPHA * tf.reduce_mean(v0 - v1, 0)
update_hb = hb + ALPHA * tf.reduce_mean(h0 - h1, 0)
error = tf.reduce_mean(tf.square(v0 - v1))

# Scores without chance: probabilities up, probabilities down
scores = tf.nn.sigmoid(tf.matmul(h0_prob, tf.transpose(W)) + vb)

with tf.Session() as sess:
    w = np.zeros([visible_units, HIDDEN], np.float32)
    b_visible = np.zeros([visible_units], np.float32)
    b_hidden = np.zeros([HIDDEN], np.float32)
    errors = []
    for epoch in range(FLAGS.epochs):
        for start in range(0, len(train) - BATCH_SIZE, BATCH_SIZE):
            # The course runs the three updates apart: each draws its own samples. And by a slip
            # it never carries the new hidden bias over to the next batch, so it stays 0.
            feed = {v0: train[start : start + BATCH_SIZE], W: w, vb: b_visible, hb: b_hidden}
            new_w = sess.run(update_w, feed_dict=feed)
            new_b_visible = sess.run(update_vb, feed_dict=feed)
            new_b_hidden = sess.run(update_hb, feed_dict=feed)
            w, b_visible = new_w, new_b_visible
        feed = {v0: train, W: w, vb: b_visible, hb: new_b_hidden}
        errors.append(sess.run(error, feed_dict=feed))
        print("epoch %d, error %.6f" % (epoch + 1, errors[-1]))

    row = by_user.index.get_loc(FLAGS.user)
    feed = {v0: train[row : row + 1], W: w, vb: b_visible, hb: b_hidden}
    user_scores = sess.run(scores, feed_dict=feed)[0]

unseen = ~seen.loc[FLAGS.user].values
ranking = pd.DataFrame({"film": by_user.columns[unseen], "score": user_scores[unseen]})
ranking = ranking.sort_values("score", ascending=False).head(RECOMMENDED)
print("user %d has rated %d films; unseen ones to recommend:" % (FLAGS.user, (~unseen).sum()))
print(ranking.merge(films, on="film").to_string(index=False, float_format="%.4f"))

if not os.path.isdir(FLAGS.out):
    os.makedirs(FLAGS.out)
path = os.path.join(FLAGS.out, "lab_4_2_error.png")
viz.plot_curve(errors, np.arange(FLAGS.epochs) + 1, xlabel="epoch", ylabel="error", path=path)
print("picture: " + path)
