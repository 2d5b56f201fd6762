"""The global step: found, made once, refused when it is something else."""

import pytest

import graphmode as gm


@pytest.fixture(autouse=True)
def graph():
    with gm.Graph().as_default() as graph:
        yield graph


def test_made_once_and_found():
    assert gm.train.get_global_step() is None
    step = gm.train.get_or_create_global_step()
    assert (step.name, step.dtype.base_dtype, step.trainable) == ("global_step:0", gm.int64, False)
    assert gm.train.get_global_step() is step
    assert gm.train.get_or_create_global_step() is step
    assert gm.get_collection("global_step") == [step]
    assert step in gm.global_variables()
    with pytest.raises(ValueError, match='"global_step" already exists'):
        gm.train.create_global_step()


def test_made_outside_of_name_scopes():
    with gm.name_scope("inner"):
        assert gm.train.create_global_step().name == "global_step:0"


def test_found_by_its_name():
    variable = gm.Variable(5, name="global_step")
    assert gm.train.get_global_step() is variable._ref()


def test_in_another_graph(graph):
    other = gm.Graph()
    step = gm.train.get_or_create_global_step(other)
    assert step.graph is other
    assert gm.train.get_global_step(graph) is None


def test_its_value_is_a_python_int():
    step = gm.train.create_global_step()
    with gm.Session() as session:
        session.run(gm.global_variables_initializer())
        session.run(gm.assign_add(step, 41))
        value = gm.train.global_step(session, step)
    assert (value, type(value)) == (41, int)


def test_what_is_no_step():
    with pytest.raises(TypeError, match="does not have integer type"):
        gm.train.assert_global_step(gm.Variable(1.0))
    with pytest.raises(TypeError, match="is not scalar"):
        gm.train.assert_global_step(gm.Variable([1, 2]))
    with pytest.raises(TypeError, match="must be a Variable or Tensor"):
        gm.train.assert_global_step(3)


def test_several_steps_are_none(caplog):
    for _ in range(2):
        gm.add_to_collection("global_step", gm.Variable(1))
    assert gm.train.get_global_step() is None
    assert "Multiple tensors in global_step collection." in caplog.text
