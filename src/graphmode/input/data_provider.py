"""slim's data sets: what a data set is, and the tensors of one of its elements by name."""

from __future__ import annotations

import abc
from typing import TYPE_CHECKING, Any

from graphmode.framework import nest
from graphmode.input.parallel_reading import parallel_read

if TYPE_CHECKING:
    from collections.abc import Callable, KeysView


class DataDecoder(abc.ABC):
    """What makes tensors of one record."""

    @abc.abstractmethod
    def decode(self, data: Any, items: Any) -> list[Any]:
        """The tensors of a record.

        Parameters
        ----------
        data : Tensor, string scalar
            The record.
        items : list of str
            What is wanted of it.

        Returns
        -------
        list of Tensor
            One for each item.
        """

    @abc.abstractmethod
    def list_items(self) -> list[str]:
        """What there is in a record, by name."""


class DataProvider:
    """Tensors by name.

    Parameters
    ----------
    items_to_tensors : dict of str to Tensor
        Of any dtypes and shapes.
    num_samples : int
        How many elements the data set has.
    """

    def __init__(self, items_to_tensors: dict[str, Any], num_samples: int) -> None:
        self._items_to_tensors = items_to_tensors
        self._num_samples = num_samples

    def get(self, items: Any) -> list[Any]:
        """The tensors of items.

        Parameters
        ----------
        items : list or tuple of str

        Returns
        -------
        list of Tensor

        Raises
        ------
        ValueError
            If there is no such item, or `items` is no list.
        """
        self._validate_items(items)
        return [self._items_to_tensors[item] for item in items]

    def list_items(self) -> KeysView[str]:
        """The names of the items."""
        return self._items_to_tensors.keys()

    def num_samples(self) -> int:
        """How many elements the data set has."""
        return self._num_samples

    def _validate_items(self, items: Any) -> None:
        if not isinstance(items, nest.LISTS):
            raise ValueError("items must be a list or tuple")
        valid = self.list_items()
        for item in items:
            if item not in valid:
                raise ValueError(f"Item [{item}] is invalid. Valid entries include: {valid}")


class Dataset:
    """What is known of a data set; all arguments are attributes.

    Parameters
    ----------
    data_sources : str or list of str
        Files, or patterns.
    reader : function
        Makes a reader: `tf.TFRecordReader`, for one.
    decoder : DataDecoder
    num_samples : int
        How many elements it has.
    items_to_descriptions : dict of str to str
    **kwargs
        More attributes: ``num_classes``, ``labels_to_names``.
    """

    data_sources: Any
    reader: Callable[..., Any]
    decoder: DataDecoder
    num_samples: int
    items_to_descriptions: dict[str, str]

    def __init__(
        self,
        data_sources: Any,
        reader: Callable[..., Any],
        decoder: DataDecoder,
        num_samples: int,
        items_to_descriptions: dict[str, str],
        **kwargs: Any,
    ) -> None:
        vars(self).update(
            kwargs,
            data_sources=data_sources,
            reader=reader,
            decoder=decoder,
            num_samples=num_samples,
            items_to_descriptions=items_to_descriptions,
        )


class DatasetDataProvider(DataProvider):
    """The tensors of the next element of a data set, read ahead by queue runners.

    Parameters
    ----------
    dataset : Dataset
    num_readers : int
        How many files are read at once.
    reader_kwargs : dict, optional
        Arguments of the data set's reader.
    shuffle : bool
        Shuffle files and records.
    num_epochs : int, optional
        How often each file is read, which a local variable counts; without it for ever.
    common_queue_capacity, common_queue_min : int
        How many records are ready at most, and how many stay when they are shuffled.
    record_key : str
        The name of the item that says where a record is from.
    seed : int, optional
        Of the shuffling.
    scope : str, optional
        Name scope.

    Raises
    ------
    ValueError
        If `record_key` is the name of another item, or there are no files.
    """

    def __init__(
        self,
        dataset: Dataset,
        num_readers: int = 1,
        reader_kwargs: dict[str, Any] | None = None,
        shuffle: bool = True,
        num_epochs: int | None = None,
        common_queue_capacity: int = 256,
        common_queue_min: int = 128,
        record_key: str = "record_key",
        seed: int | None = None,
        scope: str | None = None,
    ) -> None:
        key, record = parallel_read(
            dataset.data_sources,
            reader_class=dataset.reader,
            num_epochs=num_epochs,
            num_readers=num_readers,
            reader_kwargs=reader_kwargs,
            shuffle=shuffle,
            capacity=common_queue_capacity,
            min_after_dequeue=common_queue_min,
            seed=seed,
            scope=scope,
        )
        items = dataset.decoder.list_items()
        tensors = dict(zip(items, dataset.decoder.decode(record, items), strict=True))
        if record_key in tensors:
            raise ValueError(
                "The item name used for `record_key` cannot also be used for a dataset item: "
                f"{record_key}"
            )
        super().__init__(tensors | {record_key: key}, dataset.num_samples)
