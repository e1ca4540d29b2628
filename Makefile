# Two commands do everything on a fresh machine: `make demo` and `make test`. Both make their own virtual environment.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

# Tests write and sync thousands of small databases: memory is kinder to a shared disk, and as real to a killed process.
SCRATCH ?= $(shell test -w /dev/shm && echo /dev/shm || echo $${TMPDIR:-/tmp})

.PHONY: demo test check lint vectors kafka kafka-jars clean

demo: $(READY) ## one invented family, from file to proof
	$(BIN)/mash demo

test: $(READY) ## every test; MASH_REQUIRE_ALL=1 makes a skipped test a failure
	TMPDIR=$(SCRATCH) $(BIN)/python -m pytest $(PYTEST_ARGS)

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

kafka-jars: $(READY) ## fetch Apache Kafka's own jars with Maven
	$(BIN)/python docker/kafka/node.py fetch

kafka: $(READY) ## a real Kafka node on 127.0.0.1:9092, in the foreground, without a container
	$(BIN)/python docker/kafka/node.py run

clean: ## remove what was made here
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist
