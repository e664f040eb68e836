# How to work on Pledgewatch. `make demo` and `make test` are all a newcomer needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: setup demo test lint format bench lock clean
.DEFAULT_GOAL := help

help: ## what there is to make
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

setup: $(READY) ## build .venv from the hash-pinned lock (done once)

# The lock is checked by hash; the project itself is put in by path afterwards,
# because pip refuses hashes beside -e.
$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Pledgewatch needs Python 3.11 or newer; this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else 0'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Setting up .venv (once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: $(READY) ## replay 1-12 June 2020 in this terminal
	@$(BIN)/pledgewatch demo $(DEMO)

test: $(READY) lint ## everything CI runs: format, lint, types, layers, tests with coverage
	@rm -f .coverage .coverage.*
	@$(BIN)/python -m pytest -q --cov --cov-report=term $(PYTEST)

lint: $(READY) ## format check, lint, types, import contracts
	@$(BIN)/ruff format --check --quiet . || { echo "Run 'make format'."; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache > .lint-imports.log || { cat .lint-imports.log; exit 1; }

format: $(READY) ## put the code in order
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: $(READY) ## the pipeline beside a plain bot and beside the floor
	@$(BIN)/python -m tests.bench $(BENCH)

# Extras stay in it: without them pips before 23.3 look for `coverage[toml]` beside the lock.
lock: $(READY) ## make the lock anew, without index addresses
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --no-annotate --no-strip-extras --group dev \
	  --custom-compile-command 'make lock' pyproject.toml -o requirements.lock

clean: ## remove what setup and tests made
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage .coverage.* .lint-imports.log dist
