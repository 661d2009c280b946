# Everything runs from a fresh clone with only Python >= 3.11: each target makes .venv first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
TESTS ?= tests

.PHONY: demo test test-slow test-next lint format notebooks bench bench-rivals coverage-study calibration-study docs clean

demo: $(STAMP)
	$(BIN)/lawjax demo --out demo

test: $(STAMP)
	$(BIN)/python -m pytest -n 2 -m "not slow" --durations=30 --durations-min=5 $(TESTS)

test-slow: $(STAMP)
	$(BIN)/python -m pytest -m slow $(TESTS)

lint: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/basedpyright

format: $(STAMP)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

notebooks: $(STAMP)
	for notebook in notebooks/*.py; do $(BIN)/python $$notebook || exit 1; done

bench: $(STAMP)
	for benchmark in $(filter-out benchmarks/coverage.py benchmarks/calibration.py,$(wildcard benchmarks/*.py)); do $(BIN)/python $$benchmark || exit 1; done

# Half an hour or more: how often nominal 90 % intervals hold the truth. LAWJAX_FULL=1 takes 1000 tables a setting.
coverage-study: $(STAMP)
	$(BIN)/python benchmarks/coverage.py > docs/coverage.md

# A quarter of an hour: 200 simulated data sets a setting; LAWJAX_FULL=1 takes 1000, LAWJAX_RESULTS=<folder> goes on.
calibration-study: $(STAMP)
	$(BIN)/python benchmarks/calibration.py > docs/calibration.md

# Rival packages get a Python of their own, 3.12 or newer, which some of them need; benchmarks find them there.
BENCH_PYTHON ?= python3.12
bench-rivals:
	$(BENCH_PYTHON) -m venv .venv-bench
	.venv-bench/bin/python -m pip install --quiet --upgrade pip
	.venv-bench/bin/python -m pip install --quiet --editable ".[bench]"

docs: $(STAMP)
	$(BIN)/python -m pip install --quiet --editable ".[docs]"
	$(BIN)/mkdocs build --strict --quiet

# The newest line of the libraries (JAX 0.12, ArviZ 1.x) needs Python 3.12 or newer; the rooms that depend on it.
NEXT_TESTS := tests/inference tests/fitting/test_fit.py tests/test_architecture.py tests/test_storage.py
test-next:
	$(MAKE) VENV=.venv-next PYTHON="$(NEXT_PYTHON)" TESTS="$(NEXT_TESTS)" test

$(STAMP): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable ".[dev]"
	touch $(STAMP)

clean:
	rm -rf $(VENV) .venv-next .venv-bench demo figures
