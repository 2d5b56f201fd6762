"""`kl_divergence`: how far one distribution is from another; a registry of pairs of classes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework.default_graph import control_dependencies, name_scope
from graphmode.ops import array, math
from graphmode.ops.control.checks import Assert

if TYPE_CHECKING:
    from collections.abc import Callable

_DIVERGENCES: dict[tuple[type, type], Callable[..., Any]] = {}


class RegisterKL:
    """Decorates the function that gives ``KL(a || b)`` for two classes of distributions.

    Parameters
    ----------
    dist_cls_a, dist_cls_b : type
        Subclasses of `Distribution`.

    Examples
    --------
    >>> import graphmode as tf
    >>> class Cold(tf.distributions.Normal):
    ...     pass
    >>> @tf.distributions.RegisterKL(Cold, Cold)
    ... def kl_cold_cold(a, b, name=None):
    ...     return a.loc - b.loc
    """

    def __init__(self, dist_cls_a: type, dist_cls_b: type) -> None:
        self._key = (dist_cls_a, dist_cls_b)

    def __call__(self, kl_fn: Callable[..., Any]) -> Callable[..., Any]:
        """Register `kl_fn`.

        Parameters
        ----------
        kl_fn : callable
            ``kl_fn(a, b, name=None)``.

        Returns
        -------
        callable
            `kl_fn`.

        Raises
        ------
        TypeError
            If it is not callable.
        ValueError
            If there is one for these classes.
        """
        if not callable(kl_fn):
            raise TypeError(f"kl_fn must be callable, received: {kl_fn}")
        if self._key in _DIVERGENCES:
            a, b = self._key
            raise ValueError(
                f"KL({a.__name__} || {b.__name__}) has already been registered to: "
                f"{_DIVERGENCES[self._key]}"
            )
        _DIVERGENCES[self._key] = kl_fn
        return kl_fn


def kl_divergence(
    distribution_a: Any, distribution_b: Any, allow_nan_stats: bool = True, name: str | None = None
) -> Any:
    r"""The Kullback-Leibler divergence of two distributions.

    .. math:: KL(a \Vert b) = E_a[\log p_a(x) - \log p_b(x)]

    Parameters
    ----------
    distribution_a, distribution_b : Distribution
        Of classes for which, or for bases of which, `RegisterKL` has a function; the closest
        bases count.
    allow_nan_stats : bool
        Whether a divergence that is not defined is NaN; else it raises when it runs.

    Returns
    -------
    Tensor, of the batch shape of both

    Raises
    ------
    NotImplementedError
        If there is no function for the two classes.
    """
    kl_fn = _registered(type(distribution_a), type(distribution_b))
    if kl_fn is None:
        raise NotImplementedError(
            "No KL(distribution_a || distribution_b) registered for distribution_a "
            f"type {type(distribution_a).__name__} and distribution_b type "
            f"{type(distribution_b).__name__}"
        )
    with name_scope("KullbackLeibler"):
        kl = kl_fn(distribution_a, distribution_b, name=name)
        if allow_nan_stats:
            return kl
        kl = array.identity(kl, name="kl")
        text = (
            f"KL calculation between {distribution_a.name} and {distribution_b.name} returned NaN "
            "values (and was called with allow_nan_stats=False). Values:"
        )
        is_defined = math.logical_not(math.reduce_any(math.is_nan(kl)))
        with control_dependencies([Assert(is_defined, [text, kl])]):
            return array.identity(kl, name="checked_kl")


def cross_entropy(
    ref: Any, other: Any, allow_nan_stats: bool = True, name: str | None = None
) -> Any:
    """The entropy of one distribution and its divergence to another.

    Parameters
    ----------
    ref, other : Distribution
    allow_nan_stats : bool
        As for `kl_divergence`.

    Returns
    -------
    Tensor, of the batch shape of both
    """
    with name_scope(name, "cross_entropy"):
        return ref.entropy() + kl_divergence(ref, other, allow_nan_stats=allow_nan_stats)


def _registered(a: type, b: type) -> Callable[..., Any] | None:
    found = [
        (i + j, _DIVERGENCES[base_a, base_b])
        for i, base_a in enumerate(a.__mro__)
        for j, base_b in enumerate(b.__mro__)
        if (base_a, base_b) in _DIVERGENCES
    ]
    return min(found, key=lambda pair: pair[0])[1] if found else None
