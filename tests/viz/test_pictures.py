"""Each function: what it draws where, what it writes, what it refuses; and it leaves pyplot be."""

import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from graphmode import viz

RNG = np.random.default_rng(5)
DIGITS = RNG.random((7, 4, 6))


def shown(axes):
    """The picture of an axes and its range of brightness."""
    image = axes.images[0]
    return np.ma.filled(image.get_array().astype(float), np.nan), image.get_clim()


def test_tiles_lie_row_by_row_each_in_its_own_range():
    figure = viz.tile_images(DIGITS, columns=3)
    picture, limits = shown(figure.axes[0])
    assert picture.shape == (3 * 5 - 1, 3 * 7 - 1)
    fifth = DIGITS[4]
    expected = (fifth - fifth.min()) / (fifth.max() - fifth.min())
    np.testing.assert_allclose(picture[5:9, 7:13], expected)
    assert limits == (0, 1)
    assert (picture[:, 6] == 0.5).all()  # the gap
    assert (picture[10:, 7:] == 0.5).all()  # the places of the eighth and ninth


@pytest.mark.parametrize(
    ("shape", "picture_shape"),
    [
        ((5, 4, 6), (2 * 5 - 1, 3 * 7 - 1)),
        ((5, 4, 6, 1), (2 * 5 - 1, 3 * 7 - 1)),
        ((5, 4, 6, 3), (2 * 5 - 1, 3 * 7 - 1, 3)),
        ((5, 9), (2 * 4 - 1, 3 * 4 - 1)),
        ((1, 4, 6), (4, 6)),
    ],
)
def test_tiles_of_every_shape(shape, picture_shape):
    picture, _ = shown(viz.tile_images(RNG.normal(size=shape)).axes[0])
    assert picture.shape == picture_shape
    assert np.isfinite(picture).all()


def test_a_tile_without_contrast_is_black():
    picture, _ = shown(viz.tile_images(np.full((1, 4, 6), 3)).axes[0])
    assert (picture == 0).all()


def test_activations_share_a_range_and_are_numbered():
    maps = RNG.normal(size=(1, 4, 6, 5))
    figure = viz.plot_activations(maps, columns=2)
    axes = figure.axes[0]
    picture, limits = shown(axes)
    assert picture.shape == (3 * 5 - 1, 2 * 7 - 1)
    np.testing.assert_array_equal(picture[5:9, 7:13], maps[0, :, :, 3])
    assert np.isnan(picture[10:, 7:]).all()
    assert limits == (maps.min(), maps.max())
    assert [label.get_text() for label in axes.get_yticklabels()] == ["0", "2", "4"]
    assert list(axes.get_yticks()) == [1.5, 6.5, 11.5]
    np.testing.assert_array_equal(
        shown(viz.plot_activations(maps[0], columns=2).axes[0])[0], picture
    )


def corners(figure):
    """The lowest and highest point of the surface's box."""
    box = figure.axes[0].xy_dataLim, figure.axes[0].zz_dataLim
    return box[0].min.tolist(), box[0].max.tolist(), box[1].intervalx.tolist()


@pytest.mark.parametrize(
    "z", [lambda x, y: 10 * x + y, np.add.outer([2, 3, 5], [10, 20, 40, 70])], ids=["f", "array"]
)
def test_surface_stands_over_its_grid(z):
    figure = viz.plot_surface(z, [1, 2, 4, 7], [2, 3, 5], labels=("w", "b", "loss"), title="Cost")
    axes = figure.axes[0]
    assert corners(figure) == ([1, 2], [7, 5], [12, 75])
    assert (axes.get_xlabel(), axes.get_ylabel(), axes.get_zlabel()) == ("w", "b", "loss")
    assert figure.get_suptitle() == "Cost"


def test_surface_chooses_a_grid():
    assert corners(viz.plot_surface(lambda x, y: 2 * x)) == ([-1, -1], [1, 1], [-2, 2])
    assert corners(viz.plot_surface(np.zeros((3, 5))))[:2] == ([0, 0], [4, 2])


def test_reconstructions_stand_below_their_originals():
    copies = DIGITS * 2
    figure = viz.plot_reconstructions(DIGITS, copies, labels=("damaged", "repaired"))
    above, below = figure.axes[2], figure.axes[7 + 2]
    low, high = DIGITS.min(), copies.max()
    np.testing.assert_allclose(shown(above)[0], (DIGITS[2] - low) / (high - low))
    np.testing.assert_allclose(shown(below)[0], (copies[2] - low) / (high - low))
    assert [figure.axes[i].get_ylabel() for i in (0, 7)] == ["damaged", "repaired"]


