"""Primes: a sieve in a while_loop over a boolean vector, trial division by py_func beside it."""

import numpy as np
import tensorflow as tf

LIMIT = 60
candidates = tf.range(LIMIT)


def body(i, is_prime):
    multiples = tf.logical_and(tf.equal(tf.floormod(candidates, i), 0), candidates > i)
    strike = tf.logical_and(multiples, tf.gather(is_prime, i))
    return i + 1, tf.logical_and(is_prime, tf.logical_not(strike))


start = tf.greater(candidates, 1)
_, sieve = tf.while_loop(lambda i, p: i * i < LIMIT, body, [tf.constant(2), start])
primes = tf.boolean_mask(candidates, sieve)


def trial(numbers):
    return np.array([all(n % d for d in range(2, n)) and n > 1 for n in numbers])


checked = tf.py_func(trial, [candidates], tf.bool, stateful=False)
twins = tf.setdiff1d(primes, primes + 2).out
with tf.Session() as sess:
    print(sess.run(primes).tolist())
    print("agree:", bool((sess.run(sieve) == sess.run(checked)).all()))
    print("no prime two below:", sess.run(twins).tolist())
