"""Special functions: error function, gamma and beta functions, and what belongs to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import dtypes, shape_rules
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.dtypes import FLOATS
from graphmode.framework.errors import invalid
from graphmode.framework.op import op, overloaded
from graphmode.ops import xp
from graphmode.ops.math.elementwise import abs, exp, over_values
from graphmode.ops.math.reduction import reduce_sum

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor

_WIDE = frozenset((dtypes.float32, dtypes.float64))


def _on_host(name, x, at=None, gives=None):
    """A function of `scipy.special`, in double precision; at `at` TensorFlow has `gives`."""
    from scipy import special

    values = getattr(special, name)(x.astype(np.float64))
    if at is not None:
        values = np.where(x == at, gives, values)
    return np.asarray(values).astype(x.dtype)


def _traced(name, *arguments):
    """A function of `jax.scipy.special`; of half-precision numbers, in single precision."""
    import jax.numpy as jnp
    from jax.scipy import special

    arrays = [jnp.asarray(argument) for argument in arguments]
    dtype = arrays[0].dtype
    if dtype.itemsize == 2:
        arrays = [array.astype(jnp.float32) for array in arrays]
    return getattr(special, name)(*arrays).astype(dtype)


def _unary(op_type):
    return op(op_type, "T -> y: T", shape=shape_rules.unchanged, T=FLOATS)


@_unary("Erf")
def _erf(x):
    return _traced("erf", x) if xp.is_traced(x) else _on_host("erf", x)


@overloaded
def erf(x: Any, name: str | None = None) -> Any:
    r"""The error function of `x`, floating; of a SparseTensor, that of its values.

    .. math:: \frac{2}{\sqrt\pi} \int_0^x e^{-t^2} dt

    Notes
    -----
    TF op Erf.
    """
    return over_values(_erf, x, name)


@_unary("Erfc")
def erfc(x):
    """1 - erf(`x`), of floating `x`, exact for large ones too. TF op Erfc."""
    return _traced("erfc", x) if xp.is_traced(x) else _on_host("erfc", x)


@_unary("Lgamma")
def lgamma(x):
    r"""The logarithm of the size of the gamma function at `x`, floating; inf at 0, -1, ...

    .. math:: \ln |\Gamma(x)|

    Notes
    -----
    TF op Lgamma.
    """
    if xp.is_traced(x):
        return _traced("gammaln", x)
    return _on_host("gammaln", x, at=-np.inf, gives=np.inf)


@_unary("Digamma")
def digamma(x):
    r"""The derivative of `lgamma` at `x`, floating; NaN at 0, -1, ...

    Notes
    -----
    TF op Digamma.
    """
    if xp.is_traced(x):
        return _traced("digamma", x)
    return _on_host("digamma", x, at=0, gives=np.nan)


@_unary("Erfinv")
def _erfinv(x):
    return _traced("erfinv", x) if xp.is_traced(x) else _on_host("erfinv", x)


def erfinv(x: Any, name: str | None = None) -> Tensor:
    """The inverse of `erf` at `x`, floating, in (-1, 1). TF op Erfinv."""
    with name_scope(name, "erfinv", [x]):
        return _erfinv(x)


@_unary("Ndtri")
def _ndtri(x):
    return _traced("ndtri", x) if xp.is_traced(x) else _on_host("ndtri", x)


def ndtri(x: Any, name: str | None = None) -> Tensor:
    """The quantile of the standard normal distribution at `x`, floating, in (0, 1). TF op Ndtri."""
    with name_scope(name, "ndtri", [x]):
        return _ndtri(x)


# ---- Bessel functions ----------------------------------------------------------------------------


@_unary("BesselI0e")
def bessel_i0e(x):
    """exp(-|x|) times the modified Bessel function of order 0 at `x`, floating. TF op BesselI0e."""
    return _traced("i0e", x) if xp.is_traced(x) else _on_host("i0e", x)


@_unary("BesselI1e")
def bessel_i1e(x):
    """exp(-|x|) times the modified Bessel function of order 1 at `x`, floating. TF op BesselI1e."""
    return _traced("i1e", x) if xp.is_traced(x) else _on_host("i1e", x)


def bessel_i0(x: Any, name: str | None = None) -> Tensor:
    """The modified Bessel function of order 0 at `x`, floating. TF op BesselI0e."""
    with name_scope(name, "bessel_i0", [x]):
        return exp(abs(x)) * bessel_i0e(x)


def bessel_i1(x: Any, name: str | None = None) -> Tensor:
    """The modified Bessel function of order 1 at `x`, floating. TF op BesselI1e."""
    with name_scope(name, "bessel_i1", [x]):
        return exp(abs(x)) * bessel_i1e(x)


# SciPy has other values than TensorFlow at the edges of the functions of two numbers that follow:
# they have no NumPy form.


@op("Zeta", "T, T -> z: T", shape=shape_rules.broadcast, numpy=False, T=_WIDE)
def zeta(x, q):
    r"""The Hurwitz zeta function.

    .. math:: \sum_{n=0}^\infty (q + n)^{-x}

    Parameters
    ----------
    x, q : Tensor, float32 or float64, of one dtype
        Their shapes broadcast.

    Returns
    -------
    Tensor
        Of the dtype of both.

    Notes
    -----
    TF op Zeta.
    """
    import jax.numpy as jnp

    x, q = jnp.asarray(x), jnp.asarray(q)
    is_pole = (q <= 0) & (q == jnp.floor(q)) & (x != 1)
    is_even = x == 2 * jnp.floor(x / 2)
    value = jnp.where(is_pole & is_even, jnp.inf, _traced("zeta", x, q))
    value = jnp.where((q == jnp.inf) & (x > 1), 0, value)
    outside = (x < 1) | (is_pole & ~is_even) | jnp.isnan(x) | (jnp.isnan(q) & (x != 1))
    return jnp.where(outside, jnp.nan, value).astype(x.dtype)


@op("Polygamma", "T, T -> z: T", shape=shape_rules.broadcast, numpy=False, T=_WIDE)
def polygamma(a, x):
    """The derivative of order `a` of `digamma`.

    Parameters
    ----------
    a, x : Tensor, float32 or float64, of one dtype
        Their shapes broadcast; `a` holds whole numbers.

    Returns
    -------
    Tensor
        Of the dtype of both.

    Notes
    -----
    TF op Polygamma.
    """
    import jax.numpy as jnp

    order = jnp.asarray(a)
    psi = _traced("digamma", x)
    sign = jnp.where(order % 2 == 0, -1, 1).astype(order.dtype)
    series = sign * jnp.exp(_traced("gammaln", order + 1)) * zeta.op_def.kernel(order + 1, x)
    known = jnp.where((order >= 0) & (order == jnp.floor(order)), series, jnp.nan)
    return jnp.where(order == 0, psi, known).astype(order.dtype)


@op("Igamma", "T, T -> z: T", shape=shape_rules.broadcast, numpy=False, T=FLOATS)
def igamma(a, x):
    r"""The lower regularized incomplete gamma function.

    .. math:: \frac{1}{\Gamma(a)} \int_0^x t^{a-1} e^{-t} dt

    Parameters
    ----------
    a, x : Tensor, floating, of one dtype
        Their shapes broadcast.

    Returns
    -------
    Tensor
        Of the dtype of both.

    Notes
    -----
    TF op Igamma.
    """
    import jax.numpy as jnp

    a, x = jnp.asarray(a), jnp.asarray(x)
    value = jnp.where((a <= 0) | (x < 0), jnp.nan, _traced("gammainc", a, x))
    return jnp.where((x == 0) | ((a == jnp.inf) & (x > 0)), 0, value).astype(x.dtype)


@op("Igammac", "T, T -> z: T", shape=shape_rules.broadcast, numpy=False, T=FLOATS)
def igammac(a, x):
    r"""The upper regularized incomplete gamma function, 1 - igamma(`a`, `x`).

    .. math:: \frac{1}{\Gamma(a)} \int_x^\infty t^{a-1} e^{-t} dt

    Parameters
    ----------
    a, x : Tensor, floating, of one dtype
        Their shapes broadcast.

    Returns
    -------
    Tensor
        Of the dtype of both.

    Notes
    -----
    TF op Igammac.
    """
    import jax.numpy as jnp

    a, x = jnp.asarray(a), jnp.asarray(x)
    value = jnp.where((a == jnp.inf) & (x < jnp.inf), 1, _traced("gammaincc", a, x))
    return jnp.where((a <= 0) | (x < 0), jnp.nan, value).astype(x.dtype)


@op("IgammaGradA", "T, T -> z: T", shape=shape_rules.broadcast, numpy=False, T=_WIDE)
def igamma_grad_a(a, x):
    """The derivative of `igamma` with respect to `a`.

    Parameters
    ----------
    a, x : Tensor, float32 or float64, of one dtype
        Their shapes broadcast.

    Returns
    -------
    Tensor
        Of the dtype of both.

    Notes
    -----
    TF op IgammaGradA.
    """
    import jax

    a, x = jax.numpy.asarray(a), jax.numpy.asarray(x)
    return jax.lax.igamma_grad_a(*jax.numpy.broadcast_arrays(a, x))


def _betainc_shape(op):
    dims = ()
    for tensor in op.inputs:
        if tensor.dims != ():
            dims = shape_rules.merge(tensor.dims, dims) if dims != () else tensor.dims
    return [dims]


@op("Betainc", "T, T, T -> z: T", shape=_betainc_shape, numpy=False, T=_WIDE)
def betainc(a, b, x):
    r"""The regularized incomplete beta function.

    .. math:: \frac{1}{B(a, b)} \int_0^x t^{a-1} (1-t)^{b-1} dt

    Parameters
    ----------
    a, b, x : Tensor, float32 or float64, of one dtype
        Of one shape, or scalars.

    Returns
    -------
    Tensor
        Of the shape and dtype of the three.

    Raises
    ------
    InvalidArgumentError
        If two that are no scalars differ in shape.

    Notes
    -----
    TF op Betainc.
    """
    names = "abx"
    shaped = [(name, v) for name, v in zip(names, (a, b, x), strict=True) if v.ndim]
    for name, value in shaped[1:]:
        first, dims = shaped[0][0], shaped[0][1].shape
        if value.shape != dims:
            raise invalid(
                f"Shapes of {first} and {name} are inconsistent: {shape_rules.dims_text(dims)} vs. "
                f"{shape_rules.dims_text(value.shape)}"
            )
    import jax.numpy as jnp

    a, b, x = jnp.asarray(a), jnp.asarray(b), jnp.asarray(x)
    inside = (x > 0) & (x < 1) & jnp.isfinite(a) & jnp.isfinite(b)
    value = jnp.where(inside, _traced("betainc", a, b, x), jnp.where(x == 0, 0, jnp.nan))
    value = jnp.where(x == 1, 1, value)
    return jnp.where((a <= 0) | (b <= 0), jnp.nan, value).astype(x.dtype)


def lbeta(x: Any, name: str | None = None) -> Tensor:
    r"""The logarithm of the beta function of the last axis of `x`.

    .. math:: \sum_i \ln\Gamma(x_i) - \ln\Gamma\left(\sum_i x_i\right)

    Parameters
    ----------
    x : Tensor, floating
        ``[..., n]``.

    Returns
    -------
    Tensor
        ``[...]``.
    """
    with name_scope(name, "lbeta", [x]):
        x = convert_to_tensor(x, name="x")
        log_product = reduce_sum(lgamma(x), axis=[-1])
        log_whole = lgamma(reduce_sum(x, axis=[-1]))
        return log_product - log_whole
