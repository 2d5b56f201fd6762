"""slim's decoder of Examples: the features of a record, and the items that are made of them."""

from __future__ import annotations

import abc
from typing import TYPE_CHECKING, Any

from graphmode.framework import dtypes
from graphmode.framework.sparse_tensor import SparseTensor
from graphmode.input.data_provider import DataDecoder
from graphmode.ops import array, math
from graphmode.ops.control.cond import case, cond
from graphmode.ops.control.functional import map_fn
from graphmode.ops.data.example_features import FixedLenFeature, parse_single_example
from graphmode.ops.image.files import decode_image, decode_jpeg
from graphmode.ops.image.jpeg import is_jpeg
from graphmode.ops.sparse.arrangement import sparse_reshape
from graphmode.ops.sparse.dense import sparse_tensor_to_dense
from graphmode.ops.strings.numbers import decode_raw

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphmode.framework.operation import Tensor


class ItemHandler(abc.ABC):
    """What makes an item of the features of one Example.

    Parameters
    ----------
    keys : str, or list of str
        The features that it needs.
    """

    def __init__(self, keys: Any) -> None:
        self._keys: list[str] = [keys] if isinstance(keys, str) else keys

    @property
    def keys(self) -> list[str]:
        """The features that it needs."""
        return self._keys

    @abc.abstractmethod
    def tensors_to_item(self, keys_to_tensors: dict[str, Any]) -> Any:
        """The item.

        Parameters
        ----------
        keys_to_tensors : dict of str to Tensor or SparseTensor
            The features, of the dtypes and shapes that were parsed.

        Returns
        -------
        Tensor or SparseTensor
        """


class ItemHandlerCallback(ItemHandler):
    """What a function makes of features.

    Parameters
    ----------
    keys : str, or list of str
        The features that it needs.
    func : function
        Of a dict of the features; gives the item.
    """

    def __init__(self, keys: Any, func: Callable[[dict[str, Any]], Any]) -> None:
        super().__init__(keys)
        self._func = func

    def tensors_to_item(self, keys_to_tensors: dict[str, Any]) -> Any:
        """What the function gives of `keys_to_tensors`."""
        return self._func(keys_to_tensors)


class BoundingBox(ItemHandler):
    """Boxes of four features with a number for each box: float ``[boxes, 4]``.

    Parameters
    ----------
    keys : list of str, optional
        Of the features; without it ``["ymin", "xmin", "ymax", "xmax"]``.
    prefix : str
        Before each of them: ``"image/object/bbox/"``.

    Raises
    ------
    ValueError
        If they are not four.
    """

    def __init__(self, keys: Any = None, prefix: str = "") -> None:
        keys = ["ymin", "xmin", "ymax", "xmax"] if keys is None else keys
        if len(keys) != 4:
            raise ValueError(f"BoundingBox expects 4 keys but got {len(keys)}")
        super().__init__([prefix + key for key in keys])

    def tensors_to_item(self, keys_to_tensors: dict[str, Any]) -> Tensor:
        """A row for each box of `keys_to_tensors`."""
        sides = [keys_to_tensors[key] for key in self._keys]
        sides = [side.values if isinstance(side, SparseTensor) else side for side in sides]
        rows = [array.expand_dims(side, 0) for side in sides]
        return array.transpose(array.concat(rows, 0))


def _dense(value: Any) -> Any:
    return sparse_tensor_to_dense(value) if isinstance(value, SparseTensor) else value


class TensorHandler(ItemHandler):
    """A feature, of another shape if one is given.

    Parameters
    ----------
    tensor_key : str
    shape_keys : str or list of str, optional
        The feature that holds the shape, or one for each axis.
    shape : shape, optional
    default_value : number or str
        What a sparse feature has where it has nothing.

    Raises
    ------
    ValueError
        With both `shape_keys` and `shape`.
    """

    def __init__(
        self,
        tensor_key: str,
        shape_keys: Any = None,
        shape: Any = None,
        default_value: Any = 0,
    ) -> None:
        if shape_keys and shape is not None:
            raise ValueError("Cannot specify both shape_keys and shape parameters.")
        self._tensor_key = tensor_key
        self._shape_keys: list[str] = (
            [shape_keys] if isinstance(shape_keys, str) else shape_keys or []
        )
        self._shape, self._default_value = shape, default_value
        super().__init__([tensor_key, *self._shape_keys])

    def tensors_to_item(self, keys_to_tensors: dict[str, Any]) -> Any:
        """The feature of `keys_to_tensors`, dense."""
        tensor, shape = keys_to_tensors[self._tensor_key], self._shape
        if self._shape_keys:
            lengths = [_dense(keys_to_tensors[key]) for key in self._shape_keys]
            shape = array.reshape(array.stack(lengths), [-1])
        if not isinstance(tensor, SparseTensor):
            return tensor if shape is None else array.reshape(tensor, shape)
        if shape is not None:
            tensor = sparse_reshape(tensor, shape)
        return sparse_tensor_to_dense(tensor, self._default_value)


