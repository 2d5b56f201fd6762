"""A convolutional network."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

import graphmode as tf
from graphmode import viz
from graphmode.models.heads import class_head
from graphmode.models.network import Network
from graphmode.models.parameters import Count, Rate, Sizes, estimator
from graphmode.models.pictures import Shape, as_rows, picture_shape, shifted
from graphmode.models.supervised import LayeredClassifier

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_MOST_SHIFTED = 2


@estimator
class ConvClassifier(LayeredClassifier):
    """Classes of pictures, by convolutions, a dense layer and dropout.

    Each layer of convolutions (ReLU, same padding) is followed by the largest of 2 x 2, as far as
    the picture is large enough.

    Parameters
    ----------
    filters : tuple of int
        Feature maps of each layer of convolutions.
    kernel_size : int
        Height and width of a filter, pixels.
    dense : int
        Units between the feature maps and the classes.
    dropout : float
        The share of these units that a training step leaves out.
    augment : bool
        Move each training picture by up to two pixels, another way in each epoch.
    image_shape : tuple of (int, int, int) or None
        Height, width and channels of the pictures in `X`, where its rows do not say: a square of
        grey or of colours if there is one of that many pixels, else a strip.

    Attributes
    ----------
    classes_ : ndarray [n_classes]
    image_shape_ : tuple of (int, int, int)

    Notes
    -----
    LeCun et al., "Gradient-based learning applied to document recognition", Proc. IEEE 86, 1998.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from graphmode.models import ConvClassifier
    >>> digits = load_digits()
    >>> images = digits.images[:1000] / 16
    >>> model = ConvClassifier(filters=(8,), kernel_size=3, dense=32, learning_rate=0.01)
    >>> model.fit(images, digits.target[:1000]).score(images, digits.target[:1000]) > 0.95
    True
    """

    filters: Sizes = (32, 64)
    kernel_size: Count = 5
    dense: Count = 1024
    dropout: Rate = 0.5
    augment: bool = False
    image_shape: tuple[Count, Count, Count] | None = None
    max_iter: Count = 10

    image_shape_: Shape = field(init=False)

    def _checked(self, X: Any, y: Any, reset: bool) -> tuple[Any, Any]:
        rows, found = as_rows(X, None if reset else self.image_shape_, type(self).__name__)
        rows, labels = super()._checked(rows, y, reset)
        if reset:
            self.image_shape_ = found or self.image_shape or picture_shape(rows.shape[1])
            if np.prod(self.image_shape_) != rows.shape[1]:
                raise ValueError(
                    f"image_shape={self.image_shape_} is {np.prod(self.image_shape_)} numbers, a "
                    f"row of X has {rows.shape[1]}"
                )
        return rows, labels

    def _asked(self, X: Any) -> dict[str, Any]:
        check_is_fitted(self, "session_")
        rows, _ = as_rows(X, self.image_shape_, type(self).__name__)
        return super()._asked(rows)

    def _prepare(self, batch: Mapping[str, Any], random: np.random.Generator) -> Mapping[str, Any]:
        if not self.augment:
            return batch
        images = batch["x"].reshape(-1, *self.image_shape_)
        moved = shifted(images, _MOST_SHIFTED, random)
        return {**batch, "x": moved.reshape(batch["x"].shape)}

    def _build(self) -> Network:
        x = tf.placeholder(tf.float32, [None, self.n_features_in_], "x")
        training = tf.placeholder_with_default(False, [], "training")
        maps = tf.reshape(x, [-1, *self.image_shape_])
        outputs: dict[str, Any] = {}
        for i, n_filters in enumerate(self.filters, 1):
            maps = tf.layers.conv2d(
                maps, n_filters, self.kernel_size, padding="same", activation=tf.nn.relu,
                name=f"convolution{i}",
            )  # fmt: skip
            outputs[f"convolution{i}"] = maps
            size = [min(2, n) for n in maps.shape.as_list()[1:3]]
            maps = outputs[f"pool{i}"] = tf.layers.max_pooling2d(maps, size, size, name=f"pool{i}")
        units = tf.layers.dense(tf.layers.flatten(maps), self.dense, tf.nn.relu, name="dense")
        outputs["dense"] = units
        if self.dropout:
            units = tf.layers.dropout(units, self.dropout, training=training)
        logits = tf.layers.dense(units, len(self.classes_), name="logits")
        weight = self._weight_input()
        return class_head({"x": x}, logits, training=training, hidden=outputs, weight=weight)

    def draw_filters(self, layer: int = 1, path: str | os.PathLike[str] | None = None) -> Figure:
        """The filters of a layer of convolutions as pictures, of their first channel.

        Parameters
        ----------
        layer : int
            1 is the first.
        path : str, optional
            A PNG file to be written.

        Returns
        -------
        matplotlib.figure.Figure

        Raises
        ------
        ValueError
            If the network has no such layer.
        """
        values = self._variables()
        if not 1 <= layer <= len(self.filters):
            raise ValueError(f"layer={layer}: the network has layers 1 to {len(self.filters)}")
        kernel = values[f"convolution{layer}/kernel"]
        title = f"{kernel.shape[3]} filters of layer {layer}"
        return viz.tile_images(kernel[:, :, 0, :].transpose(2, 0, 1), title=title, path=path)
