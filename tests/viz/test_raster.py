"""`tile_raster_images`: pixel by pixel what the old tutorial's function gave."""

import subprocess
import sys

import numpy as np
import pytest

from graphmode.viz import tile_raster_images

ROWS = np.float32([[1, 2, 3, 4, 5, 6], [6, 6, 6, 6, 6, 0], [-1, 0, 0, 0, 0, 1]])
"""Three images of 2 x 3."""


def test_pixels():
    picture = tile_raster_images(ROWS, (2, 3), (2, 2), tile_spacing=(1, 2))
    assert picture.dtype == np.uint8
    assert picture.tolist() == [
        [0, 51, 102, 0, 0, 255, 255, 255],
        [153, 204, 255, 0, 0, 255, 255, 0],
        [0, 0, 0, 0, 0, 0, 0, 0],
        [0, 127, 127, 0, 0, 0, 0, 0],
        [127, 127, 255, 0, 0, 0, 0, 0],
    ]


def test_values_unscaled():
    picture = tile_raster_images(
        ROWS, (2, 3), (1, 2), scale_rows_to_unit_interval=False, output_pixel_vals=False
    )
    assert picture.dtype == np.float32
    assert picture.tolist() == [[1, 2, 3, 6, 6, 6], [4, 5, 6, 6, 6, 0]]


def test_values_scaled():
    picture = tile_raster_images(ROWS[2:], (2, 3), (1, 1), output_pixel_vals=False)
    np.testing.assert_allclose(picture, [[0, 0.5, 0.5], [0.5, 0.5, 1]], atol=1e-7)


def test_pixels_unscaled_are_255_times_the_value():
    rows = np.array([[0, 0.5, 1, 0.25, 0, 0]])
    picture = tile_raster_images(rows, (2, 3), (1, 1), scale_rows_to_unit_interval=False)
    assert picture.tolist() == [[0, 127, 255], [63, 0, 0]]


@pytest.mark.parametrize(("pixels", "opaque"), [(True, 255), (False, 1)])
def test_channels(pixels, opaque):
    arguments = {"img_shape": (2, 3), "tile_shape": (1, 2), "output_pixel_vals": pixels}
    picture = tile_raster_images((ROWS, None, ROWS[::-1], None), **arguments)
    assert picture.shape == (2, 6, 4)
    np.testing.assert_array_equal(picture[..., 0], tile_raster_images(ROWS, **arguments))
    np.testing.assert_array_equal(picture[..., 2], tile_raster_images(ROWS[::-1], **arguments))
    assert (picture[..., 1] == 0).all()
    assert (picture[..., 3] == opaque).all()


def test_the_input_is_not_changed():
    rows = ROWS.copy()
    tile_raster_images(rows, (2, 3), (2, 2))
    np.testing.assert_array_equal(rows, ROWS)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ((ROWS, (2, 3, 1), (1, 1)), "img_shape must be two numbers"),
        ((ROWS, (3, 3), (1, 1)), r"shape \(3, 3\) has 9 values, a row of X 6"),
        (((ROWS, None), (2, 3), (1, 1)), "four channels of RGBA, got 2"),
        (((None,) * 4, (2, 3), (1, 1)), "at least one of the four"),
    ],
)
def test_shapes_that_do_not_fit(arguments, text):
    with pytest.raises(ValueError, match=text):
        tile_raster_images(*arguments)


PROGRAM = "from utils import tile_raster_images\nprint(tile_raster_images.__module__)\n"


def run(folder, prefix=""):
    program = folder / "program.py"
    program.write_text(prefix + PROGRAM)
    return subprocess.run(
        [sys.executable, "-m", "graphmode", "run", str(program)], capture_output=True, text=True
    )


def test_a_program_finds_it_in_utils(tmp_path):
    assert run(tmp_path).stdout == "graphmode.viz.raster\n"


def test_a_programs_own_utils_comes_first(tmp_path):
    (tmp_path / "utils.py").write_text("def tile_raster_images(): pass\n")
    assert run(tmp_path).stdout == "utils\n"


def test_no_other_name_is_in_utils(tmp_path):
    done = run(tmp_path, "from utils import load_data\n")
    assert "ImportError: cannot import name 'load_data'" in done.stderr
