"""`Optional`: an element that may not be there, as the next one at the end of a data set."""

# pyright: reportPrivateUsage=false

from __future__ import annotations

from typing import Any

from graphmode.data import structure as nested
from graphmode.data.function import returned_parts
from graphmode.data.iterator import Iterator
from graphmode.data.structure import Spec
from graphmode.framework import dtypes
from graphmode.framework.operation import Tensor
from graphmode.ops.control import optionals as ops


def _attrs(structure: Any) -> dict[str, Any]:
    specs = nested.flatten(structure)
    return {
        "output_types": [dtype for spec in specs for dtype in spec.dtypes],
        "output_shapes": [shape for spec in specs for shape in spec.shapes],
    }


class Optional:
    """An element, or none.

    Made by `from_value`, `none_from_structure` and `get_next_as_optional`.

    Parameters
    ----------
    variant : Tensor, variant scalar
    structure : structure of Spec
        Of the element.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default(), tf.Session() as sess:
    ...     iterator = tf.data.Dataset.range(1).make_one_shot_iterator()
    ...     there = tf.data.experimental.get_next_as_optional(iterator).has_value()
    ...     print(sess.run(there), sess.run(there))
    True False
    """

    def __init__(self, variant: Tensor, structure: Any) -> None:
        self._variant_tensor, self._structure = variant, structure

    @staticmethod
    def from_value(value: Any) -> Optional:
        """Make one that has a value.

        Parameters
        ----------
        value : structure of what converts to tensors

        Returns
        -------
        Optional
        """
        structure, tensors = returned_parts(value)
        return Optional(ops.optional_from_value(tensors), structure)

    @staticmethod
    def none_from_structure(value_structure: Any) -> Optional:
        """Make one that has none.

        Parameters
        ----------
        value_structure : structure of TensorSpec
            What a value would be, as `value_structure` and `get_structure` say it.

        Returns
        -------
        Optional
        """
        return Optional(ops.optional_none(), value_structure)

    def has_value(self, name: str | None = None) -> Tensor:
        """Whether it has a value.

        Returns
        -------
        Tensor, bool scalar
        """
        return ops.optional_has_value(self._variant_tensor, name=name)

    def get_value(self, name: str | None = None) -> Any:
        """The value; InvalidArgumentError when it runs, if there is none.

        Returns
        -------
        structure of Tensor and SparseTensor
        """
        made: Any = ops.optional_get_value(
            self._variant_tensor, name=name, **_attrs(self._structure)
        )
        flat = [made] if isinstance(made, Tensor) else list(made)
        specs = nested.flatten(self._structure)
        return nested.pack(self._structure, iter(nested.values_of(specs, flat)))

    @property
    def value_structure(self) -> Any:
        """What its value is."""
        return self._structure

    def _as_part(self) -> tuple[Spec, Tensor]:
        """What an element has of it that a function returns."""
        structure = self._structure
        spec = Spec(dtypes.variant, [], opened=lambda tensor: Optional(tensor, structure))
        return spec, self._variant_tensor


def get_next_as_optional(iterator: Iterator) -> Optional:
    """The next element of an iterator, or none at the end: no OutOfRangeError.

    Parameters
    ----------
    iterator : Iterator

    Returns
    -------
    Optional
        Each run that needs it takes one element.
    """
    structure = iterator.element_spec
    handle = iterator._handle
    variant = ops.iterator_get_next_as_optional(handle, **_attrs(structure))
    return Optional(variant, structure)
