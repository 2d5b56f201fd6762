"""`tf.data.experimental.TFRecordWriter`: writes the elements of a data set to a file."""

# pyright: reportPrivateUsage=false

from __future__ import annotations

import os
from typing import Any

import numpy as np

from graphmode.data import results
from graphmode.data import structure as nested
from graphmode.data.dataset import Dataset
from graphmode.data.node import Reading
from graphmode.files.records import TFRecordWriter as RecordFile
from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.operation import Operation


class TFRecordWriter:
    """Writes data sets of strings as TFRecord files.

    Parameters
    ----------
    filename : str or Tensor, string scalar
        What lies there is replaced.
    compression_type : {"", "GZIP", "ZLIB"}, optional
    """

    def __init__(self, filename: Any, compression_type: Any = None) -> None:
        self._filename = convert_to_tensor(filename, dtypes.string, name="filename")
        self._compression = convert_to_tensor(
            compression_type or "", dtypes.string, name="compression_type"
        )

    def write(self, dataset: Dataset) -> Operation:
        """Make the operation that writes all elements.

        Parameters
        ----------
        dataset : Dataset
            Of string scalars.

        Returns
        -------
        Operation

        Raises
        ------
        TypeError
            If it is none.
        """
        if not isinstance(dataset, Dataset):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError("`dataset` must be a `tf.data.Dataset` object.")
        node = dataset._node
        specs = nested.flatten(node.structure)
        if len(specs) != 1 or specs[0].dtype is not dtypes.string or specs[0].shape.ndims != 0:
            raise TypeError(
                "`dataset` must produce scalar `DT_STRING` tensors whereas it produces shape "
                f"{dataset.output_shapes} and types {dataset.output_types}"
            )

        def write(reading: Reading) -> None:
            path, compression = (
                os.fsdecode(reading.values[tensor][()])
                for tensor in (self._filename, self._compression)
            )
            take = node.begin(reading)
            with RecordFile(path, compression) as file:
                while True:
                    try:
                        (record,) = take()
                    except StopIteration:
                        return
                    text: Any = np.asarray(record, object)[()]
                    file.write(text)

        return results.acting_on(
            node, write, "DatasetToTFRecord", [self._filename, self._compression]
        )
