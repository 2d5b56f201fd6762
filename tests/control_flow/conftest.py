"""TensorFlow as it was in TF1: loops of Enter and Exit, reference variables."""

import pytest


@pytest.fixture
def oracle(oracle):
    oracle.disable_control_flow_v2()
    oracle.disable_resource_variables()
    return oracle
