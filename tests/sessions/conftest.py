"""Messages reach the tests whatever TensorFlow, which has the same logger, has told it."""

import logging

import pytest


@pytest.fixture(autouse=True)
def all_messages(caplog, monkeypatch):
    caplog.set_level(logging.INFO, logger="tensorflow")
    monkeypatch.setattr(logging.getLogger("tensorflow"), "propagate", True)
