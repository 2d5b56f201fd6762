"""Batches of the features of `Example` messages: parsed in a data set, or read from files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from graphmode.data import structure as nested
from graphmode.data.applied import Transformation, parallel_interleave
from graphmode.data.dataset import Dataset
from graphmode.data.files.csv_tables import shuffled_and_repeated
from graphmode.data.files.readers import TFRecordDataset
from graphmode.framework import dtypes
from graphmode.framework.default_graph import get_default_graph
from graphmode.input.readers import ReaderBase
from graphmode.ops.data.example_features import parse_example


def parse_example_dataset(
    features: Mapping[str, Any], num_parallel_calls: Any = 1
) -> Transformation:
    """Parse batches of serialized `Example` messages.

    Parameters
    ----------
    features : dict of str to feature
        As `tf.parse_example` takes them.
    num_parallel_calls : int
        How many batches are parsed at a time.

    Returns
    -------
    callable
        For `Dataset.apply`, of a data set of vectors of strings; gives one of dicts.

    Raises
    ------
    ValueError
        If there are no features.
    TypeError
        When it is applied, if elements are no vectors of strings.
    """
    if features is None:  # pyright: ignore[reportUnnecessaryComparison]
        raise ValueError("Missing: features was None.")

    def parsed(dataset: Dataset) -> Dataset:
        specs = nested.flatten(dataset.element_spec)
        if len(specs) != 1 or specs[0].dtype is not dtypes.string or specs[0].shape.ndims != 1:
            raise TypeError("Input dataset should be a dataset of vectors of strings")
        get_default_graph().pass_ids(2)
        return dataset.map(lambda batch: parse_example(batch, features), num_parallel_calls)

    return parsed


def make_batched_features_dataset(
    file_pattern: Any,
    batch_size: int,
    features: Mapping[str, Any],
    reader: Callable[..., Dataset] = TFRecordDataset,
    label_key: str | None = None,
    reader_args: Sequence[Any] | None = None,
    num_epochs: int | None = None,
    shuffle: bool = True,
    shuffle_buffer_size: int = 10000,
    shuffle_seed: int | None = None,
    prefetch_buffer_size: int | None = None,
    reader_num_threads: int | None = None,
    parser_num_threads: int | None = None,
    sloppy_ordering: bool = False,
    drop_final_batch: bool = False,
) -> Dataset:
    """Make a data set of batches of the features of `Example` messages in files.

    Parameters
    ----------
    file_pattern : str, list of str or Tensor
        With ``*``, ``?`` and ``[...]``.
    batch_size : int
    features : dict of str to feature
        As `tf.parse_example` takes them.
    reader : callable
        Gives a Dataset of messages, or of keys and messages, for a name of a file.
    label_key : str, optional
        The feature that comes apart, behind the dict.
    reader_args : list, optional
        Further arguments of `reader`.
    num_epochs : int, optional
        How many times the messages come; without an end by default, and then in whole batches.
    shuffle : bool
        Whether files and messages come in random order.
    shuffle_buffer_size : int
        Among how many messages one is drawn.
    shuffle_seed : int, optional
    prefetch_buffer_size : int, optional
        How many batches are made ahead; chosen by default.
    reader_num_threads : int, optional
        From how many files messages come in turns; one after the other by default.
    parser_num_threads : int, optional
        How many batches are parsed at a time.
    sloppy_ordering : bool
        Accepted.
    drop_final_batch : bool
        Whether a smaller last batch is left out.

    Returns
    -------
    Dataset

    Raises
    ------
    TypeError
        If `reader` is one of queues.
    ValueError
        If `label_key` is no feature.
    """
    if isinstance(reader, type) and issubclass(reader, ReaderBase):
        raise TypeError(
            "The `reader` argument must return a `Dataset` object. `tf.ReaderBase` subclasses are "
            "not supported. For example, pass `tf.data.TFRecordDataset` instead of "
            "`tf.TFRecordReader`."
        )
    if label_key and label_key not in features:
        raise ValueError(
            f"The `label_key` provided ({label_key!r}) must be one of the `features` keys."
        )
    further = reader_args or []
    files = Dataset.list_files(file_pattern, shuffle=shuffle, seed=shuffle_seed)
    read = files.apply(
        parallel_interleave(
            lambda name: reader(name, *further), reader_num_threads or 1, sloppy=sloppy_ordering
        )
    )
    if read.output_types == (dtypes.string, dtypes.string):
        read = read.map(lambda _, message: message)
    ordered = shuffled_and_repeated(read, num_epochs, shuffle, shuffle_buffer_size, shuffle_seed)
    batches = ordered.batch(batch_size, drop_remainder=drop_final_batch or num_epochs is None)
    parsed = batches.apply(parse_example_dataset(features, parser_num_threads or 2))
    if label_key:
        parsed = parsed.map(lambda found: (found, found.pop(label_key)))
    return parsed.prefetch(-1 if prefetch_buffer_size is None else prefetch_buffer_size)


def read_batch_features(
    file_pattern: Any,
    batch_size: int,
    features: Mapping[str, Any],
    reader: Callable[..., Dataset] = TFRecordDataset,
    reader_args: Sequence[Any] | None = None,
    randomize_input: bool = True,
    num_epochs: int | None = None,
    capacity: int = 10000,
) -> Any:
    """Read batches of the features of `Example` messages in files, as tensors.

    Parameters
    ----------
    file_pattern : str, list of str or Tensor
        With ``*``, ``?`` and ``[...]``.
    batch_size : int
    features : dict of str to feature
        As `tf.parse_example` takes them.
    reader : callable
        Gives a Dataset of messages, or of keys and messages, for a name of a file.
    reader_args : list, optional
        Further arguments of `reader`.
    randomize_input : bool
        Whether files and messages come in random order.
    num_epochs : int, optional
        How many times the messages come; without an end by default.
    capacity : int
        Among how many messages one is drawn.

    Returns
    -------
    dict of str to Tensor or SparseTensor
        The next batch for each run.

    Raises
    ------
    TypeError
        If `reader` is one of queues.
    """
    dataset = make_batched_features_dataset(
        file_pattern,
        batch_size,
        features,
        reader=reader,
        reader_args=reader_args,
        shuffle=randomize_input,
        num_epochs=num_epochs,
        shuffle_buffer_size=capacity,
    )
    return dataset.make_one_shot_iterator().get_next()
