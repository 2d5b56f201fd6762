"""Deep dream's normalised ascent, saliency, class activation and FGSM on one network."""

# interpreted only: XLA takes seconds for its programs

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(10)
k1 = (0.3 * rng.randn(3, 3, 1, 5)).astype(np.float32)
k2 = (0.3 * rng.randn(3, 3, 5, 6)).astype(np.float32)
w = (0.8 * rng.randn(6, 4)).astype(np.float32)
picture = rng.rand(1, 12, 12, 1).astype(np.float32)

graph = tf.Graph()
with graph.as_default():
    image = tf.placeholder(tf.float32, [None, 12, 12, 1], name="input")
    h1 = tf.nn.relu(tf.nn.conv2d(image, k1, [1, 1, 1, 1], "SAME"), name="mixed/one")
    h2 = tf.nn.relu(tf.nn.conv2d(h1, k2, [1, 2, 2, 1], "SAME"), name="mixed/two")
    gap = tf.reduce_mean(h2, [1, 2])
    logits = tf.matmul(gap, w, name="logits")
    probs = tf.nn.softmax(logits)
sess = tf.InteractiveSession(graph=graph)


def T(layer):
    return graph.get_tensor_by_name("%s:0" % layer)


# deep dream
t_obj = T("mixed/two")[:, :, :, 2]
t_score = tf.reduce_mean(t_obj)
t_grad = tf.gradients(t_score, image)[0]
img = picture.copy()
for i in range(10):
    g, score = sess.run([t_grad, t_score], {image: img})
    g /= g.std() + 1e-8
    img += g * 0.1
print("dream %.5f" % score)

# saliency
top = tf.reduce_max(logits, axis=1)
saliency = tf.abs(tf.gradients(top, image)[0])
print(
    "saliency %.5f at" % sess.run(tf.reduce_max(saliency), {image: picture}),
    int(sess.run(saliency, {image: picture}).argmax()),
)

# class activation map
winner = tf.argmax(logits, 1)
chosen = tf.gather(tf.transpose(tf.constant(w)), winner)
cam = tf.reduce_sum(h2 * chosen[:, None, None, :], axis=3, keepdims=True)
resized = tf.image.resize_bilinear(cam, [12, 12])
one_hot = tf.one_hot(winner, 4)
grad_cam_weights = tf.reduce_mean(tf.gradients(logits * one_hot, h2)[0], axis=(1, 2))
print(
    "cam %.5f, grad-cam %.6f"
    % (
        sess.run(resized, {image: picture}).mean(),
        sess.run(grad_cam_weights, {image: picture}).sum(),
    )
)

# fast gradient sign, one step and many
y = tf.one_hot(winner, 4)
loss = tf.nn.softmax_cross_entropy_with_logits(labels=tf.stop_gradient(y), logits=logits)
adversarial = tf.stop_gradient(
    tf.clip_by_value(image + 0.1 * tf.sign(tf.gradients(loss, image)[0]), 0.0, 1.0)
)
before = sess.run(probs, {image: picture})[0]
attacked = picture
for _ in range(4):
    attacked = sess.run(adversarial, {image: attacked})
after = sess.run(probs, {image: attacked})[0]
print(
    "class %d %.4f -> class %d %.4f"
    % (before.argmax(), before.max(), after.argmax(), after[before.argmax()])
)