def test_one_curve():
    figure = viz.plot_curve([3, 2, 1.5], xlabel="epoch", ylabel="error")
    axes = figure.axes[0]
    (line,) = axes.lines
    assert line.get_xydata().tolist() == [[1, 3], [2, 2], [3, 1.5]]  # the first epoch is 1
    (line,) = viz.plot_curve([3, 2]).axes[0].lines
    assert line.get_xydata().tolist() == [[0, 3], [1, 2]]
    assert (axes.get_xlabel(), axes.get_ylabel(), axes.get_legend()) == ("epoch", "error", None)


def test_several_curves_have_a_legend():
    figure = viz.plot_curve({"train": [3, 2, 1], "test": [4, 3]}, x=[10, 20, 30])
    axes = figure.axes[0]
    assert [line.get_xdata().tolist() for line in axes.lines] == [[10, 20, 30], [10, 20]]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["train", "test"]


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: viz.tile_images(np.zeros((5, 7))), r"square number of pixels.*got \(5, 7\)"),
        (lambda: viz.tile_images(np.zeros((2, 3, 4, 5))), r"got \(2, 3, 4, 5\)"),
        (lambda: viz.tile_images(np.zeros((0, 3, 4))), r"not be empty; got \(0, 3, 4\)"),
        (lambda: viz.tile_images(DIGITS, columns=0), "columns must be at least 1, got 0"),
        (lambda: viz.plot_activations(np.zeros((2, 3, 4, 5))), r"\[1, height.*got \(2, 3, 4, 5\)"),
        (lambda: viz.plot_activations(DIGITS, columns=0), "columns must be at least 1, got 0"),
        (lambda: viz.plot_surface(np.zeros(3)), r"got shape \(3,\)"),
        (lambda: viz.plot_surface(np.zeros((3, 5)), y=[1, 2]), r"= \(2, 5\), got \(3, 5\)"),
        (lambda: viz.plot_reconstructions(DIGITS, DIGITS[:3]), "must have the same shape"),
        (lambda: viz.plot_reconstructions(np.zeros(3), DIGITS), "originals must have shape"),
        (lambda: viz.plot_curve([[1, 2]]), r"must be 1-D, got shape \(1, 2\)"),
        (lambda: viz.plot_curve([1, 2], x=[1]), "has 2 values, x only 1"),
    ],
)
def test_what_cannot_be_drawn_is_refused(call, text):
    with pytest.raises(ValueError, match=text):
        call()


DRAW = {
    "tiles": lambda path: viz.tile_images(DIGITS, title="a", path=path),
    "activations": lambda path: viz.plot_activations(DIGITS, title="a", path=path),
    "surface": lambda path: viz.plot_surface(DIGITS[0], title="a", path=path),
    "reconstructions": lambda path: viz.plot_reconstructions(DIGITS, DIGITS, path=path),
    "curve": lambda path: viz.plot_curve(DIGITS[0, 0], title="a", path=path),
}


@pytest.mark.parametrize("name", DRAW)
def test_path_writes_a_png_of_the_figure(name, tmp_path):
    path = tmp_path / "picture.png"
    figure = DRAW[name](path)
    assert [file.name for file in tmp_path.iterdir()] == ["picture.png"]
    with Image.open(path) as image:
        assert image.format == "PNG"
        size = figure.get_size_inches() * figure.dpi
        assert np.abs(np.array(image.size) - size).max() <= 1
        assert len(np.unique(np.asarray(image.convert("L")))) > 10


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "picture.png"
    path.write_bytes(b"old")

    def fail(self, target):
        raise OSError("disk full")

    monkeypatch.setattr("pathlib.Path.replace", fail)
    with pytest.raises(OSError, match="disk full"):
        viz.plot_curve([1, 2], path=path)
    assert [file.name for file in tmp_path.iterdir()] == ["picture.png"]
    assert path.read_bytes() == b"old"


def test_pyplot_is_not_touched():
    code = (
        "import sys\nfrom graphmode import viz\nprint('matplotlib' in sys.modules)\n"
        "viz.plot_curve([1, 2])\nprint('matplotlib.pyplot' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "False\nFalse\n", done.stderr


def test_without_matplotlib_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", SimpleNamespace())
    with pytest.raises(ImportError, match=r"pip install 'graphmode\[plots\]'"):
        viz.plot_curve([1, 2])
