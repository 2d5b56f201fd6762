"""A task of a cluster as a process of its own: `python serve.py CLUSTER JOB INDEX`."""

import json
import sys

import graphmode as tf

if __name__ == "__main__":
    server = tf.train.Server(json.loads(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
    print("ready", flush=True)
    server.join()