class LookupTensor(TensorHandler):
    """What a table has for a feature.

    Parameters
    ----------
    tensor_key : str
    table : lookup table
        Of the feature's dtype.
    shape_keys : str or list of str, optional
        The feature that holds the shape, or one for each axis.
    shape : shape, optional
    default_value : str or number
        What a sparse feature has where it has nothing.

    Raises
    ------
    ValueError
        With both `shape_keys` and `shape`.
    """

    def __init__(
        self,
        tensor_key: str,
        table: Any,
        shape_keys: Any = None,
        shape: Any = None,
        default_value: Any = "",
    ) -> None:
        self._table = table
        super().__init__(tensor_key, shape_keys, shape, default_value)

    def tensors_to_item(self, keys_to_tensors: dict[str, Any]) -> Any:
        """What the table has for the feature of `keys_to_tensors`."""
        return self._table.lookup(super().tensors_to_item(keys_to_tensors))


class BackupHandler(ItemHandler):
    """One handler, and another one where the first gives no elements.

    Parameters
    ----------
    handler, backup : ItemHandler

    Raises
    ------
    ValueError
        If one is none.
    """

    def __init__(self, handler: ItemHandler, backup: ItemHandler) -> None:
        for which, given in (("Primary", handler), ("Backup", backup)):
            if not isinstance(given, ItemHandler):  # pyright: ignore[reportUnnecessaryIsInstance]
                raise ValueError(f"{which} handler is of type {type(given)} instead of ItemHandler")
        self._handler, self._backup = handler, backup
        super().__init__([*handler.keys, *backup.keys])

    def tensors_to_item(self, keys_to_tensors: dict[str, Any]) -> Any:
        """What the first gives of `keys_to_tensors`, or the second."""
        item = self._handler.tensors_to_item(keys_to_tensors)
        is_empty = math.equal(math.reduce_prod(array.shape(item)), 0)
        return cond(is_empty, lambda: self._backup.tensors_to_item(keys_to_tensors), lambda: item)


class SparseTensorHandler(ItemHandler):
    """A SparseTensor of the features that hold its indices and its values.

    Parameters
    ----------
    indices_key, values_key : str, optional
        Sparse features; ``indices`` and ``values`` without.
    shape_key : str, optional
        The feature that holds the shape.
    shape : shape, optional
        Without `shape_key`.
    densify : bool
        Give a dense tensor.
    default_value : number or str
        What a dense tensor has elsewhere.
    """

    def __init__(
        self,
        indices_key: str | None = None,
        values_key: str | None = None,
        shape_key: str | None = None,
        shape: Any = None,
        densify: bool = False,
        default_value: Any = 0,
    ) -> None:
        self._indices_key = indices_key or "indices"
        self._values_key = values_key or "values"
        self._shape_key, self._shape = shape_key, shape
        self._densify, self._default_value = densify, default_value
        super().__init__([self._indices_key, self._values_key, *([shape_key] if shape_key else [])])

    def tensors_to_item(self, keys_to_tensors: dict[str, Any]) -> Any:
        """The values of `keys_to_tensors` at the places on the last axis that it says."""
        indices, values = keys_to_tensors[self._indices_key], keys_to_tensors[self._values_key]
        if self._shape_key:
            shape = _dense(keys_to_tensors[self._shape_key])
        else:
            shape = self._shape or indices.dense_shape
        rank = array.shape(indices.indices)[1]
        places = math.cast(indices.values, dtypes.int64)
        others = array.slice(indices.indices, [0, 0], array.stack([-1, rank - 1]))
        there = array.concat([others, array.reshape(places, [-1, 1])], 1)
        tensor = SparseTensor(there, values.values, shape)
        return sparse_tensor_to_dense(tensor, self._default_value) if self._densify else tensor


