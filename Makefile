# VAD's commands. `make help` lists them; everything happens in .venv, nothing is installed outside this folder.

SHELL := /bin/sh
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# Tests start hundreds of processes; compiling everything anew in each would be most of their work.
unexport PYTHONDONTWRITEBYTECODE

BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
COMPILE := $(BIN)/uv pip compile -q --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-strip-extras \
	--universal --python-version 3.11 $(if $(UPGRADE),--upgrade)

# Every process of a run has its own PostgreSQL and Redis, unless the environment names one for all of them.
PARALLEL := $(if $(VAD__REDIS__URL)$(VAD__DATABASE__URL),,-n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder)

# A stamp stands for a finished step, so that a second run takes no time.
VENV := .venv/.made
DEMO := .venv/.installed
DEV := .venv/.installed-dev
CLIENTS := tests/clients/node_modules/.package-lock.json

# A .venv that was copied along with its folder, or whose Python is gone, counts for nothing and is made anew.
SOUND := $(shell grep -qF "$(CURDIR)/.venv/bin/" .venv/bin/pip 2>/dev/null && .venv/bin/python -c "" 2>/dev/null && echo yes)
ifndef SOUND
.PHONY: $(VENV)
endif

.PHONY: help setup demo demo-check demo-reset test test-fast faults bench check fix requirements assets

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: $(DEMO) assets ## make .venv, install the pinned packages, bring the page assets

demo: setup ## start VAD and its neighbourhood; Ctrl-C stops it (ARGS="--port 9000 --config DIR")
	@exec $(BIN)/vad demo $(ARGS)

demo-check: setup ## walk the main job on free ports, say of each step how it went, stop everything
	@exec $(BIN)/vad demo --check $(ARGS)

demo-reset: $(DEMO) ## forget the data of the demo
	@exec $(BIN)/vad demo --reset $(ARGS)

test: $(DEV) assets $(CLIENTS) ## run every test, browser journeys included (ARGS="tests/domain -x")
	$(BIN)/python -m pytest $(PARALLEL) $(ARGS)

test-fast: $(DEV) assets ## run those that take less than a minute: the rules, the structure, the adapters but PostgreSQL's
	$(BIN)/python -m pytest $(PARALLEL) -m "not slow" \
		tests/domain tests/architecture tests/adapters --ignore=tests/adapters/postgres $(ARGS)

# For `make faults`: events of the log that a slow reader takes away, and how long that may take. A million takes a quarter of an hour.
EXPORTED ?= 100000
EXPORT_SECONDS ?= 600

# Seconds of requests of chance to every address, of which `make test` takes a few, and examples of each operation of the APIs.
FUZZED ?= 60
TRIED ?= 25

faults: $(DEV) assets ## log many people in while workers are killed, and look for what was lost (ARGS="--logins 200"); fuzz; export to a slow reader
	$(BIN)/python -m tests.faults.storm $(ARGS)
	VAD_FUZZ_SECONDS=$(FUZZED) VAD_FUZZ_EXAMPLES=250 VAD_API_EXAMPLES=$(TRIED) $(BIN)/python -m pytest --timeout 900 \
		tests/web/test_fuzzing.py tests/web/api/test_api_contract.py tests/web/admin/test_audit_api_document.py -k "fault or tries_everything"
	timeout $(EXPORT_SECONDS) $(BIN)/python -m tests.benchmarks.exporting --events $(EXPORTED) --pause 0.2

bench: $(DEV) assets ## measure what a flow costs the server, beside its budget (ARGS="--flows W3 --rounds 1")
	$(BIN)/python -m tests.benchmarks.run $(ARGS)

check: $(DEV) assets ## style, types, imports, spelling, translations, migrations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell
	$(BIN)/python -m pytest -q tests/architecture

fix: $(DEV) ## let ruff repair and format what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

requirements: $(DEV) ## pin the packages of requirements*.in anew (UPGRADE=1: to their newest versions)
	$(COMPILE) -o requirements.txt requirements.in
	$(COMPILE) -o requirements-granian.txt requirements-granian.in
	$(COMPILE) -o requirements-otel.txt requirements-otel.in
	$(COMPILE) -o requirements-sandbox.txt requirements-sandbox.in
	$(COMPILE) -o requirements-dev.txt requirements-dev.in
	$(COMPILE) -o deploy/requirements-build.txt deploy/requirements-build.in

assets: $(DEMO) ## bring the style sheet and fonts, checked by SHA-512
	@$(BIN)/python deploy/assets.py

$(VENV):
ifndef SOUND
	@for python in python3.11 python3.12 python3.13 python3.14 python3; do \
		$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
		found=$$python; \
		$$python -c 'import ensurepip, venv' 2>/dev/null && break; \
		lacking=$$python; found=; \
	done; \
	if [ -z "$$found" ]; then \
		if [ -n "$$lacking" ]; then echo "$$lacking has no venv module (Debian: apt-get install python3-venv)" >&2; \
		else echo "VAD needs Python 3.11 or newer (Debian: apt-get install python3 python3-venv)" >&2; fi; \
		exit 1; \
	fi; \
	echo "Making .venv with $$($$found --version)"; \
	$$found -m venv --clear .venv
endif
	@touch $@

$(DEMO): $(VENV) requirements.txt requirements-sandbox.txt pyproject.toml
	@echo "Installing the pinned packages"
	@$(PIP) install --require-hashes -r requirements.txt -r requirements-sandbox.txt
	@$(PIP) install --quiet --no-deps --no-build-isolation --config-settings editable_mode=compat --editable .
	@touch $@

$(CLIENTS): tests/clients/package-lock.json | $(DEV)
	@echo "Installing the pinned client libraries of npm"
	@$(BIN)/python -m tests.support.npm
	@touch $@

$(DEV): $(DEMO) requirements-dev.txt
	@echo "Installing the pinned packages for tests and checks"
	@$(PIP) install --require-hashes -r requirements.txt -r requirements-sandbox.txt -r requirements-dev.txt
	@touch $@
