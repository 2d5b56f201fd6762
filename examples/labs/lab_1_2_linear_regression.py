"""Lab 1.2: linear regression of a car's CO2 emission on the size of its engine.

graphmode run examples/labs/lab_1_2_linear_regression.py FuelConsumption.csv
"""

import csv
import os
import sys

import numpy as np
import tensorflow as tf

data = os.path.join(os.environ.get("GRAPHMODE_DATA", "."), "fuel-consumption")
path = sys.argv[1] if len(sys.argv) > 1 else os.path.join(data, "FuelConsumption.csv")
with open(path, newline=None) as table:
    rows = list(csv.DictReader(table.read().splitlines()))
engine_size = np.array([[float(row["ENGINESIZE"])] for row in rows])
emission = np.array([[float(row["CO2EMISSIONS"])] for row in rows])
print("%d cars" % len(rows))

# A line, from a guess of its slope and intercept
a = tf.Variable(20.0)
b = tf.Variable(30.2)
y = a * engine_size + b

loss = tf.reduce_mean(tf.square(y - emission))
train = tf.train.GradientDescentOptimizer(0.05).minimize(loss)

with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    print("step  loss  a  b")
    for step in range(100):
        # One run gives the loss before the step and the line after it.
        _, loss_value, slope, intercept = sess.run([train, loss, a, b])
        if step % 5 == 0:
            print(step, loss_value, slope, intercept)