class Image(ItemHandler):
    """A picture of a feature that holds a file, or raw pixels.

    Parameters
    ----------
    image_key, format_key : str, optional
        The features with the content, and with ``raw`` or any other format; ``image/encoded``
        and ``image/format`` without.
    shape : shape, optional
        ``[height, width, channels]``, if it is the same for all.
    channels : int
        1 grey, 3 RGB, 4 with opacity; 0 as in the file.
    dtype : DType
        What pixels are made, without another scale; of raw pixels the dtype that they have.
    repeated : bool
        The feature is a vector of files of one size.
    dct_method : str
        Of JPEG files: ``INTEGER_FAST`` or ``INTEGER_ACCURATE``.
    """

    def __init__(
        self,
        image_key: str | None = None,
        format_key: str | None = None,
        shape: Any = None,
        channels: int = 3,
        dtype: Any = dtypes.uint8,
        repeated: bool = False,
        dct_method: str = "",
    ) -> None:
        self._image_key = image_key or "image/encoded"
        self._format_key = format_key or "image/format"
        super().__init__([self._image_key, self._format_key])
        self._shape, self._channels, self._dtype = shape, channels, dtype
        self._repeated, self._dct_method = repeated, dct_method

    def tensors_to_item(self, keys_to_tensors: dict[str, Any]) -> Tensor:
        """The pixels of the file in `keys_to_tensors`."""
        content, kind = keys_to_tensors[self._image_key], keys_to_tensors[self._format_key]
        if self._repeated:

            def of_one(one: Any) -> Tensor:
                return self._decode(one, kind)

            return map_fn(of_one, content, dtype=self._dtype)
        return self._decode(content, kind)

    def _decode(self, content: Any, kind: Any) -> Tensor:
        channels, dtype = self._channels, self._dtype

        def of_jpeg() -> Tensor:
            pixels = decode_jpeg(content, channels=channels, dct_method=self._dct_method)
            return math.cast(pixels, dtype)

        def of_any() -> Tensor:
            return math.cast(decode_image(content, channels=channels), dtype)

        def of_file() -> Tensor:
            return cond(is_jpeg(content), of_jpeg, of_any, name="cond_jpeg")

        is_raw = math.logical_or(math.equal(kind, "raw"), math.equal(kind, "RAW"))
        raw = [(is_raw, lambda: decode_raw(content, out_type=dtype))]
        image = case(raw, default=of_file, exclusive=True)
        image.set_shape([None, None, channels])
        return image if self._shape is None else array.reshape(image, self._shape)


class TFExampleDecoder(DataDecoder):
    """What makes items of one serialized Example.

    Parameters
    ----------
    keys_to_features : dict of str to FixedLenFeature or VarLenFeature
        The features that are parsed.
    items_to_handlers : dict of str to ItemHandler
        What each item is made of.
    """

    def __init__(
        self, keys_to_features: dict[str, Any], items_to_handlers: dict[str, ItemHandler]
    ) -> None:
        self._keys_to_features = keys_to_features
        self._items_to_handlers = items_to_handlers

    def list_items(self) -> list[str]:
        """The names of the items."""
        return list(self._items_to_handlers)

    def decode(  # pyright: ignore[reportIncompatibleMethodOverride] - TensorFlow's names
        self, serialized_example: Any, items: Any = None
    ) -> list[Any]:
        """The items of an Example.

        Parameters
        ----------
        serialized_example : Tensor, string scalar
            The serialized Example.
        items : list of str, optional
            Which; all without.

        Returns
        -------
        list of Tensor or SparseTensor

        Raises
        ------
        InvalidArgumentError
            When it runs, if the Example has not what is parsed.
        """
        example = parse_single_example(serialized_example, self._keys_to_features)
        for key in sorted(self._keys_to_features):
            feature = self._keys_to_features[key]
            if isinstance(feature, FixedLenFeature):
                example[key] = array.reshape(example[key], feature.shape)
        handlers = [self._items_to_handlers[item] for item in items or self._items_to_handlers]
        return [
            handler.tensors_to_item({key: example[key] for key in handler.keys})
            for handler in handlers
        ]
