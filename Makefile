# The same words everywhere: demo, test, bench, lint.
SHELL := /bin/bash
PYTHON ?= /usr/bin/python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
FOR ?=
# pygame greets on every start; what people run here speaks for itself.
export PYGAME_HIDE_SUPPORT_PROMPT := 1
# One more than CI has cores: what is tested in true time waits more than it works.
JOBS ?= 3

.PHONY: demo test bench faults lint pictures lock setup clean help

help: ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(READY) ## Debian packages and .venv, from the lock (done by the others as needed)

$(READY): requirements.lock packages.debian.txt setup.cfg pyproject.toml
	$(SUDO) apt-get update -q
	grep -v '^#' packages.debian.txt | $(SUDO) env DEBIAN_FRONTEND=noninteractive xargs apt-get install -qq -y --no-install-recommends
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)

demo: $(READY) ## the whole simulated commune on this machine; FOR=60 ends by itself
	$(BIN)/commune-sim demo $(if $(FOR),--for $(FOR)s)

test: lint ## everything CI checks
	$(BIN)/pytest -n $(JOBS) --dist loadgroup

lint: $(READY) ## ruff, mypy strict, and that imports only go down
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(READY) ## writes build/bench.json and prints it
	$(BIN)/python -m bench

faults: $(READY) ## 200 cycles of kills, stops and cuts on real processes; FAULTS=1000 for more
	COMMUNE_FAULT_CYCLES=$(or $(FAULTS),200) $(BIN)/pytest -s tests/faults/test_cycles.py

pictures: $(READY) ## makes docs/pictures anew from a running commune
	$(BIN)/python -m docs.make_pictures

lock: ## resolve requirements.lock anew
	$(BIN)/uv pip compile setup.cfg --extra dev --extra pi --universal --generate-hashes --no-emit-index-url --no-header --upgrade -o requirements.lock

clean: ## forget everything that was built or run
	rm -rf $(VENV) build run *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
