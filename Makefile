# graphmode: `make demo` trains a network, `make test` runs the tests. Needs Python 3.11+ and make.

# The first of these that runs and is new enough; `make PYTHON=...` says which.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
  $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
  && echo $$python && break; done)
BIN := .venv/bin
PIP_INSTALL := $(BIN)/python -m pip install -q --disable-pip-version-check

# Data sets that lie beside the checkout are used if nothing else is said.
ifneq ($(wildcard ../shared/data),)
export GRAPHMODE_DATA ?= $(abspath ../shared/data)
endif

.PHONY: demo test smoke slow bench lint docs pages

demo: .venv/demo.toml
	$(BIN)/graphmode run examples/mnist_softmax.py

test: .venv/test.toml
	$(BIN)/python -m pytest -n 2 $(TESTS)

smoke: .venv/test.toml
	$(BIN)/python .ci/smoke.py

slow: .venv/test.toml
	$(BIN)/python -m pytest -m slow $(TESTS)

bench: .venv/bench.toml
	$(BIN)/python -m benchmarks

lint: .venv/test.toml
	$(BIN)/python -m graphmode._addresses.stubs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright

docs: .venv/test.toml
	$(BIN)/python -m docs.generate

pages: .venv/test.toml
	$(BIN)/python -m docs.models

$(BIN)/python:
	$(if $(PYTHON),,$(error graphmode needs Python 3.11 or newer: make PYTHON=/path/to/python))
	$(PYTHON) -m venv .venv

# The stamp is a copy of the pyproject.toml that was installed: installing again, which needs a
# network, happens when its text changes and not when only its date does.
.venv/demo.toml: pyproject.toml | $(BIN)/python
	@cmp -s pyproject.toml $@ || $(PIP_INSTALL) -e '.[models,plots,notebook]'
	@cp pyproject.toml $@

.venv/test.toml: pyproject.toml | $(BIN)/python
	@cmp -s pyproject.toml $@ || $(PIP_INSTALL) -e '.[models,plots,notebook,test,oracle]'
	@cp pyproject.toml $@
	@cp pyproject.toml .venv/demo.toml

.venv/bench.toml: pyproject.toml | $(BIN)/python
	@cmp -s pyproject.toml $@ || $(PIP_INSTALL) -e '.[bench]'
	@cp pyproject.toml $@
