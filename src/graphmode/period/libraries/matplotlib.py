"""What matplotlib no longer knows."""

from __future__ import annotations

import importlib
from typing import Any

from graphmode.period.rows import Row

TITLE = "matplotlib"
SOURCE = (
    "matplotlib's API changes 1.5 (color_cycle), 2.0 (spectral, axisbg), 2.2 and 3.0 (hold), 3.1 "
    "(normed, mlab, on and off), 3.3 (tick labels, warn=), 3.6 and 3.8 (style names), 3.7 (gca, "
    "Axes3D), 3.9 (get_cmap)"
)

_CALLS = "graphmode.period.answers.matplotlib_calls"
_MLAB = "graphmode.period.answers.matplotlib_mlab"

_MLAB_NAMES = {
    "normpdf": "scipy.stats.norm.pdf(x, mu, sigma)",
    "bivariate_normal": "scipy.stats.multivariate_normal.pdf",
    "griddata": "scipy.interpolate.griddata",
    "find": "np.flatnonzero(condition)",
    "rms_flat": "np.sqrt(np.mean(np.abs(a) ** 2))",
    "movavg": 'np.convolve(x, np.ones(n) / n, "valid")',
    "prctile": "np.percentile(x, p)",
    "entropy": "scipy.stats.entropy(np.histogram(y, bins)[0])",
    "frange": "np.arange(first, last + step / 2, step)",
    "dist": "np.linalg.norm(x - y)",
    "PCA": "sklearn.decomposition.PCA",
}


def _row(module: str, name: str, now: str, gone: str, value: str) -> Row:
    return Row(module, name, f"`{now}`", gone, value)


def _form(now: str, gone: str, example: str) -> Row:
    return Row("matplotlib", "", f"`{now}`", gone, example=example)


