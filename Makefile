# Everything a checkout needs, in a virtual environment of its own (.venv); nothing else on the machine is touched.
# Written for GNU make 3.81, which is what macOS has.

.DEFAULT_GOAL := help
.PHONY: help hello test check bench format venv clean

BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

# The first of these that is Python 3.11 or newer and can make a virtual environment is taken;
# `make PYTHON=/path/to/python3.12 hello` names one instead.
PYTHON ?=
CANDIDATES = $(if $(PYTHON),$(PYTHON),python3 python3.14 python3.13 python3.12 python3.11)

help: ## say what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' Makefile

hello: .venv/base.stamp ## run a container task on a cloud of your own: no account, nothing to configure
	@$(BIN)/python -m awsecs_async submit --local --container busybox --runtime auto -- \
		echo 'hello from a container task'

test: .venv/dev.stamp ## run the tests
	$(BIN)/pytest -q --ignore=tests/bench

check: .venv/dev.stamp ## all that a change must pass: lint, format, types, floors, tests, the docs' examples
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(MAKE) test

bench: .venv/dev.stamp ## measure rates, CPU, memory and event-loop lag against the local cloud
	$(BIN)/python -m tests.bench

format: .venv/dev.stamp ## put the code into shape
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

venv: .venv/dev.stamp ## set up .venv with what development needs

clean: ## remove .venv and all that running leaves behind
	rm -rf .venv build dist .coverage .coverage.* .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find awsecs_async tests -name __pycache__ -prune -exec rm -rf {} +

.venv/base.stamp: pyproject.toml constraints.txt | $(BIN)/python
	@echo 'Installing awsecs-async into .venv' >&2
	@$(PIP) --editable .
	@touch $@

.venv/dev.stamp: pyproject.toml constraints.txt | $(BIN)/python
	@echo 'Installing awsecs-async and what its tests need into .venv' >&2
	@$(PIP) --editable '.[dev]'
	@touch $@ .venv/base.stamp

$(BIN)/python:
	@bare=; \
	for python in $(CANDIDATES); do \
		"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
		"$$python" -c 'import ensurepip, venv' 2>/dev/null || { bare="$$python"; continue; }; \
		"$$python" -m venv .venv && exit 0; \
		rm -rf .venv; exit 1; \
	done; \
	if [ -n "$$bare" ]; then \
		echo "$$bare cannot make virtual environments: its ensurepip or venv module is missing." >&2; \
		echo 'On Debian and Ubuntu: apt-get install python3-venv; then run make again.' >&2; \
	else \
		echo 'awsecs-async needs Python 3.11 or newer, and none of these is: $(CANDIDATES).' >&2; \
		echo 'Install one, or say where it is: make PYTHON=/path/to/python3.12' >&2; \
	fi; \
	exit 1
