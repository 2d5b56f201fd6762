"""Images flipped, turned, transposed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.inference import constant_value
from graphmode.ops import array, math
from graphmode.ops.image.batches import checked, rank_of
from graphmode.ops.random.draws import random_uniform

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor


def _flip(image: Any, axis: int, scope_name: str) -> Tensor:
    with name_scope(None, scope_name, [image]):
        image = checked(convert_to_tensor(image, name="image"))
        rank = rank_of(image)
        return array.reverse(image, [axis - 3 + (rank if image.dims is not None else 0)])


def flip_left_right(image: Any) -> Tensor:
    """`image`, of any dtype, mirrored left to right.

    It is ``[height, width, channels]``, or a batch of such images.
    """
    return _flip(image, 1, "flip_left_right")


def flip_up_down(image: Any) -> Tensor:
    """`image`, of any dtype, upside down.

    It is ``[height, width, channels]``, or a batch of such images.
    """
    return _flip(image, 0, "flip_up_down")


def _random_flip(image: Any, axis: int, seed: int | None, scope_name: str) -> Tensor:
    with name_scope(None, scope_name, [image]) as scope:
        image = checked(convert_to_tensor(image, name="image"))
        if rank_of(image) == 3:
            drawn = random_uniform([], minval=0, maxval=1.0, seed=seed)
            flipped = array.reverse(image, [axis])
            shape = array.shape(image)
            chosen = array.fill(shape, math.less(drawn, 0.5))
            return array.where(chosen, flipped, image, name=scope)
        n = array.shape(image)[0]
        drawn = random_uniform([n], minval=0, maxval=1.0, seed=seed)
        flips = math.cast(math.round(array.reshape(drawn, [n, 1, 1, 1])), image.dtype)
        return flips * array.reverse(image, [axis + 1]) + (1 - flips) * image


def random_flip_left_right(image: Any, seed: int | None = None) -> Tensor:
    """`flip_left_right` of an image, or of each image of a batch, with probability one half.

    Parameters
    ----------
    image : Tensor, of any dtype, ``[height, width, channels]`` or a batch of them
    seed : int, optional

    Returns
    -------
    Tensor
        Of the shape and dtype of `image`.
    """
    return _random_flip(image, 1, seed, "random_flip_left_right")


def random_flip_up_down(image: Any, seed: int | None = None) -> Tensor:
    """`flip_up_down` of an image, or of each image of a batch, with probability one half.

    Parameters
    ----------
    image : Tensor, of any dtype, ``[height, width, channels]`` or a batch of them
    seed : int, optional

    Returns
    -------
    Tensor
        Of the shape and dtype of `image`.
    """
    return _random_flip(image, 0, seed, "random_flip_up_down")


def transpose_image(image: Any, name: str | None = None) -> Tensor:
    """`image`, of any dtype, with height and width exchanged.

    It is ``[height, width, channels]``, or a batch of such images.
    """
    with name_scope(name, "transpose", [image]):
        image = checked(convert_to_tensor(image, name="image"))
        order = [1, 0, 2] if rank_of(image) == 3 else [0, 2, 1, 3]
        return array.transpose(image, order, name=name)


def rot90(image: Any, k: Any = 1, name: str | None = None) -> Tensor:
    """An image, or each of a batch, turned counter-clockwise by quarter turns.

    Parameters
    ----------
    image : Tensor, of any dtype, ``[height, width, channels]`` or a batch of them
    k : int or Tensor, int32 scalar
        The number of quarter turns.

    Returns
    -------
    Tensor
        Of the rank and dtype of `image`.

    Raises
    ------
    NotImplementedError
        If `k` is not known while the graph is built: the shape depends on it.
    ValueError
        If `k` is no scalar.
    """
    with name_scope(name, "rot90", [image, k]):
        image = checked(convert_to_tensor(image, name="image"))
        turns = constant_value(convert_to_tensor(k, dtype=dtypes.int32, name="k"))
        if turns is None:
            raise NotImplementedError("rot90 needs a k that is known while the graph is built")
        if turns.shape != ():
            raise ValueError(f"Shape {turns.shape} must have rank 0")
        first = rank_of(image) - 3
        order = [1, 0, 2] if first == 0 else [0, 2, 1, 3]
        turns = int(turns) % 4
        if turns == 1:
            return array.transpose(array.reverse(image, [first + 1]), order)
        if turns == 2:
            return array.reverse(image, [first, first + 1])
        if turns == 3:
            return array.reverse(array.transpose(image, order), [first + 1])
        return array.identity(image)
