"""What SciPy no longer knows."""

from __future__ import annotations

import types
from typing import Any

from graphmode.period.rows import Row

TITLE = "SciPy"
SOURCE = (
    "SciPy's release notes 1.0 and 1.2 (pictures of scipy.misc), 1.3 (special functions), 1.10 "
    "(face, ascent), 1.12 (scipy.misc, NumPy's names), 1.13 and 1.14 (windows, integrals)"
)

_MISC = "graphmode.period.answers.scipy_misc"
_HERE = __name__

_WINDOWS = (
    "barthann bartlett blackman blackmanharris bohman boxcar chebwin cosine exponential "
    "flattop gaussian general_gaussian hamming hann kaiser nuttall parzen triang tukey"
)


def _row(module: str, name: str, now: str, gone: str, value: str) -> Row:
    return Row(module, name, f"`{now}`", gone, value)


def _misc(name: str, now: str, gone: str = "SciPy 1.2") -> Row:
    return _row("scipy.misc", name, now, gone, f"{_MISC}:{name}")


ROWS = [
    Row("scipy.misc", "", "a module for each name", "SciPy 2.0", "scipy"),
    _misc("imread", "imageio.imread, PIL.Image.open"),
    _misc("imsave", "PIL.Image.fromarray(bytes).save(path)"),
    _misc("imresize", "PIL.Image.fromarray(bytes).resize((columns, rows))"),
    _misc("imrotate", "PIL.Image.fromarray(bytes).rotate(degrees)"),
    _misc("imfilter", "PIL.Image.fromarray(bytes).filter(...)"),
    _misc("imshow", "matplotlib.pyplot.imshow"),
    _misc("toimage", "PIL.Image.fromarray(bytes)"),
    _misc("fromimage", "numpy.asarray(image)"),
    _misc("bytescale", "skimage.exposure.rescale_intensity"),
    _misc("face", "scipy.datasets.face", "SciPy 1.12"),
    _misc("ascent", "scipy.datasets.ascent", "SciPy 1.12"),
    Row(
        "scipy.misc",
        "lena",
        "`scipy.datasets.face`",
        "SciPy 0.17",
        refused="the picture's licence did not allow it; use scipy.misc.face()",
    ),
    _row(
        "scipy.misc",
        "electrocardiogram",
        "scipy.datasets.electrocardiogram",
        "SciPy 1.12",
        "scipy.datasets:electrocardiogram",
    ),
    *(
        _row("scipy.misc", name, f"scipy.special.{name}", "SciPy 1.3", f"scipy.special:{name}")
        for name in ("logsumexp", "comb", "factorial", "factorial2", "factorialk")
    ),
    _row("scipy.misc", "pade", "scipy.interpolate.pade", "SciPy 1.3", "scipy.interpolate:pade"),
    _misc("derivative", "scipy.differentiate.derivative", "SciPy 1.12"),
    _misc("central_diff_weights", "findiff, or by hand", "SciPy 1.12"),
    _row("scipy.ndimage", "imread", "imageio.imread", "SciPy 1.2", f"{_MISC}:imread"),
    Row("scipy.misc.pilutil", "", "PIL", "SciPy 1.2", _MISC),
    Row(
        "scipy.sparse.linalg.eigen.arpack",
        "",
        "`scipy.sparse.linalg`",
        "SciPy 1.8",
        "scipy.sparse.linalg",
    ),
    Row(
        "scipy.sparse.linalg.eigen.arpack.arpack",
        "",
        "`scipy.sparse.linalg`",
        "SciPy 1.8",
        "scipy.sparse.linalg",
    ),
    Row(
        "scipy",
        "array",
        "`numpy.array`",
        "SciPy 1.12",
        example="scipy.array, scipy.zeros, scipy.rand, scipy.pi and NumPy's other names",
    ),
    Row("scipy.random", "", "`numpy.random`", "SciPy 1.12", "numpy.random"),
    _row(
        "scipy.integrate",
        "trapz",
        "scipy.integrate.trapezoid",
        "SciPy 1.14",
        "scipy.integrate:trapezoid",
    ),
    _row("scipy.integrate", "simps", "scipy.integrate.simpson", "SciPy 1.14", f"{_HERE}:simps"),
    _row(
        "scipy.integrate",
        "cumtrapz",
        "scipy.integrate.cumulative_trapezoid",
        "SciPy 1.14",
        "scipy.integrate:cumulative_trapezoid",
    ),
    *(
        _row(
            "scipy.signal",
            name,
            f"scipy.signal.windows.{name}",
            "SciPy 1.13",
            f"scipy.signal.windows:{name}",
        )
        for name in _WINDOWS.split()
    ),
    _row(
        "scipy.signal",
        "hanning",
        "scipy.signal.windows.hann",
        "SciPy 1.1",
        "scipy.signal.windows:hann",
    ),
    *(
        _row("scipy.linalg", name, f"numpy.{name}", "SciPy 1.13", f"numpy:{name}")
        for name in ("tril", "triu", "kron")
    ),
    _row("scipy.linalg", "pinv2", "scipy.linalg.pinv", "SciPy 1.9", "scipy.linalg:pinv"),
    *(
        _row("scipy.stats", name, f"numpy.{name}", "SciPy 1.0", f"numpy:{name}")
        for name in ("nanmean", "nanstd", "nanmedian")
    ),
    _row(
        "scipy.stats",
        "itemfreq",
        "numpy.unique(a, return_counts=True)",
        "SciPy 1.4",
        f"{_HERE}:itemfreq",
    ),
    _row(
        "scipy.stats",
        "binom_test",
        "scipy.stats.binomtest(k, n, p).pvalue",
        "SciPy 1.12",
        f"{_HERE}:binom_test",
    ),
    _row("scipy.stats", "chisqprob", "scipy.stats.chi2.sf", "SciPy 1.0", f"{_HERE}:chisqprob"),
]

