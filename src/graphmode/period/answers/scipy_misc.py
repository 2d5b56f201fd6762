"""`scipy.misc` as SciPy 1.0 computed it: pictures through Pillow, numbers as bytes."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
from PIL import Image, ImageFilter

from graphmode.period.rows import say_once

_RESAMPLINGS = {"nearest": 0, "lanczos": 1, "bilinear": 2, "bicubic": 3, "cubic": 3}
_COLOURS = {3: ("RGB", "YCbCr"), 4: ("RGBA", "CMYK")}
_FILTERS = {
    "blur": ImageFilter.BLUR,
    "contour": ImageFilter.CONTOUR,
    "detail": ImageFilter.DETAIL,
    "edge_enhance": ImageFilter.EDGE_ENHANCE,
    "edge_enhance_more": ImageFilter.EDGE_ENHANCE_MORE,
    "emboss": ImageFilter.EMBOSS,
    "find_edges": ImageFilter.FIND_EDGES,
    "smooth": ImageFilter.SMOOTH,
    "smooth_more": ImageFilter.SMOOTH_MORE,
    "sharpen": ImageFilter.SHARPEN,
}
_NO_SUCH_SHAPE = "'arr' does not have a suitable array shape for any mode."


def bytescale(
    data: Any, cmin: float | None = None, cmax: float | None = None, high: int = 255, low: int = 0
) -> Any:
    r"""Map numbers to bytes: `cmin` to `low`, `cmax` to `high`. Bytes stay as they are.

    .. math:: \lfloor \operatorname{clip}((x - c_{min}) \frac{h - l}{c_{max} - c_{min}} + l) + 0.5
              \rfloor

    Parameters
    ----------
    data : ndarray, real, any shape
    cmin, cmax : float
        The least and the largest of `data` if not given.
    high, low : int
        Within 0..255.

    Returns
    -------
    ndarray, uint8, as `data`

    Raises
    ------
    ValueError
        If a limit is out of range or the two of a pair are in the wrong order.
    """
    data = np.asarray(data)
    if data.dtype == np.uint8:
        return data
    if high > 255:
        raise ValueError("`high` should be less than or equal to 255.")
    if low < 0:
        raise ValueError("`low` should be greater than or equal to 0.")
    if high < low:
        raise ValueError("`high` should be greater than or equal to `low`.")
    least = data.min() if cmin is None else cmin
    span = (data.max() if cmax is None else cmax) - least
    if span < 0:
        raise ValueError("`cmax` should be larger than `cmin`.")
    scaled = (data - least) * (float(high - low) / (span or 1)) + low
    return (scaled.clip(low, high) + 0.5).astype(np.uint8)


def toimage(
    arr: Any,
    high: int = 255,
    low: int = 0,
    cmin: float | None = None,
    cmax: float | None = None,
    pal: Any = None,
    mode: str | None = None,
    channel_axis: int | None = None,
) -> Image.Image:
    """Make a Pillow image of an array, its numbers scaled to bytes.

    Parameters
    ----------
    arr : ndarray, real
        (rows, columns), or three axes of which one, the channels, is 3 or 4 long.
    high, low, cmin, cmax
        As of `bytescale`: without `cmin` and `cmax` the picture is stretched to its own range.
    pal : ndarray, uint8, shape (256, 3)
        A palette.
    mode : str
        "L", "P", "1", "I", "F"; of three axes "RGB", "RGBA", "CMYK", "YCbCr".
    channel_axis : int

    Returns
    -------
    PIL.Image.Image

    Raises
    ------
    ValueError
        If the array is complex or its shape is no picture's in that mode.
    """
    data = np.asarray(arr)
    if np.iscomplexobj(data):
        raise ValueError("Cannot convert a complex-valued array.")
    if data.ndim == 2:
        return _gray(data, high, low, cmin, cmax, pal, mode)
    if data.ndim != 3 or not {3, 4} & set(data.shape):
        raise ValueError(_NO_SUCH_SHAPE)
    if channel_axis is None:
        channel_axis = data.shape.index(3 if 3 in data.shape else 4)
    channels = data.shape[channel_axis]
    if channels not in _COLOURS:
        raise ValueError("Channel axis dimension is not valid.")
    if mode is None:
        mode = _COLOURS[channels][0]
    elif mode not in _COLOURS[3] + _COLOURS[4]:
        raise ValueError("Mode is unknown or incompatible with input array shape.")
    elif mode not in _COLOURS[channels]:
        raise ValueError("Invalid array shape for mode.")
    values = np.moveaxis(bytescale(data, cmin, cmax, high, low), channel_axis, 2)
    rows, columns, _ = values.shape
    return Image.frombytes(mode, (columns, rows), np.ascontiguousarray(values).tobytes())


def _gray(
    data: np.ndarray, high: int, low: int, cmin: Any, cmax: Any, pal: Any, mode: str | None
) -> Image.Image:
    size = (data.shape[1], data.shape[0])
    if mode == "F":
        return Image.frombytes("F", size, data.astype(np.float32).tobytes())
    if mode in (None, "L", "P"):
        image = Image.frombytes("L", size, bytescale(data, cmin, cmax, high, low).tobytes())
        if pal is not None:
            image.putpalette(np.asarray(pal, dtype=np.uint8).tobytes())
        elif mode == "P":
            image.putpalette(np.repeat(np.arange(256, dtype=np.uint8), 3).tobytes())
        return image
    if mode == "1":
        return Image.fromarray(data > high).convert("1")
    least = data.min() if cmin is None else cmin
    most = data.max() if cmax is None else cmax
    scaled = (data * 1.0 - least) * (high - low) / (most - least) + low
    if mode == "I":
        return Image.frombytes("I", size, scaled.astype(np.uint32).tobytes())
    raise ValueError(_NO_SUCH_SHAPE)


def fromimage(im: Image.Image, flatten: bool = False, mode: str | None = None) -> Any:
    """The pixels of a Pillow image.

    Parameters
    ----------
    im : PIL.Image.Image
    flatten : bool
        Gray, float32.
    mode : str
        Convert to it first.

    Returns
    -------
    ndarray, (rows, columns) or (rows, columns, channels)

    Raises
    ------
    TypeError
        If `im` is no image.
    """
    if not isinstance(im, Image.Image):
        raise TypeError("Input is not a PIL image.")
    if mode is not None:
        im = im.convert(mode)
    elif im.mode == "P":
        im = im.convert("RGBA" if "transparency" in im.info else "RGB")
    if flatten:
        im = im.convert("F")
    elif im.mode == "1":
        im = im.convert("L")
    return np.array(im)


def imread(name: Any, flatten: bool = False, mode: str | None = None) -> Any:
    """Read a picture: its pixels, as `fromimage` gives them.

    Parameters
    ----------
    name : str or file
    flatten : bool
    mode : str

    Returns
    -------
    ndarray, uint8, or float32 if `flatten`
    """
    with Image.open(name) as image:
        return fromimage(image, flatten, mode)


def imsave(name: Any, arr: Any, format: str | None = None) -> None:
    """Write a picture, stretched to its own range as `toimage` does.

    Parameters
    ----------
    name : str or file
    arr : ndarray, real, (rows, columns), (rows, columns, 3) or (rows, columns, 4)
    format : str
        "png", ... if the name does not say it.
    """
    toimage(arr, channel_axis=2).save(name, format)


def imresize(arr: Any, size: Any, interp: str = "bilinear", mode: str | None = None) -> Any:
    """Resize a picture; bytes, stretched to their range unless they are bytes already.

    Parameters
    ----------
    arr : ndarray, real, (rows, columns) or with 3 or 4 channels
    size : int, float or tuple of int
        Percent, factor, or (rows, columns).
    interp : str
        "nearest", "lanczos", "bilinear", "bicubic" or "cubic".
    mode : str
        As of `toimage`: "F" keeps floats.

    Returns
    -------
    ndarray, uint8 unless `mode` says otherwise

    Raises
    ------
    KeyError
        If there is no such `interp`.
    """
    image = toimage(arr, mode=mode)
    if isinstance(size, int | np.integer):
        new_size = tuple((np.array(image.size) * (size / 100.0)).astype(int).tolist())
    elif isinstance(size, float | np.floating):
        new_size = tuple((np.array(image.size) * size).astype(int).tolist())
    else:
        new_size = (int(size[1]), int(size[0]))
    if interp not in _RESAMPLINGS:
        raise KeyError(interp)
    return fromimage(image.resize(new_size, Image.Resampling(_RESAMPLINGS[interp])))


def imrotate(arr: Any, angle: float, interp: str = "bilinear") -> Any:
    """Rotate a picture about its middle, by degrees against the clock; its size stays.

    Parameters
    ----------
    arr : ndarray, real, (rows, columns) or with 3 or 4 channels
    angle : float
    interp : str
        As of `imresize`; Pillow rotates by nearest, bilinear and bicubic only.

    Returns
    -------
    ndarray, uint8
    """
    return fromimage(toimage(arr).rotate(angle, Image.Resampling(_RESAMPLINGS[interp])))


def imfilter(arr: Any, ftype: str) -> Any:
    """Filter a picture.

    Parameters
    ----------
    arr : ndarray, real, (rows, columns) or with 3 or 4 channels
    ftype : str
        "blur", "contour", "detail", "edge_enhance", "edge_enhance_more", "emboss", "find_edges",
        "smooth", "smooth_more" or "sharpen".

    Returns
    -------
    ndarray, uint8

    Raises
    ------
    ValueError
        If there is no such filter.
    """
    if ftype not in _FILTERS:
        raise ValueError("Unknown filter type.")
    return fromimage(toimage(arr).filter(_FILTERS[ftype]))


def imshow(arr: Any) -> None:
    """Show a picture, gray if it has no channels, by matplotlib.

    Parameters
    ----------
    arr : ndarray, real, (rows, columns) or with 3 or 4 channels
    """
    from matplotlib import pyplot as plt

    plt.imshow(np.asarray(toimage(arr)), cmap="gray")
    plt.axis("off")
    plt.show()


def face(gray: bool = False) -> Any:
    """A photograph of a raccoon; another one, said in a line, where it cannot be had.

    Parameters
    ----------
    gray : bool

    Returns
    -------
    ndarray, uint8, (768, 1024, 3), or (768, 1024) if `gray`
    """
    picture = _picture("face", (1024, 768))
    if not gray:
        return picture
    red, green, blue = (picture[:, :, channel] for channel in range(3))
    return (0.21 * red + 0.71 * green + 0.07 * blue).astype(np.uint8)


def ascent() -> Any:
    """A gray photograph of stairs; another one, said in a line, where it cannot be had.

    Returns
    -------
    ndarray, int64, (512, 512)
    """
    picture = _picture("ascent", (512, 512))
    if picture.ndim == 3:
        picture = np.asarray(Image.fromarray(picture).convert("L"))
    return picture.astype(np.int64)


def _picture(name: str, size: tuple[int, int]) -> np.ndarray:
    """A picture of `scipy.datasets`, else a photograph that comes with an installed package."""
    from scipy import datasets

    try:
        return getattr(datasets, name)()
    except Exception as error:  # whatever pooch meets on a network
        try:
            found, image = _photograph()
        except ImportError:
            raise error from None
        say_once(
            f"scipy.misc.{name}: the picture could not be had ({type(error).__name__}); "
            f"{found} stands for it"
        )
    return np.asarray(image.convert("RGB").resize(size, Image.Resampling.BILINEAR))


def _photograph() -> tuple[str, Image.Image]:
    try:
        from sklearn.datasets import load_sample_image

        return "scikit-learn's china.jpg", Image.fromarray(load_sample_image("china.jpg"))
    except ImportError:
        from matplotlib import cbook

        path = cbook.get_sample_data("grace_hopper.jpg", asfileobj=False)
        return "matplotlib's grace_hopper.jpg", Image.open(str(path))


def central_diff_weights(Np: int, ndiv: int = 1) -> Any:  # noqa: N803
    """Weights of the central difference of `Np` points for derivative `ndiv`, points 1 apart.

    Parameters
    ----------
    Np : int
        Odd, more than `ndiv`.
    ndiv : int

    Returns
    -------
    ndarray, float64, (Np,)

    Raises
    ------
    ValueError
        If there are too few points or they are even in number.
    """
    if Np < ndiv + 1:
        raise ValueError("Number of points must be at least the derivative order + 1.")
    if Np % 2 == 0:
        raise ValueError("The number of points must be odd.")
    # The derivative at 0 of each Lagrange polynomial, in exact fractions.
    points = range(-(Np // 2), Np // 2 + 1)
    weights = []
    for point in points:
        coefficients = [Fraction(1)]
        for other in points:
            if other != point:
                shifted = [Fraction(0), *coefficients]
                scaled = [-other * c for c in (*coefficients, Fraction(0))]
                coefficients = [
                    (a + b) / (point - other) for a, b in zip(shifted, scaled, strict=True)
                ]
        weights.append(float(math.factorial(ndiv) * coefficients[ndiv]))
    return np.array(weights)


def derivative(
    func: Callable[..., Any],
    x0: float,
    dx: float = 1.0,
    n: int = 1,
    args: tuple[Any, ...] = (),
    order: int = 3,
) -> Any:
    """The `n`-th derivative of `func` at `x0` by a central difference of `order` points.

    Parameters
    ----------
    func : callable
    x0, dx : float
        The point, and how far apart the points are.
    n : int
    args : tuple
        What `func` takes after x.
    order : int
        Odd, more than `n`.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If `order` is even or too small.
    """
    if order < n + 1:
        raise ValueError(
            "'order' (the number of points used to compute the derivative), must be at least the "
            "derivative order 'n' + 1."
        )
    if order % 2 == 0:
        raise ValueError(
            "'order' (the number of points used to compute the derivative) must be odd."
        )
    weights = central_diff_weights(order, n)
    half = order // 2
    values = [weights[k] * func(x0 + (k - half) * dx, *args) for k in range(order)]
    return sum(values) / dx**n
