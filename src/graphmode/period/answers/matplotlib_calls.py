"""Calls of matplotlib in the form that they had."""

from __future__ import annotations

import functools
import numbers
import os
import sys
from typing import Any

import numpy as np

from graphmode.period.rows import say_once

# Methods of Axes: what their parameters were called.
_RENAMED = {
    "bar": {"left": "x"},
    "barh": {"bottom": "y"},
    "grid": {"b": "visible"},
    "annotate": {"s": "text"},
    "boxplot": {"labels": "tick_labels"},
}
_WITHOUT_EFFECT = ("hold", "use_line_collection")
_PLOTS = (
    "plot scatter bar barh hist hist2d errorbar fill_between step semilogx semilogy loglog "
    "stem boxplot contour contourf imshow pcolor pcolormesh quiver pie grid annotate"
)
# Those that take columns as columns; the others take rows of numbers.
_OF_TABLES = {"plot", "semilogx", "semilogy", "loglog", "contour", "contourf", "imshow", "pcolor"}
_OF_TABLES |= {"pcolormesh", "quiver", "boxplot", "hist"}
_SWITCHES = {"on": True, "off": False}
_IGNORED_SETTINGS = {
    "text.latex.unicode",
    "text.latex.preview",
    "text.dvipnghack",
    "savefig.frameon",
    "savefig.jpeg_quality",
    "axes.hold",
    "mathtext.fallback_to_cm",
    "examples.directory",
    "figure.autolayout.pad",
}
_WINDOWS = ("tk", "qt", "gtk", "wx", "macosx")


def _is_library(depth: int) -> bool:
    return "-packages/" in sys._getframe(depth + 1).f_code.co_filename


def _plain(value: Any, as_table: bool) -> Any:
    if isinstance(value, np.matrix):
        return np.asarray(value) if as_table else np.asarray(value).ravel()
    return value


def _in_old_form(function: Any, name: str) -> Any:
    """A plotting function that takes old names, `normed`, `hold`, and columns of np.matrix."""
    renamed, as_table = _RENAMED.get(name, {}), name in _OF_TABLES

    @functools.wraps(function)
    def called(*args: Any, **kwargs: Any) -> Any:
        for old, new in renamed.items():
            if old in kwargs and not (new == "y" and "y" in kwargs):
                kwargs[new] = kwargs.pop(old)
        for word in _WITHOUT_EFFECT:
            kwargs.pop(word, None)
        if "normed" in kwargs:
            kwargs["density"] = bool(kwargs.pop("normed")) or kwargs.get("density", False)
        if name == "grid":
            args = tuple(_SWITCHES.get(a, a) if isinstance(a, str) else a for a in args)
            if kwargs.get("visible") in ("on", "off"):
                kwargs["visible"] = _SWITCHES[kwargs["visible"]]
        args = tuple(_plain(value, as_table) for value in args)
        kwargs = {key: _plain(value, as_table) for key, value in kwargs.items()}
        return function(*args, **kwargs)

    return called


def hold(b: Any = None) -> None:
    """Keep what is drawn; that is so always.

    Parameters
    ----------
    b : bool or None
    """
    if b is not None and not b:
        say_once("matplotlib: hold(False) has no effect: call plt.cla() before a plot that clears")


def ishold() -> bool:
    """Whether plots are added to what is drawn: always."""
    return True


def plot_date(
    x: Any, y: Any, fmt: str = "o", tz: Any = None, xdate: bool = True, **kwargs: Any
) -> Any:
    """Plot against dates.

    Parameters
    ----------
    x, y : array-like, (n,)
    fmt : str
    tz : timezone
    xdate : bool
    **kwargs
        As of `plot`.

    Returns
    -------
    list of Line2D
    """
    from matplotlib import pyplot as plt

    axes = plt.gca()
    if xdate:
        axes.xaxis_date(tz)
    return axes.plot(x, y, fmt, **kwargs)