NOT_ANSWERED = [
    "`scipy.interpolate.interp2d` (gone since SciPy 1.14) has no equal: use "
    "`RectBivariateSpline` or `scipy.interpolate.griddata`.",
    "`scipy.weave` compiled C inside of Python: use Numba or Cython.",
]


def simps(y: Any, x: Any = None, dx: float = 1.0, axis: int = -1, even: str = "avg") -> Any:
    """Simpson's rule over samples `y`, at `x` or `dx` apart.

    Of an even number of samples one interval is a trapezoid: the last (`even` "first": Simpson's
    rule begins at the first sample), the first ("last"), or the mean of both ways ("avg").
    """
    import numpy as np
    from scipy.integrate import simpson, trapezoid

    y = np.moveaxis(np.asarray(y), axis, -1)
    x = None if x is None else np.asarray(x)
    if x is not None and x.ndim > 1:
        x = np.moveaxis(x, axis, -1)
    if y.shape[-1] % 2:
        return simpson(y, x=x, dx=dx)

    def over(rule: Any, part: slice) -> Any:
        return rule(y[..., part], x=None if x is None else x[..., part], dx=dx)

    first = over(simpson, slice(None, -1)) + over(trapezoid, slice(-2, None))
    last = over(simpson, slice(1, None)) + over(trapezoid, slice(None, 2))
    return {"avg": (first + last) / 2, "first": first, "last": last}[even]


def itemfreq(a: Any) -> Any:
    """The values of `a` and how often each occurs, as two columns."""
    import numpy as np

    return np.array(np.unique(a, return_counts=True)).T


def binom_test(x: Any, n: Any = None, p: float = 0.5, alternative: str = "two-sided") -> float:
    """How likely `x` successes of `n`, or something rarer, are."""
    from scipy.stats import binomtest

    if n is None:
        x, n = x[0], x[0] + x[1]
    return float(binomtest(x, n, p, alternative).pvalue)


def chisqprob(chisq: Any, df: Any) -> Any:
    """The probability that a chi-square variable of `df` degrees exceeds `chisq`."""
    from scipy.stats import chi2

    return chi2.sf(chisq, df)


def _change(scipy: types.ModuleType) -> None:
    """Answer for the names of NumPy that stood in SciPy's namespace."""
    previous = vars(scipy).get("__getattr__")

    def __getattr__(name: str) -> Any:  # noqa: N807
        import numpy as np

        if previous is not None:
            try:
                return previous(name)
            except AttributeError:
                pass
        if name[:1] != "_" and name in {*dir(np), "rand", "randn", "rank"}:
            return getattr(np.random if name in ("rand", "randn") else np, name)
        raise AttributeError(f"module 'scipy' has no attribute {name!r}", name=name, obj=scipy)

    vars(scipy)["__getattr__"] = __getattr__


CHANGES = {"scipy": _change}
