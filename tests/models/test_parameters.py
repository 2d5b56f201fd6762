"""Annotations are the rules of parameters: held against values, read from texts, told in words."""

import inspect
import re

import pytest
from numpydoc.docscrape import NumpyDocString

from graphmode import models
from graphmode.models.parameters import parameter_texts, read_settings, rules

CLASSES = [getattr(models, name) for name in dir(models) if isinstance(getattr(models, name), type)]


@pytest.mark.parametrize("cls", CLASSES)
def test_every_parameter_has_a_rule_a_text_and_a_default_that_keeps_the_rule(cls):
    parameters = list(inspect.signature(cls.__init__).parameters.values())[1:]
    listed = [
        name for p in NumpyDocString(cls.__doc__)["Parameters"] for name in p.name.split(", ")
    ]
    assert [p.name for p in parameters] == listed
    for parameter in parameters:
        assert parameter.kind is inspect.Parameter.KEYWORD_ONLY
        assert models.parameters.accepts(rules(cls)[parameter.name], parameter.default)


@pytest.mark.parametrize(
    "name, value, words",
    [
        ("max_iter", 0, "a whole number >= 1"),
        ("max_iter", 2.5, "a whole number >= 1"),
        ("batch_size", True, "a whole number >= 1"),
        ("learning_rate", 0.0, "a number > 0"),
        ("validation_fraction", 1.0, "a number > 0 and < 1"),
        ("hidden", (10, 0), "a tuple, each entry a whole number >= 1"),
        ("hidden", 10, "a tuple, each entry a whole number >= 1"),
        ("activation", "rely", "'relu', 'sigmoid', 'tanh', 'elu', 'softplus'"),
        ("early_stopping", "no", "True or False"),
        (
            "optimizer",
            "newton",
            "'sgd', 'momentum', 'adam', 'rmsprop', 'adagrad', 'adadelta' or a function",
        ),
    ],
)
def test_a_value_that_breaks_its_rule(name, value, words):
    model = models.MLPClassifier(**{name: value})
    with pytest.raises(ValueError) as raised:
        model.fit([[0.0], [1.0]], [0, 1])
    assert str(raised.value) == f"MLPClassifier({name}={value!r}): {name} must be {words}"


def test_settings_are_read_by_the_same_rules():
    settings = ["hidden=40,30", "dropout=0.25", "early-stopping=yes", "max_iter=7", "optimizer=sgd"]
    assert read_settings(models.MLPClassifier, [*settings, "random_state=3", "log_dir=none"]) == {
        "hidden": (40, 30),
        "dropout": 0.25,
        "early_stopping": True,
        "max_iter": 7,
        "optimizer": "sgd",
        "random_state": 3,
        "log_dir": None,
    }


@pytest.mark.parametrize(
    "setting, text",
    [
        ("hiden=3", "MLPClassifier has no parameter 'hiden'. Near: hidden"),
        ("hidden", "'hidden' is no setting: write name=value"),
        ("hidden=3,x", "hidden=3,x: hidden must be a tuple, each entry a whole number >= 1"),
        ("dropout=1", "dropout=1: dropout must be a number >= 0 and < 1"),
    ],
)
def test_a_setting_that_says_nothing(setting, text):
    with pytest.raises(ValueError) as raised:
        read_settings(models.MLPClassifier, [setting])
    assert str(raised.value) == text


HEADINGS = ["Parameters", "Attributes", "Notes", "Examples"]


@pytest.mark.parametrize("kind", [cls for cls in CLASSES if cls is not models.Model])
def test_help_says_what_each_parameter_is_its_default_and_what_is_found(kind):
    text = inspect.getdoc(kind)
    for name, told in parameter_texts(kind).items():
        assert told, f"{name} is not explained"
        default = inspect.signature(kind).parameters[name].default
        line = re.search(rf"^(?:.*, )?{name}(?:, .*)? : .*$", text, re.M)[0]
        assert repr(default) in line.partition(", default ")[2]
    assert parameter_texts(kind).keys() == rules(kind).keys()
    for name in ("history_", "n_iter_", "graph_, session_"):
        assert text.count(f"\n{name} : ") == 1
    headings = re.findall(r"^(\w+)\n-+$", text, re.M)
    assert headings == sorted(set(headings), key=HEADINGS.index)
    assert {"Parameters", "Attributes", "Examples"} <= set(headings)


def test_a_parameter_that_is_none_is_told_the_near_ones():
    with pytest.raises(TypeError, match=r"MLPClassifier has no parameter 'hiden'. Near: hidden$"):
        models.MLPClassifier(hiden=(3,))
    with pytest.raises(TypeError, match=r"'alpha'. It has activation, batch_size, callbacks, "):
        models.MLPClassifier(alpha=0.1)
    with pytest.raises(TypeError, match="positional"):
        models.MLPClassifier(100)