def get_cmap(name: Any = None, lut: int | None = None) -> Any:
    """A colour map by name, with `lut` colours if given.

    Parameters
    ----------
    name : str, Colormap or None
    lut : int

    Returns
    -------
    Colormap
    """
    import matplotlib

    if name is None:
        name = matplotlib.rcParams["image.cmap"]
    found = matplotlib.colormaps[name] if isinstance(name, str) else name
    return found if lut is None else found.resampled(lut)


def register_cmap(name: Any = None, cmap: Any = None, **_kwargs: Any) -> None:
    """Register a colour map.

    Parameters
    ----------
    name : str
    cmap : Colormap
    """
    import matplotlib

    matplotlib.colormaps.register(cmap, name=name, force=True)


def is_string_like(obj: Any) -> bool:
    """Whether `obj` is text."""
    return isinstance(obj, str)


def is_numlike(obj: Any) -> bool:
    """Whether `obj` is a number."""
    return isinstance(obj, numbers.Number | np.number)


# ---- what is changed after an import -------------------------------------------------------------


def change_package(matplotlib: Any) -> None:
    """`use`, settings that are gone, colour maps by their old names.

    Parameters
    ----------
    matplotlib : module
    """
    matplotlib.use = _use(matplotlib.use)
    settings = matplotlib.RcParams
    settings.__setitem__ = _sets(settings.__setitem__)
    for old, new in {"spectral": "nipy_spectral", "Vega10": "tab10", "Vega20": "tab20"}.items():
        for end in ("", "_r"):
            if old + end not in matplotlib.colormaps:
                found = matplotlib.colormaps[new + end]
                matplotlib.colormaps.register(found, name=old + end)


def _use(use: Any) -> Any:
    @functools.wraps(use)
    def used(backend: str, warn: Any = None, force: bool = True) -> None:
        if os.environ.get("MPLBACKEND", "").startswith("module://graphmode."):
            return  # figures are collected
        has_display = any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))
        if sys.platform == "linux" and not has_display and backend.lower().startswith(_WINDOWS):
            say_once(f"matplotlib.use({backend!r}): there is no display; no window is shown")
            return
        use({"qt4agg": "QtAgg", "qt5agg": "QtAgg"}.get(backend.lower(), backend), force=force)

    return used


def _sets(setitem: Any) -> Any:
    @functools.wraps(setitem)
    def __setitem__(self: Any, key: str, value: Any) -> None:  # noqa: N807
        if key in _IGNORED_SETTINGS:
            return
        if key == "axes.color_cycle":
            from cycler import cycler

            colours = [c.strip() for c in value.split(",")] if isinstance(value, str) else value
            key, value = "axes.prop_cycle", cycler(color=colours)
        setitem(self, key, value)

    return __setitem__


def change_styles(style: Any) -> None:
    """The seaborn styles under the names that they had.

    Parameters
    ----------
    style : module
    """
    library = style.library
    for name in [name for name in library if name.startswith("seaborn-v0_8")]:
        library.setdefault(name.replace("-v0_8", ""), library[name])


def change_axes(axes: Any) -> None:
    """The methods of Axes.

    Parameters
    ----------
    axes : module
    """
    cls = axes.Axes
    for name in _PLOTS.split():
        setattr(cls, name, _in_old_form(getattr(cls, name), name))
    cls.tick_params = _switches(cls.tick_params)
    given = {
        "set_axis_bgcolor": lambda self, color: self.set_facecolor(color),
        "get_axis_bgcolor": lambda self: self.get_facecolor(),
        "set_color_cycle": lambda self, clist: self.set_prop_cycle(color=list(clist)),
        "hold": lambda self, b=None: hold(b),
        "ishold": lambda self: True,
    }
    for name, method in given.items():
        if not hasattr(cls, name):
            setattr(cls, name, method)


