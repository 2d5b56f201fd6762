"""The labs of the course, run as their readers run them, with the numbers they print."""

import re

import pytest
from tests.examples.labs import needs, run_lab


def test_lab_1_1_prints_the_first_graph():
    text = run_lab("lab_1_1_first_graph.py")
    assert "<tf.Tensor 'constant_a:0' shape=(1,) dtype=int32>" in text
    assert "TensorShape([Dimension(3), Dimension(3), Dimension(3)])" in text
    assert "a + b = [5]\n" in text
    assert "product:\n[[13 18]\n [18 25]]\n" in text
    assert "counter: 0 1 2 3\n" in text
    assert "2 x 3.5 = 7.0\n" in text
    assert " [ 8. 10. 12.]\n" in text
    assert "c = [7]\nd = [3]\n" in text


# step: loss before the step, slope and intercept after it, as the course prints them
SEED_TABLE = {
    0: (26992.594, 77.07106, 46.110275),
    5: (1891.7205, 58.84462, 47.59573),
    10: (1762.7241, 57.65104, 53.019833),
    25: (1477.1372, 54.061794, 67.01765),
    50: (1205.3451, 49.55925, 84.58775),
    75: (1072.7163, 46.413967, 96.86146),
    80: (1055.8193, 45.909332, 98.83067),
}


@needs("fuel-consumption")
def test_lab_1_2_prints_the_table_of_the_course():
    printed = {}
    for line in run_lab("lab_1_2_linear_regression.py").splitlines():
        if re.match(r"\d+( [-\d.e+]+){3}$", line):
            step, *values = line.split()
            printed[int(step)] = tuple(float(value) for value in values)
    assert set(printed) == set(range(0, 100, 5))
    for step, row in SEED_TABLE.items():
        assert printed[step] == pytest.approx(row, rel=1e-5), step


def test_lab_1_3_reaches_the_accuracies_of_the_course():
    text = run_lab("lab_1_3_logistic_regression.py")
    last = text.splitlines()[-2]
    step, train, cost, _ = (float(v) for v in re.findall(r"(?<= )[\d.]+(?:e-\d+)?", last))
    assert step == 690
    assert train == pytest.approx(0.909, abs=0.015)
    assert cost == pytest.approx(14.9, abs=0.3)
    test = float(text.splitlines()[-1].split()[-1])
    assert test >= 0.90 - 1e-6


@needs("mnist")
def test_lab_2_2a_classifies_the_test_digits():
    text = run_lab("lab_2_2a_mnist_softmax.py")
    accuracy = float(re.search(r"10000 test images: ([\d.]+) %", text)[1])
    assert accuracy >= 90.9
