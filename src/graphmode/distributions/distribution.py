"""`Distribution`: what all distributions share, and what a new one defines.

A distribution is a batch of independent ones: `batch_shape` says how many, `event_shape` what one
draw looks like. `sample(n)` has the shape ``[n] + batch_shape + event_shape``, `log_prob` of it
``[n] + batch_shape``. A subclass defines `_sample_n`, `_log_prob` and so on; what it leaves out is
made of what it has (`prob` of `log_prob`, `stddev` of `variance`).
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.distributions import divergence
from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.inference import constant_value
from graphmode.framework.operation import Tensor
from graphmode.framework.shapes import TensorShape
from graphmode.ops import array, math

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence


class ReparameterizationType:
    """Whether draws are a smooth function of the parameters, so that gradients go through them.

    Parameters
    ----------
    rep_type : str
    """

    def __init__(self, rep_type: str) -> None:
        self._rep_type = rep_type

    def __repr__(self) -> str:
        return f"<Reparameterization Type: {self._rep_type}>"


FULLY_REPARAMETERIZED = ReparameterizationType("FULLY_REPARAMETERIZED")
NOT_REPARAMETERIZED = ReparameterizationType("NOT_REPARAMETERIZED")


class Distribution:
    """A batch of distributions; the base of all.

    Parameters
    ----------
    dtype : DType
        Of what is drawn.
    reparameterization_type : ReparameterizationType
    validate_args : bool
        Check parameters and values when they are used, at some cost.
    allow_nan_stats : bool
        Whether a statistic that is not defined is NaN; else it raises when it runs.
    parameters : dict, optional
        What the constructor was given.
    graph_parents : list of Tensor, optional
        The parameters as tensors, of any dtype.

    Raises
    ------
    ValueError
        If a member of `graph_parents` is no tensor.
    """

    def __init__(
        self,
        dtype: Any,
        reparameterization_type: ReparameterizationType,
        validate_args: bool,
        allow_nan_stats: bool,
        parameters: dict[str, Any] | None = None,
        graph_parents: Sequence[Any] | None = None,
        name: str | None = None,
    ) -> None:
        parents = list(graph_parents or ())
        for i, parent in enumerate(parents):
            if not isinstance(parent, Tensor):
                raise ValueError(f"Graph parent item {i} is not a Tensor; {parent}.")
        if not name or name[-1] != "/":
            with name_scope(name or type(self).__name__) as name:
                pass
        self._dtype = dtypes.as_dtype(dtype)
        self._reparameterization_type = reparameterization_type
        self._validate_args = validate_args
        self._allow_nan_stats = allow_nan_stats
        self._take_parameters(parameters or {})
        self._graph_parents = parents
        self._name = name

    def _take_parameters(self, parameters: dict[str, Any]) -> None:
        """Keep what a constructor was given: its `locals()`."""
        own = ("self", "__class__")
        self._parameters = {name: v for name, v in parameters.items() if name not in own}

    # ---- what it is ------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """The name scope of its operations, ending with '/'."""
        return self._name

    @property
    def dtype(self) -> dtypes.DType:
        """The dtype of what is drawn."""
        return self._dtype

    @property
    def parameters(self) -> dict[str, Any]:
        """What the constructor was given, by name."""
        return dict(self._parameters)

    @property
    def reparameterization_type(self) -> ReparameterizationType:
        """Whether gradients go through `sample`."""
        return self._reparameterization_type

    @property
    def allow_nan_stats(self) -> bool:
        """Whether a statistic that is not defined is NaN; else it raises."""
        return self._allow_nan_stats

    @property
    def validate_args(self) -> bool:
        """Whether parameters and values are checked."""
        return self._validate_args

    def copy(self, **override_parameters_kwargs: Any) -> Any:
        """The same distribution with other parameters.

        Parameters
        ----------
        **override_parameters_kwargs
            What the constructor is given in place of what it was given before.

        Returns
        -------
        Distribution
        """
        return type(self)(**{**self._parameters, **override_parameters_kwargs})

    def __str__(self) -> str:
        shapes = ""
        if self.batch_shape.ndims is not None:
            shapes += f", batch_shape={self.batch_shape}"
        if self.event_shape.ndims is not None:
            shapes += f", event_shape={self.event_shape}"
        kind = type(self).__name__
        return f'tfp.distributions.{kind}("{self.name}"{shapes}, dtype={self.dtype.name})'

    def __repr__(self) -> str:
        return (
            f"<tfp.distributions.{type(self).__name__} '{self.name}' "
            f"batch_shape={self.batch_shape} event_shape={self.event_shape} "
            f"dtype={self.dtype.name}>"
        )

    # ---- shapes ----------------------------------------------------------------------------------

    @property
    def batch_shape(self) -> TensorShape:
        """How many distributions it is, as far as that is known."""
        return self._batch_shape()

    @property
    def event_shape(self) -> TensorShape:
        """The shape of one draw from one of them, as far as that is known."""
        return self._event_shape()

    def batch_shape_tensor(self, name: str = "batch_shape_tensor") -> Tensor:
        """How many distributions it is: an int32 vector."""
        with self._name_scope(name):
            if self.batch_shape.is_fully_defined():
                return convert_to_tensor(self.batch_shape.as_list(), dtypes.int32)
            return self._batch_shape_tensor()

    def event_shape_tensor(self, name: str = "event_shape_tensor") -> Tensor:
        """The shape of one draw from one of them: an int32 vector."""
        with self._name_scope(name):
            if self.event_shape.is_fully_defined():
                return convert_to_tensor(self.event_shape.as_list(), dtypes.int32)
            return self._event_shape_tensor()

    def is_scalar_event(self, name: str = "is_scalar_event") -> Any:
        """Whether one draw is a scalar: a bool, as a tensor where it is not known."""
        with self._name_scope(name):
            return _is_scalar(self.event_shape, self.event_shape_tensor)

    def is_scalar_batch(self, name: str = "is_scalar_batch") -> Any:
        """Whether it is a single distribution: a bool, as a tensor where it is not known."""
        with self._name_scope(name):
            return _is_scalar(self.batch_shape, self.batch_shape_tensor)

    def _batch_shape(self) -> TensorShape:
        return TensorShape(None)

    def _event_shape(self) -> TensorShape:
        return TensorShape(None)

    def _batch_shape_tensor(self) -> Tensor:
        raise self._missing("batch_shape")

    def _event_shape_tensor(self) -> Tensor:
        raise self._missing("event_shape")

    # ---- draws -----------------------------------------------------------------------------------

    def sample(self, sample_shape: Any = (), seed: int | None = None, name: str = "sample") -> Any:
        """Draw.

        Parameters
        ----------
        sample_shape : Tensor or sequence of int, int32 scalar or vector
            How often; one draw without it.
        seed : int, optional

        Returns
        -------
        Tensor, of `dtype`, shape `sample_shape` + `batch_shape` + `event_shape`

        Raises
        ------
        ValueError
            If `sample_shape` has more than one axis.
        """
        return self._call_sample_n(sample_shape, seed, name)

    def _call_sample_n(self, sample_shape: Any, seed: Any, name: str, **kwargs: Any) -> Any:
        with self._name_scope(name):
            wanted = convert_to_tensor(sample_shape, dtypes.int32, name="sample_shape")
            if wanted.shape.ndims not in (None, 0, 1):
                raise ValueError("Input is neither scalar nor vector.")
            if wanted.shape.ndims != 1:
                wanted = array.reshape(wanted, [-1])
            known = constant_value(wanted)
            n = math.reduce_prod(wanted) if known is None else np.prod(known, dtype=np.int32)
            draws = self._sample_n(n, seed, **kwargs)
            shape = array.concat([wanted, array.shape(draws)[1:]], 0)
            draws = array.reshape(draws, shape)
            draws.set_shape(self._shape_of_draws(wanted, known))
            return draws

    def _shape_of_draws(self, wanted: Any, known: Any) -> TensorShape:
        rank = wanted.shape.num_elements()
        if known is None and rank is None:
            return TensorShape(None)
        first = TensorShape([None] * rank if known is None else [int(n) for n in known])
        return first.concatenate(self.batch_shape).concatenate(self.event_shape)

    def _sample_n(self, n: Any, seed: Any = None) -> Any:
        raise self._missing("sample_n")

    # ---- functions of a value --------------------------------------------------------------------

    def log_prob(self, value: Any, name: str = "log_prob") -> Any:
        """The logarithm of the density, or of the probability, at `value`, of `dtype`."""
        return self._of_value(value, name, self._log_prob, (self._prob, math.log))

    def prob(self, value: Any, name: str = "prob") -> Any:
        """The density, or the probability, at `value`, of `dtype`."""
        return self._of_value(value, name, self._prob, (self._log_prob, math.exp))

    def cdf(self, value: Any, name: str = "cdf") -> Any:
        """The probability of a draw of at most `value`, of `dtype`."""
        return self._of_value(value, name, self._cdf, (self._log_cdf, math.exp))

    def log_cdf(self, value: Any, name: str = "log_cdf") -> Any:
        """The logarithm of `cdf` at `value`, of `dtype`."""
        return self._of_value(value, name, self._log_cdf, (self._cdf, math.log))

    def survival_function(self, value: Any, name: str = "survival_function") -> Any:
        """The probability of a draw of more than `value`, of `dtype`."""
        return self._of_value(value, name, self._survival_function, (self.cdf, _complement))

    def log_survival_function(self, value: Any, name: str = "log_survival_function") -> Any:
        """The logarithm of `survival_function` at `value`, of `dtype`."""
        fallback = (self.cdf, lambda p: math.log1p(-p))
        return self._of_value(value, name, self._log_survival_function, fallback)

    def quantile(self, value: Any, name: str = "quantile") -> Any:
        """What `cdf` takes to the probability `value`, of `dtype`."""
        return self._of_value(value, name, self._quantile, None)

    def _of_value(
        self,
        value: Any,
        name: str,
        function: Callable[[Any], Any],
        fallback: tuple[Callable[[Any], Any], Callable[[Any], Any]] | None,
    ) -> Any:
        with self._name_scope(name):
            value = convert_to_tensor(value, name="value", preferred_dtype=self.dtype)
            return _either(lambda: function(value), fallback and (lambda: fallback[0](value)),
                           fallback and fallback[1])  # fmt: skip

    def _log_prob(self, value: Any) -> Any:
        raise self._missing("log_prob")

    def _prob(self, value: Any) -> Any:
        raise self._missing("prob")

    def _cdf(self, value: Any) -> Any:
        raise self._missing("cdf")

    def _log_cdf(self, value: Any) -> Any:
        raise self._missing("log_cdf")

    def _survival_function(self, value: Any) -> Any:
        raise self._missing("survival_function")

    def _log_survival_function(self, value: Any) -> Any:
        raise self._missing("log_survival_function")

    def _quantile(self, value: Any) -> Any:
        raise self._missing("quantile")

    # ---- statistics ------------------------------------------------------------------------------

    def entropy(self, name: str = "entropy") -> Any:
        """The entropy in nats: a tensor of `batch_shape`."""
        with self._name_scope(name):
            return self._entropy()

    def mean(self, name: str = "mean") -> Any:
        """The mean: a tensor of shape `batch_shape` + `event_shape`."""
        with self._name_scope(name):
            return self._mean()

    def mode(self, name: str = "mode") -> Any:
        """What is likeliest: a tensor of shape `batch_shape` + `event_shape`."""
        with self._name_scope(name):
            return self._mode()

    def variance(self, name: str = "variance") -> Any:
        """The variance: a tensor of shape `batch_shape` + `event_shape`."""
        with self._name_scope(name):
            return _either(self._variance, self._stddev, math.square)

    def stddev(self, name: str = "stddev") -> Any:
        """The standard deviation: a tensor of shape `batch_shape` + `event_shape`."""
        with self._name_scope(name):
            return _either(self._stddev, self._variance, math.sqrt)

    def covariance(self, name: str = "covariance") -> Any:
        """The covariances of the elements of a draw: of shape `batch_shape` + [k, k]."""
        with self._name_scope(name):
            return self._covariance()

    def cross_entropy(self, other: Any, name: str = "cross_entropy") -> Any:
        """The mean of ``-other.log_prob(x)`` for draws x; `other` is a distribution like this."""
        with self._name_scope(name):
            return divergence.cross_entropy(self, other, allow_nan_stats=self.allow_nan_stats)

    def kl_divergence(self, other: Any, name: str = "kl_divergence") -> Any:
        """`tf.distributions.kl_divergence` from this distribution to `other`."""
        with self._name_scope(name):
            return divergence.kl_divergence(self, other, allow_nan_stats=self.allow_nan_stats)

    def _entropy(self) -> Any:
        raise self._missing("entropy")

    def _mean(self) -> Any:
        raise self._missing("mean")

    def _mode(self) -> Any:
        raise self._missing("mode")

    def _variance(self) -> Any:
        raise self._missing("variance")

    def _stddev(self) -> Any:
        raise self._missing("stddev")

    def _covariance(self) -> Any:
        raise self._missing("covariance")

    # ----------------------------------------------------------------------------------------------

    def _missing(self, what: str) -> NotImplementedError:
        return NotImplementedError(f"{what} is not implemented: {type(self).__name__}")

    @contextlib.contextmanager
    def _name_scope(self, name: str) -> Generator[str, None, None]:
        with name_scope(self.name), name_scope(name, values=self._graph_parents) as scope:
            yield scope


def _either(
    function: Callable[[], Any],
    other: Callable[[], Any] | None,
    of_other: Callable[[Any], Any] | None,
) -> Any:
    """What `function` gives, or `of_other` of what `other` gives if a subclass has only that."""
    try:
        return function()
    except NotImplementedError as missing:
        if other is None or of_other is None:
            raise
        try:
            return of_other(other())
        except NotImplementedError:
            raise missing from None


def _complement(p: Any) -> Any:
    return 1.0 - p


def _is_scalar(shape: TensorShape, tensor: Callable[[], Any]) -> Any:
    if shape.ndims is not None:
        return convert_to_tensor(shape.ndims == 0)
    return math.equal(array.shape(tensor())[0], 0)
