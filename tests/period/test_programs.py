"""Programs as they were: each prints what it printed with the libraries of its time."""

import pytest
from tests.period.running import read, said

GROUPS = ["language", "numpy", "standard", "scipy", "sklearn", "pandas", "matplotlib", "pillow"]
CASES = [(group, name) for group in [*GROUPS, "python2"] for name in read(group)]


@pytest.mark.parametrize(("group", "name"), CASES, ids=lambda value: value)
def test_a_program_prints_what_it_printed(group, name):
    text, expected = read(group)[name]
    out, err = said(group)[name]
    assert out.splitlines() == expected, f"{text}\n{err}"


SAID = {
    (
        "numpy",
        "load_pickles",
    ): "graphmode: np.load: words.npy holds Python objects (a pickle): reading "
    "it can run code that is in it; np.load(..., allow_pickle=False) refuses it\n"
    "graphmode: np.load: words.npz holds",
    ("pandas", "latin_1"): "graphmode: pandas: latin.csv is not UTF-8: read as Latin-1\n",
    ("scipy", "pictures"): "graphmode: scipy.misc.face: the picture could not be had (OSError); "
    "scikit-learn's china.jpg stands for it\ngraphmode: scipy.misc.ascent: ",
    ("matplotlib", "hold_and_show"): "graphmode: matplotlib: hold(False) has no effect",
    ("matplotlib", "no_display"): "graphmode: matplotlib.use('TkAgg'): there is no display",
    ("standard", "urllib_of_python_2"): "graphmode: urllib_of_python_2 is Python 2: ",
    ("python2", "print_and_division"): "graphmode: print_and_division is Python 2: translated by "
    "fissix as it is read; / between integers is floor division, as it was\n",
}


@pytest.mark.parametrize(("group", "name"), SAID, ids=lambda value: value)
def test_what_is_done_otherwise_is_said_once(group, name):
    _, err = said(group)[name]
    assert err.startswith(SAID[group, name])
    assert len(err.splitlines()) <= 2


def test_what_needs_no_word_says_nothing():
    spoken = {}
    for group, name in CASES:
        lines = said(group)[name][1].splitlines()
        lines = [line for line in lines if " is Python 2: " not in line]
        if lines and (group, name) not in SAID:
            spoken[group, name] = lines
    assert spoken == {}
