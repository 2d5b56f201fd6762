"""`Dataset`: where elements come from, and the method of each transformation."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from graphmode.data import batching, shuffling, sources, transformations, windows
from graphmode.data import iterator as iterators
from graphmode.data import structure as nested
from graphmode.data.combining import interleaving, joining
from graphmode.data.files import cache, contents
from graphmode.data.iterator import Iterator
from graphmode.data.node import Node, Reading, Step
from graphmode.data.options import Options
from graphmode.data.results import reduced
from graphmode.data.threads import ahead, parallel
from graphmode.framework import dtypes
from graphmode.framework.default_graph import get_default_graph


class Dataset:
    """Elements in an order: nested tuples and dicts of tensors, each made when it is asked for.

    Made by `from_tensor_slices` and its like; each method gives a new data set.

    Parameters
    ----------
    node : Node
        The last transformation.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default(), tf.Session() as sess:
    ...     dataset = tf.data.Dataset.range(5).map(lambda x: x * x).batch(3)
    ...     squares = dataset.make_one_shot_iterator().get_next()
    ...     print(sess.run(squares), sess.run(squares))
    [0 1 4] [ 9 16]
    """

    _fix_no_tensor = "dataset.make_one_shot_iterator().get_next() gives its elements as tensors"

    def __init__(self, node: Node) -> None:
        self._node = node

    # ---- sources -----------------------------------------------------------------------------

    @staticmethod
    def from_tensors(tensors: Any) -> Dataset:
        """Make a data set of one element.

        Parameters
        ----------
        tensors : structure of what converts to tensors

        Returns
        -------
        Dataset
        """
        return Dataset(sources.from_tensors(tensors))

    @staticmethod
    def from_tensor_slices(tensors: Any) -> Dataset:
        """Make a data set of the slices along the first axis.

        Parameters
        ----------
        tensors : structure of what converts to tensors, of one length

        Returns
        -------
        Dataset

        Raises
        ------
        ValueError
            If the lengths differ.
        """
        return Dataset(sources.from_tensor_slices(tensors))

    @staticmethod
    def from_sparse_tensor_slices(sparse_tensor: Any) -> Dataset:
        """Make a data set of the slices of a SparseTensor, as triples of tensors.

        Parameters
        ----------
        sparse_tensor : SparseTensor, of any dtype and dense shape

        Returns
        -------
        Dataset
            Of indices, values and dense shape; `from_tensor_slices` gives SparseTensors.

        Raises
        ------
        TypeError
            If it is no SparseTensor.
        """
        return Dataset(sources.from_sparse_tensor_slices(sparse_tensor))

    @staticmethod
    def from_generator(
        generator: Callable[..., Any],
        output_types: Any,
        output_shapes: Any = None,
        args: Any = None,
    ) -> Dataset:
        """Make a data set of what a Python generator yields.

        Parameters
        ----------
        generator : callable
            Gives an iterable, anew for each pass.
        output_types : structure of DType
        output_shapes : structure of TensorShape, optional
            Any by default; an element of another shape is an InvalidArgumentError.
        args : tuple, optional
            What `generator` is given, as arrays.

        Returns
        -------
        Dataset

        Raises
        ------
        TypeError
            If `generator` cannot be called.
        """
        return Dataset(sources.from_generator(generator, output_types, output_shapes, args))

    @staticmethod
    def range(*args: Any) -> Dataset:
        """Make a data set of numbers, as Python's `range`.

        Parameters
        ----------
        *args : int
            As those of `range`.

        Returns
        -------
        Dataset
            Of int64.

        Raises
        ------
        ValueError
            If there are none, or more than three.
        """
        return Dataset(sources.range_node(*args))

    @staticmethod
    def zip(datasets: Any) -> Dataset:
        """Make a data set of one element of each of several.

        Parameters
        ----------
        datasets : structure of Dataset

        Returns
        -------
        Dataset
            As long as the shortest one.
        """
        return Dataset(joining.zip_node(datasets))

    @staticmethod
    def list_files(
        file_pattern: Any, shuffle: bool | None = None, seed: int | None = None
    ) -> Dataset:
        """Make a data set of the names of files.

        Parameters
        ----------
        file_pattern : str, list of str or Tensor
            With ``*``, ``?`` and ``[...]``.
        shuffle : bool
            Whether they come in random order, as by default.
        seed : int, optional

        Returns
        -------
        Dataset
        """
        found = contents.matching_files(file_pattern)
        if shuffle is None or shuffle:
            get_default_graph().pass_ids(6)
            found = shuffling.shuffle_node(found, 1 << 40, seed, None)
        return Dataset(found)

    # ---- transformations ---------------------------------------------------------------------

    def map(self, map_func: Callable[..., Any], num_parallel_calls: Any = None) -> Dataset:
        """Give a function of each element.

        Parameters
        ----------
        map_func : callable
            Builds graph ops; a tuple is given as several arguments.
        num_parallel_calls : int, optional
            How many elements at once, in threads, where the function takes long; -1 chooses. They
            come in order all the same.

        Returns
        -------
        Dataset

        Raises
        ------
        TypeError
            If it returns what no tensor can be made of.
        """
        if num_parallel_calls is None:
            return Dataset(transformations.map_node(self._node, map_func))
        return Dataset(parallel.map_node(self._node, map_func, num_parallel_calls))

    def filter(self, predicate: Callable[..., Any]) -> Dataset:
        """Give the elements for which a predicate holds.

        Parameters
        ----------
        predicate : callable
            Gives a scalar of bool.

        Returns
        -------
        Dataset

        Raises
        ------
        ValueError
            If it gives something else.
        """
        return Dataset(transformations.filter_node(self._node, predicate))

    map_with_legacy_function = map
    filter_with_legacy_function = filter

    def flat_map(self, map_func: Callable[..., Any]) -> Dataset:
        """Give the elements of the data sets that a function gives, one after the other.

        Parameters
        ----------
        map_func : callable
            Gives a Dataset.

        Returns
        -------
        Dataset

        Raises
        ------
        TypeError
            If it gives something else.
        """
        return Dataset(interleaving.flat_map_node(self._node, map_func))

    def interleave(
        self,
        map_func: Callable[..., Any],
        cycle_length: Any = -1,
        block_length: Any = 1,
        num_parallel_calls: Any = None,
    ) -> Dataset:
        """Give the elements of the data sets that a function gives, in turns.

        Parameters
        ----------
        map_func : callable
            Gives a Dataset.
        cycle_length : int
            How many data sets at a time; -1: as many as there are processors.
        block_length : int
            How many elements of each in its turn.
        num_parallel_calls : int, optional
            Has each data set of the cycle read ahead, in a thread of its own, where reading takes
            long; the order is the same.

        Returns
        -------
        Dataset

        Raises
        ------
        TypeError
            If `map_func` gives something else.
        """
        turns = cycle_length, block_length
        if num_parallel_calls is None:
            return Dataset(interleaving.interleave_node(self._node, map_func, *turns))
        node = parallel.interleave_node(self._node, map_func, *turns, num_parallel_calls)
        return Dataset(node)

    def shuffle(
        self,
        buffer_size: Any,
        seed: int | None = None,
        reshuffle_each_iteration: bool | None = None,
    ) -> Dataset:
        """Give the elements in random order, drawn from a buffer.

        Parameters
        ----------
        buffer_size : int or Tensor, int64 scalar
        seed : int, optional
            See `set_random_seed`.
        reshuffle_each_iteration : bool
            Whether `repeat` behind it meets another order each time; True by default.

        Returns
        -------
        Dataset
        """
        return Dataset(
            shuffling.shuffle_node(self._node, buffer_size, seed, reshuffle_each_iteration)
        )

    def repeat(self, count: Any = None) -> Dataset:
        """Give the elements several times over.

        Parameters
        ----------
        count : int or Tensor, int64 scalar, optional
            Without an end for None and -1.

        Returns
        -------
        Dataset
        """
        return Dataset(transformations.repeat_node(self._node, count))

    def batch(self, batch_size: Any, drop_remainder: Any = False) -> Dataset:
        """Give batches of elements.

        Parameters
        ----------
        batch_size : int or Tensor, int64 scalar
        drop_remainder : bool
            Whether a smaller last batch is left out.

        Returns
        -------
        Dataset
        """
        return Dataset(batching.batch_node(self._node, batch_size, drop_remainder))

    def padded_batch(
        self,
        batch_size: Any,
        padded_shapes: Any,
        padding_values: Any = None,
        drop_remainder: Any = False,
    ) -> Dataset:
        """Give batches of elements that are filled up to one shape.

        Parameters
        ----------
        batch_size : int or Tensor, int64 scalar
        padded_shapes : structure of shape
            None and -1: the longest of the batch.
        padding_values : structure of scalar, optional
            0 or an empty text by default.
        drop_remainder : bool
            Whether a smaller last batch is left out.

        Returns
        -------
        Dataset

        Raises
        ------
        ValueError
            If a shape cannot hold the elements.
        TypeError
            If elements are sparse.
        """
        return Dataset(
            batching.padded_batch_node(
                self._node, batch_size, padded_shapes, padding_values, drop_remainder
            )
        )

    def window(
        self, size: Any, shift: Any = None, stride: Any = 1, drop_remainder: Any = False
    ) -> Dataset:
        """Give a data set of each few elements: of each part of an element, one.

        Parameters
        ----------
        size : int or Tensor, int64 scalar
            How many elements a window has.
        shift : int or Tensor, int64 scalar, optional
            How far behind each other windows begin; `size` by default.
        stride : int or Tensor, int64 scalar
            How far behind each other the elements of a window are.
        drop_remainder : bool
            Whether smaller last windows are left out.

        Returns
        -------
        Dataset
            For `flat_map`: ``.flat_map(lambda window: window.batch(3))``.
        """
        return Dataset(
            windows.window_node(self._node, size, shift, stride, drop_remainder, Dataset)
        )

    def prefetch(self, buffer_size: Any) -> Dataset:
        """Make elements ahead, in a thread of their own.

        Parameters
        ----------
        buffer_size : int or Tensor, int64 scalar
            How many; -1 chooses.

        Returns
        -------
        Dataset
        """
        return Dataset(ahead.prefetch_node(self._node, buffer_size))

    def take(self, count: Any) -> Dataset:
        """Give the first elements only.

        Parameters
        ----------
        count : int or Tensor, int64 scalar
            -1: all.

        Returns
        -------
        Dataset
        """
        return Dataset(transformations.take_node(self._node, count))

    def skip(self, count: Any) -> Dataset:
        """Leave the first elements out.

        Parameters
        ----------
        count : int or Tensor, int64 scalar
            -1: all.

        Returns
        -------
        Dataset
        """
        return Dataset(transformations.skip_node(self._node, count))

    def shard(self, num_shards: Any, index: Any) -> Dataset:
        """Give every `num_shards`-th element, from number `index` on.

        Parameters
        ----------
        num_shards, index : int or Tensor, int64 scalar

        Returns
        -------
        Dataset
        """
        return Dataset(transformations.shard_node(self._node, num_shards, index))

    def cache(self, filename: Any = "") -> Dataset:
        """Keep the elements of the first pass for later ones.

        Parameters
        ----------
        filename : str or Tensor, string scalar
            What the files begin with that keep them, for later programs, too; in memory if it is
            empty. They are kept once a pass has come to its end; while one writes them,
            another one is an AlreadyExistsError.

        Returns
        -------
        Dataset
        """
        if isinstance(filename, str | bytes | None) and not filename:
            return Dataset(transformations.cache_node(self._node))
        return Dataset(cache.file_cache_node(self._node, filename))

    def concatenate(self, dataset: Dataset) -> Dataset:
        """Give the elements of another data set behind these.

        Parameters
        ----------
        dataset : Dataset

        Returns
        -------
        Dataset

        Raises
        ------
        TypeError
            If its elements have other dtypes.
        """
        return Dataset(joining.concatenate_node(self._node, dataset._node))

    def enumerate(self, start: int = 0) -> Dataset:
        """Give pairs of a number and an element.

        Parameters
        ----------
        start : int

        Returns
        -------
        Dataset
        """
        return Dataset.zip((Dataset.range(start, np.iinfo(np.int64).max), self))

    def unbatch(self) -> Dataset:
        """Give the rows of each element.

        Returns
        -------
        Dataset

        Raises
        ------
        ValueError
            If an element is a scalar.
        """
        return Dataset(transformations.unbatch_node(self._node))

    def reduce(self, initial_state: Any, reduce_func: Callable[..., Any]) -> Any:
        """Reduce all elements to one value: ``state = reduce_func(state, element)``.

        Parameters
        ----------
        initial_state : structure of what converts to tensors
        reduce_func : callable
            Gives the next state.

        Returns
        -------
        structure of Tensor
            The last state; each run takes all elements.

        Raises
        ------
        TypeError
            If the next state is nested otherwise, or has other dtypes.

        Examples
        --------
        >>> import graphmode as tf
        >>> with tf.Graph().as_default(), tf.Session() as sess:
        ...     total = tf.data.Dataset.range(5).reduce(tf.constant(0, tf.int64), tf.add)
        ...     print(sess.run(total))
        10
        """
        return reduced(self._node, initial_state, reduce_func)

    def apply(self, transformation_func: Callable[[Dataset], Dataset]) -> Dataset:
        """Give what a function makes of this data set.

        Parameters
        ----------
        transformation_func : callable
            Of a Dataset; gives one.

        Returns
        -------
        Dataset

        Raises
        ------
        TypeError
            If it gives something else.
        """
        made: Any = transformation_func(self)
        if not isinstance(made, Dataset):
            raise TypeError(f"`transformation_func` must return a Dataset. Got {made}.")
        return made

    def with_options(self, options: Options) -> Dataset:
        """Say how the data set is to be run.

        Parameters
        ----------
        options : Options
            Joined with those that it has.

        Returns
        -------
        Dataset

        Raises
        ------
        ValueError
            If it has other values of them.
        """
        self.options().merge(options)
        return Dataset(transformations.options_node(self._node, options))

    def options(self) -> Options:
        """What `with_options` has said of it and of what it stands on.

        Returns
        -------
        Options
        """
        return functools.reduce(Options.merge, transformations.options_of(self._node), Options())

    # ---- iterators ---------------------------------------------------------------------------

    def make_one_shot_iterator(self) -> Iterator:
        """Make an iterator that begins by itself, once in each session.

        Returns
        -------
        Iterator

        Raises
        ------
        ValueError
            If the data set reads what is fed, or a variable.
        """
        return iterators.one_shot(self._node)

    def make_initializable_iterator(self, shared_name: str | None = None) -> Iterator:
        """Make an iterator that begins when its `initializer` runs.

        Parameters
        ----------
        shared_name : str, optional
            Iterators of one name are one in a session.

        Returns
        -------
        Iterator
        """
        return iterators.initializable(self._node, shared_name)

    @property
    def output_types(self) -> Any:
        """The dtype of each part of an element."""
        return nested.mapped(lambda spec: spec.dtype, self._node.structure)

    @property
    def output_shapes(self) -> Any:
        """The static shape of each part of an element."""
        return nested.mapped(lambda spec: spec.shape, self._node.structure)

    @property
    def output_classes(self) -> Any:
        """The class of each part of an element: Tensor or SparseTensor."""
        return nested.mapped(lambda spec: spec.kind, self._node.structure)

    @property
    def element_spec(self) -> Any:
        """What each part of an element is."""
        return self._node.structure

    def _as_part(self) -> tuple[nested.Spec, Any]:
        """What an element has of it that a function returns."""
        structure = self._node.structure
        spec = nested.Spec(
            dtypes.variant, [], opened=lambda variant: Dataset._of_variant(variant, structure)
        )
        return spec, iterators.dataset_variant(self._node)

    @staticmethod
    def _of_variant(variant: Any, structure: Any) -> Dataset:
        """The data set that a tensor stands for.

        Parameters
        ----------
        variant : Tensor, variant scalar
        structure : structure of TensorSpec
            Of its elements.

        Returns
        -------
        Dataset
        """

        def begin(reading: Reading) -> Step:
            inner, values = np.asarray(reading.values[variant])[()]
            return inner.begin(reading.inside(dict(zip(inner.leaves(), values, strict=True))))

        return Dataset(Node("Variant", structure, begin, tensors=[variant]))

    def __iter__(self) -> Any:
        raise RuntimeError(
            "__iter__() is only supported inside of tf.function or when eager execution is enabled."
            "\n  fix: dataset.make_one_shot_iterator().get_next(), run by a session"
        )

    def __repr__(self) -> str:
        shapes = nested.mapped(lambda spec: str(spec.shape), self._node.structure)
        text = f"shapes: {shapes}, types: {self.output_types!r}".replace("'", "")
        return f"<{self._node.kind}Dataset {text}>"


Transformation = Callable[[Dataset], Dataset]
"""What `Dataset.apply` takes."""
