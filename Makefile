# Two commands do everything on a fresh machine: `make demo` and `make test`. Both make their own virtual environment.
# `make quick` is for the hand on the keyboard, `make check` is what CI runs. What a machine cannot run is left out, and
# each of them says so; with MASH_REQUIRE_ALL=1, as in CI, whatever is left out is a failure.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

ROUNDS ?= 200

# Tests write and sync thousands of small databases: memory is kinder to a shared disk, and as real to a killed process.
SCRATCH ?= $(shell test -w /dev/shm && echo /dev/shm || echo $${TMPDIR:-/tmp})

# Make a target where the script before it ends with 0; where that says that this machine cannot (2), leave it out.
where-able = $(BIN)/python $(1); case $$? in \
	0) $(MAKE) $(2) ;; \
	2) echo "left out: make $(2)" >&2; test "$$MASH_REQUIRE_ALL" != 1 ;; \
	*) exit 1 ;; esac

.PHONY: demo demo-kafka test unit quick check lint vectors kafka kafka-cluster kafka-jars kill-test images test-containers clean

demo: $(READY) ## one invented family, from file to proof
	$(BIN)/mash demo

demo-kafka: $(READY) ## the same on three secured Kafka nodes, and again with one of them killed
	TMPDIR=$(SCRATCH) $(BIN)/python docker/kafka/demo.py

test: $(READY) ## every test that this machine can run, on Kafka's jars where it can fetch them; ends with what was skipped
	@$(BIN)/python docker/kafka/jars.py --where-possible || test "$$MASH_REQUIRE_ALL" != 1
	TMPDIR=$(SCRATCH) $(BIN)/python -m pytest $(PYTEST_ARGS)

lint: $(READY) ## format, lint, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

unit: $(READY) ## the tests of units and of the code's shape; `make lint` has the types and the import contracts
	TMPDIR=$(SCRATCH) $(BIN)/python -m pytest tests/unit tests/architecture -k "not types_are_strict and not import_contracts"

quick: $(READY) ## format, lint, types, import contracts and unit tests, at once on two cores: under 3 minutes
	$(MAKE) --jobs=2 --output-sync=target lint unit

check: lint demo ## what CI runs: lint, both demonstrations, every test, the images and the tests in containers
	$(MAKE) test PYTEST_ARGS="--ignore=tests/containers"
	@$(call where-able,docker/kafka/jars.py --where-possible,demo-kafka)
	@$(call where-able,docker/offline/build.py,test-containers)

vectors: $(READY) ## write golden bytes, manifest, vectors and the generated pages again after a change of the contract
	$(BIN)/python -m tests.vectors.regenerate
	$(BIN)/python -m schemas.asyncapi
	$(BIN)/python -m schemas.words

$(READY): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	touch $(READY)

kafka-jars: $(READY) ## fetch Apache Kafka's own jars with Maven
	$(BIN)/python docker/kafka/jars.py

kafka: $(READY) ## a real Kafka node on 127.0.0.1:9092, in the foreground, without a container
	$(BIN)/python docker/kafka/node.py

kafka-cluster: $(READY) ## three Kafka nodes with mutual TLS that deny what is not allowed, in the foreground
	$(BIN)/python docker/kafka/secured.py

kill-test: $(READY) ## kill -9 at random on three nodes, ROUNDS times; prints lost, doubled, unrecorded
	TMPDIR=$(SCRATCH) MASH_REQUIRE_ALL=1 MASH_KILL_ROUNDS=$(ROUNDS) $(BIN)/python -m pytest tests/kafka/test_kafka_kills.py

images: kafka-jars ## our images and a Kafka node's, on bases from Debian's packages: no registry of images is needed
	$(BIN)/python docker/offline/build.py

test-containers: $(READY) ## the tests that want those images: Kafka and an agent in containers
	TMPDIR=$(SCRATCH) $(BIN)/python -m pytest tests/containers $(PYTEST_ARGS)
	TMPDIR=$(SCRATCH) MASH_KAFKA=container $(BIN)/python -m pytest tests/contract -k kafka $(PYTEST_ARGS)

clean: ## remove what was made here
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist
