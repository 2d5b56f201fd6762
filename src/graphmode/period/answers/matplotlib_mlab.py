"""What stood in `matplotlib.mlab`, as matplotlib 2.2 computed it."""

from __future__ import annotations

from typing import Any

import numpy as np


def normpdf(x: Any, mu: float, sigma: float) -> Any:
    """The density of a normal distribution.

    Parameters
    ----------
    x : array-like, real, any shape
    mu, sigma : float

    Returns
    -------
    ndarray, float, as `x`
    """
    x = np.asarray(x)
    return np.exp(-0.5 * ((x - mu) / sigma) ** 2) / (np.sqrt(2 * np.pi) * sigma)


def bivariate_normal(
    X: Any,  # noqa: N803
    Y: Any,  # noqa: N803
    sigmax: float = 1.0,
    sigmay: float = 1.0,
    mux: float = 0.0,
    muy: float = 0.0,
    sigmaxy: float = 0.0,
) -> Any:
    """The density of a normal distribution of two variables.

    Parameters
    ----------
    X, Y : ndarray, real, of one shape
    sigmax, sigmay, mux, muy : float
    sigmaxy : float
        The covariance.

    Returns
    -------
    ndarray, float, as `X`
    """
    x, y = (np.asarray(X) - mux) / sigmax, (np.asarray(Y) - muy) / sigmay
    rho = sigmaxy / (sigmax * sigmay)
    rest = 1 - rho**2
    distance = x**2 + y**2 - 2 * rho * x * y
    return np.exp(-distance / (2 * rest)) / (2 * np.pi * sigmax * sigmay * np.sqrt(rest))


def griddata(x: Any, y: Any, z: Any, xi: Any, yi: Any, interp: str = "nn") -> Any:
    """Interpolate scattered points on a grid, linearly in triangles.

    Parameters
    ----------
    x, y, z : array-like, real, (n,)
    xi, yi : array-like
        Vectors, which span a grid, or two arrays of its shape.
    interp : str
        "linear".

    Returns
    -------
    masked array, float, of the grid's shape; masked outside of the points

    Raises
    ------
    ValueError
        If `interp` is another, "nn" included.
    """
    from matplotlib.tri import LinearTriInterpolator, Triangulation

    if interp != "linear":
        raise ValueError(
            f'griddata: interp={interp!r} needed a package that is gone: use interp="linear"'
        )
    xi, yi = np.asarray(xi), np.asarray(yi)
    if xi.ndim == 1 or xi.shape != yi.shape:
        xi, yi = np.meshgrid(xi.ravel(), yi.ravel())
    return LinearTriInterpolator(Triangulation(x, y), z)(xi, yi)


def find(condition: Any) -> Any:
    """Where `condition` is true, flattened: int (n,)."""
    return np.flatnonzero(condition)


def rms_flat(a: Any) -> float:
    """The root of the mean square of all entries of `a`."""
    return np.sqrt(np.mean(np.abs(a) ** 2))


def movavg(x: Any, n: int) -> Any:
    """The means of each `n` neighbours.

    Parameters
    ----------
    x : array-like, real, (k,)
    n : int

    Returns
    -------
    ndarray, float, (k - n + 1,)
    """
    return np.convolve(x, np.full(n, 1 / n), mode="valid")


def prctile(x: Any, p: Any = (0.0, 25.0, 50.0, 75.0, 100.0)) -> Any:
    """The percentiles `p` of `x`.

    Parameters
    ----------
    x : array-like, real
    p : float or sequence of float
        Within 0..100.

    Returns
    -------
    float or ndarray, as `p`
    """
    return np.percentile(np.ravel(x), p)


def entropy(y: Any, bins: Any) -> float:
    """The differential entropy, in nats, of data by their histogram.

    Parameters
    ----------
    y : array-like, real
    bins : int or sequence
        As of `np.histogram`.

    Returns
    -------
    float
    """
    counts, edges = np.histogram(y, bins)
    shares = counts[counts > 0] / len(y)
    return -np.sum(shares * np.log(shares)) + np.log(edges[1] - edges[0])


def frange(xini: float, xfin: Any = None, delta: Any = None, **kw: Any) -> Any:
    """Numbers from `xini` to `xfin`, the end included, `delta` apart.

    Parameters
    ----------
    xini, xfin, delta : float
        Of one number: from 0 to it.
    **kw
        `npts`: how many; `closed`: whether the end is one of them.

    Returns
    -------
    ndarray, float, (n,)
    """
    if xfin is None:
        xini, xfin = 0.0, xini
    delta = 1.0 if delta is None else delta
    closed = kw.get("closed", True)
    count = kw.get("npts")
    if count is None:
        count = round((xfin - xini) / delta) + bool(closed)
    elif closed:
        delta = (xfin - xini) / (count - 1)
    else:
        delta = (xfin - xini) / count
    return np.arange(count) * delta + xini


def dist(x: Any, y: Any) -> float:
    """How far point `x` is from point `y`.

    Parameters
    ----------
    x, y : array-like, real, (n,)

    Returns
    -------
    float
    """
    return np.sqrt(np.sum(np.subtract(x, y) ** 2))


class PCA:
    """Principal components by singular values.

    Parameters
    ----------
    a : ndarray, real, (rows, columns)
        More rows than columns.
    standardize : bool
        Divide each column by its deviation.

    Attributes
    ----------
    numrows, numcols : int
    mu, sigma : ndarray, float, (columns,)
    a : ndarray, float, (rows, columns)
        Centred.
    s, fracs : ndarray, float, (columns,)
        Squared singular values, and their shares.
    Wt : ndarray, float, (columns, columns)
        The components, by rows.
    Y : ndarray, float, (rows, columns)
        The data in them.

    Raises
    ------
    RuntimeError
        If there are fewer rows than columns.
    """

    def __init__(self, a: Any, standardize: bool = True) -> None:
        a = np.asarray(a)
        self.numrows, self.numcols = a.shape
        if self.numrows < self.numcols:
            raise RuntimeError("we assume data in a is organized with numrows>numcols")
        self.mu, self.sigma, self.standardize = a.mean(axis=0), a.std(axis=0), standardize
        self.a = self.center(a)
        _, values, self.Wt = np.linalg.svd(self.a, full_matrices=False)
        self.Y = self.a @ self.Wt.T
        self.s = values**2
        self.fracs = self.s / self.s.sum()

    def center(self, x: Any) -> Any:
        """Centre `x` (..., columns) as the data were."""
        centred = x - self.mu
        return centred / self.sigma if self.standardize else centred

    def project(self, x: Any, minfrac: float = 0.0) -> Any:
        """Project onto the components that have a share of at least `minfrac`.

        Parameters
        ----------
        x : array-like, real, (..., columns)
        minfrac : float

        Returns
        -------
        ndarray, float, (..., components)
        """
        kept = self.fracs >= minfrac
        return (self.center(np.asarray(x)) @ self.Wt.T)[..., kept]