def _switches(tick_params: Any) -> Any:
    @functools.wraps(tick_params)
    def called(self: Any, axis: str = "both", **kwargs: Any) -> None:
        kwargs = {
            key: _SWITCHES.get(value, value) if isinstance(value, str) else value
            for key, value in kwargs.items()
        }
        tick_params(self, axis, **kwargs)

    return called


def change_figure(figure: Any) -> None:
    """How axes are made, and pictures saved.

    Parameters
    ----------
    figure : module
    """
    cls = figure.Figure
    for name in ("add_subplot", "add_axes"):
        setattr(cls, name, _with_background(getattr(cls, name)))
    cls.gca = _gca(cls.gca)
    cls.savefig = _savefig(cls.savefig)


def _with_background(function: Any) -> Any:
    @functools.wraps(function)
    def made(*args: Any, **kwargs: Any) -> Any:
        if "axisbg" in kwargs:
            kwargs["facecolor"] = kwargs.pop("axisbg")
        args = tuple(int(a) if isinstance(a, float) and a.is_integer() else a for a in args)
        return function(*args, **kwargs)

    return made


def _gca(gca: Any) -> Any:
    @functools.wraps(gca)
    def current(self: Any, **kwargs: Any) -> Any:
        if not kwargs:
            return gca(self)
        if self.axes and getattr(gca(self), "name", None) == kwargs.get(
            "projection", "rectilinear"
        ):
            return gca(self)
        return self.add_subplot(1, 1, 1, **kwargs)

    return current


def _savefig(savefig: Any) -> Any:
    @functools.wraps(savefig)
    def saved(self: Any, *args: Any, **kwargs: Any) -> Any:
        kwargs.pop("frameon", None)
        options = {key: kwargs.pop(key) for key in ("quality", "optimize") if key in kwargs}
        if options:
            kwargs["pil_kwargs"] = {**options, **(kwargs.get("pil_kwargs") or {})}
        return savefig(self, *args, **kwargs)

    return saved


def change_canvas(backend_bases: Any) -> None:
    """A window's title.

    Parameters
    ----------
    backend_bases : module
    """

    def set_window_title(self: Any, title: str) -> None:
        """Set the title of the figure's window, where it has one."""
        if self.manager is not None:
            self.manager.set_window_title(title)

    if not hasattr(backend_bases.FigureCanvasBase, "set_window_title"):
        backend_bases.FigureCanvasBase.set_window_title = set_window_title


def change_pyplot(plt: Any) -> None:
    """The functions whose own signature keeps an old form out.

    Parameters
    ----------
    plt : module
    """
    show, gca = plt.show, plt.gca

    @functools.wraps(show)
    def shown(*args: Any, **kwargs: Any) -> Any:
        if args and isinstance(args[0], bool):
            kwargs.setdefault("block", args[0])
        return show(**kwargs)

    @functools.wraps(gca)
    def current(**kwargs: Any) -> Any:
        return plt.gcf().gca(**kwargs) if kwargs else gca()

    plt.show, plt.gca = shown, current
    for name in ("bar", "barh", "grid", "annotate", "boxplot", "stem"):
        setattr(plt, name, _in_old_form(getattr(plt, name), name))
    for name in ("subplot", "axes"):
        setattr(plt, name, _with_background(getattr(plt, name)))


def change_axes3d(axes3d: Any) -> None:
    """Axes3D adds itself to its figure; its axes by their old names.

    Parameters
    ----------
    axes3d : module
    """
    cls = axes3d.Axes3D
    make = cls.__init__

    @functools.wraps(make)
    def __init__(self: Any, fig: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807
        make(self, fig, *args, **kwargs)
        if not _is_library(1) and self not in fig.axes:
            fig.add_axes(self)

    cls.__init__ = __init__
    for name in ("x", "y", "z"):
        if not hasattr(cls, f"w_{name}axis"):
            setattr(cls, f"w_{name}axis", property(lambda self, n=name: getattr(self, f"{n}axis")))
