# A newcomer's two commands: `make demo` and `make test`. Python 3.11+ and make are all they need.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
OUT ?= out/demo
JAVA := $(shell java -version >/dev/null 2>&1 && echo ,spark)
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint requirements.lock

.PHONY: demo test coverage lab benchmark clean

demo: $(VENV)/.demo
	$(BIN)/lcc demo --out $(OUT)

test: $(VENV)/.test
	sh tools/system_packages.sh
	sh tools/page_checkers.sh
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile

coverage: $(VENV)/.test
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile --cov --cov-report=term:skip-covered

lab: $(VENV)/.lab
	$(BIN)/jupyter lab notebooks

benchmark: $(VENV)/.test
	$(BIN)/python benchmarks/run.py

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "lcc needs Python 3.11 or newer: make PYTHON=python3.12 …")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: $(BIN)/python pyproject.toml requirements.lock
	$(PIP) --editable .
	touch $@

$(VENV)/.lab: $(BIN)/python pyproject.toml requirements.lock
	$(PIP) --editable '.[lab]'
	touch $@

$(VENV)/.test: $(BIN)/python pyproject.toml requirements.lock
	$(PIP) --editable '.[test$(JAVA)]'
	touch $@

clean:
	rm -rf $(VENV) out build dist