ROWS = [
    _row(
        "matplotlib.pyplot", "hold", "nothing: plots are added", "matplotlib 3.0", f"{_CALLS}:hold"
    ),
    _row("matplotlib.pyplot", "ishold", "True", "matplotlib 3.0", f"{_CALLS}:ishold"),
    _row(
        "matplotlib.pyplot",
        "colors",
        "import matplotlib.colors",
        "matplotlib 3.1",
        "matplotlib.colors",
    ),
    _row(
        "matplotlib.pyplot",
        "spectral",
        "plt.nipy_spectral()",
        "matplotlib 2.2",
        "matplotlib.pyplot:nipy_spectral",
    ),
    _row(
        "matplotlib.pyplot",
        "plot_date",
        "plt.plot(dates, y)",
        "matplotlib 3.11",
        f"{_CALLS}:plot_date",
    ),
    Row(
        "matplotlib.pyplot",
        "plotfile",
        "`pd.read_csv(path).plot()`",
        "matplotlib 3.3",
        refused="use pd.read_csv(path).plot()",
    ),
    *(
        _row("matplotlib.mlab", name, now, "matplotlib 3.1", f"{_MLAB}:{name}")
        for name, now in _MLAB_NAMES.items()
    ),
    Row(
        "matplotlib.mlab",
        "csv2rec",
        "`np.genfromtxt(path, names=True)`",
        "matplotlib 3.1",
        refused="use pd.read_csv, or np.genfromtxt(path, names=True)",
    ),
    *(
        _row(module, name, _MLAB_NAMES[name], "matplotlib 3.1", f"{_MLAB}:{name}")
        for module in ("pylab", "matplotlib.pylab")
        for name in ("normpdf", "bivariate_normal", "griddata", "find")
    ),
    _row(
        "matplotlib.cm",
        "get_cmap",
        "matplotlib.colormaps[name]",
        "matplotlib 3.9",
        f"{_CALLS}:get_cmap",
    ),
    _row(
        "matplotlib.cm",
        "register_cmap",
        "matplotlib.colormaps.register",
        "matplotlib 3.9",
        f"{_CALLS}:register_cmap",
    ),
    _row(
        "matplotlib.cm",
        "spectral",
        "matplotlib.cm.nipy_spectral",
        "matplotlib 2.2",
        "matplotlib.cm:nipy_spectral",
    ),
    _row(
        "matplotlib.cm",
        "spectral_r",
        "matplotlib.cm.nipy_spectral_r",
        "matplotlib 2.2",
        "matplotlib.cm:nipy_spectral_r",
    ),
    *(
        _row(
            "matplotlib.cm",
            f"Vega{n}",
            f"matplotlib.cm.tab{n}",
            "matplotlib 3.0",
            f"matplotlib.cm:tab{n}",
        )
        for n in ("10", "20", "20b", "20c")
    ),
    _row("matplotlib.cbook", "iterable", "np.iterable", "matplotlib 3.3", "numpy:iterable"),
    _row(
        "matplotlib.cbook",
        "is_string_like",
        "isinstance(x, str)",
        "matplotlib 3.1",
        f"{_CALLS}:is_string_like",
    ),
    _row(
        "matplotlib.cbook",
        "is_numlike",
        "isinstance(x, numbers.Number)",
        "matplotlib 3.3",
        f"{_CALLS}:is_numlike",
    ),
    Row("matplotlib.externals", "", "the packages themselves", "matplotlib 1.5", "matplotlib"),
    Row("matplotlib.externals.six", "", "`six`", "matplotlib 1.5", "six"),
    Row(
        "mpl_toolkits.axes_grid",
        "",
        "`mpl_toolkits.axes_grid1`",
        "matplotlib 3.8",
        "mpl_toolkits.axes_grid1",
    ),
    Row(
        "matplotlib.finance",
        "",
        "mplfinance",
        "matplotlib 2.2",
        refused="it became a package of its own: pip install mplfinance",
    ),
    Row(
        "matplotlib.delaunay",
        "",
        "`scipy.spatial.Delaunay`",
        "matplotlib 2.2",
        refused="use scipy.spatial.Delaunay",
    ),
    _form("plt.show()", "matplotlib 3.5", "plt.show(figure)"),
    _form(
        'plt.style.use("seaborn-v0_8-whitegrid")',
        "matplotlib 3.8",
        'plt.style.use("seaborn-whitegrid"), "seaborn" and the other seaborn names',
    ),
    _form(
        "np.asarray(m).ravel()",
        "matplotlib 3.1",
        "plt.scatter, plot, bar, ... of np.matrix columns",
    ),
    _form("density=", "matplotlib 3.1", "plt.hist(x, normed=True), hist2d"),
    _form(
        'fig.add_subplot(projection="3d")',
        "matplotlib 3.7",
        'fig.gca(projection="3d"), plt.gca(projection="3d")',
    ),
    _form('fig.add_subplot(projection="3d")', "matplotlib 3.7", "Axes3D(fig) that is shown"),
    _form("ax.xaxis", "matplotlib 3.8", "ax.w_xaxis, w_yaxis, w_zaxis"),
    _form("facecolor=", "matplotlib 2.2", 'plt.subplot(111, axisbg="k"), plt.axes(axisbg=...)'),
    _form("plt.subplot(int(n / 2), 2, 1)", "matplotlib 3.3", "plt.subplot(2.0, 2, 1)"),
    _form(
        "ax.set_facecolor(c), get_facecolor()",
        "matplotlib 2.2",
        "ax.set_axis_bgcolor(c), get_axis_bgcolor()",
    ),
    _form(
        "ax.set_prop_cycle(color=colors)",
        "matplotlib 1.5",
        'ax.set_color_cycle(colors), rcParams["axes.color_cycle"]',
    ),
    _form(
        "leave them out",
        "matplotlib 3.1",
        'rcParams["text.latex.unicode"], "savefig.frameon", "axes.hold"',
    ),
    _form("True, False", "matplotlib 3.1", 'plt.tick_params(bottom="off"), plt.grid("off")'),
    _form("visible=", "matplotlib 3.6", "plt.grid(b=True)"),
    _form("x=, y=", "matplotlib 2.0", "plt.bar(left=x, ...), plt.barh(bottom=y, ...)"),
    _form("text=", "matplotlib 3.3", "plt.annotate(s=text, ...)"),
    _form("tick_labels=", "matplotlib 3.11", "plt.boxplot(x, labels=...)"),
    _form(
        "leave it out",
        "matplotlib 3.0",
        "plt.plot(x, hold=True), plt.stem(x, use_line_collection=True)",
    ),
    _form('"nipy_spectral", "tab10"', "matplotlib 2.2", 'cmap="spectral", cmap="Vega10"'),
    _form(
        'matplotlib.use("Agg")',
        "matplotlib 3.3",
        'matplotlib.use("Agg", warn=False); use("TkAgg") where there is no display (said once)',
    ),
    _form(
        "fig.canvas.manager.set_window_title(t)", "matplotlib 3.6", "fig.canvas.set_window_title(t)"
    ),
    _form(
        'pil_kwargs={"quality": 90}',
        "matplotlib 3.5",
        "plt.savefig(path, frameon=False, quality=90)",
    ),
]

NOT_ANSWERED = [
    "`plt.hold(False)` (each plot clears the one before): call `plt.cla()` before a plot.",
    '`mlab.griddata(..., interp="nn")` (natural neighbours) needed a package that is '
    'gone: use "linear".',
]


def _change(name: str) -> Any:
    """A change whose function stands in `answers`: it needs matplotlib."""

    def change(module: Any) -> None:
        getattr(importlib.import_module(_CALLS), name)(module)

    return change


CHANGES = {
    "matplotlib": _change("change_package"),
    "matplotlib.style": _change("change_styles"),
    "matplotlib.axes": _change("change_axes"),
    "matplotlib.figure": _change("change_figure"),
    "matplotlib.backend_bases": _change("change_canvas"),
    "matplotlib.pyplot": _change("change_pyplot"),
    "mpl_toolkits.mplot3d.axes3d": _change("change_axes3d"),
}
