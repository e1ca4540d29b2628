# Two commands do everything on a fresh machine: `make demo` and `make test`. Both make their own virtual environment.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test check lint vectors clean

demo: $(READY) ## one invented family, from file to proof
	$(BIN)/mash demo

test: $(READY) ## every test; MASH_REQUIRE_ALL=1 makes a skipped test a failure
	$(BIN)/python -m pytest $(PYTEST_ARGS)

lint: $(READY) ## format, lint, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint test ## what CI runs

vectors: $(READY) ## write golden bytes, manifest and vectors again after a change of the contract
	$(BIN)/python -m tests.vectors.regenerate

$(READY): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	touch $(READY)

clean: ## remove what was made here
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist
