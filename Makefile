# `make help` says what there is. Nothing has to be installed by hand but Python (3.11 or later, with venv) and make.

SHELL := /bin/bash
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/.runtime
DEVELOPMENT := $(VENV)/.development
AUDIT := $(VENV)/audit/.installed
PLAYGROUND := playground/node_modules/.installed
PIP := $(BIN)/python -m pip install -qq --disable-pip-version-check
SUITABLE := import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))
OUT ?= ticketbot.zip

# the tests start the bot dozens of times: what it imports is compiled once
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help install demo test test-both lint audit bench soak playground-test manifest pictures lock clean

help: ## what there is (this list)
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(RUNTIME) ## only the bot: afterwards .venv/bin/ticketbot works

demo: $(RUNTIME) $(PLAYGROUND) ## the desk with sample tickets, in Microsoft's Playground where Node.js is there
	@exec $(BIN)/ticketbot demo

test: lint $(PLAYGROUND) ## linters, types and all tests
	$(BIN)/python -m pytest --quiet --numprocesses 3 --dist loadfile --no-loadscope-reorder

test-both: $(DEVELOPMENT) ## all tests, and those that need only one database on SQLite and on PostgreSQL
	$(BIN)/python -m pytest --quiet --numprocesses 3 --dist loadfile --no-loadscope-reorder --both-databases

lint: $(DEVELOPMENT) ## linters, types and the dependency rule alone
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

playground-test: $(DEVELOPMENT) $(PLAYGROUND) ## the journeys through Microsoft's Playground alone
	$(BIN)/python -m pytest --quiet tests/playground

audit: $(AUDIT) ## known vulnerabilities of everything locked, where their list can be had
	@test ! -e $(VENV)/audit/bin/pip-audit || \
	  $(VENV)/audit/bin/python .ci/audit.py $(VENV)/audit/bin/pip-audit requirements.txt requirements-dev.txt

bench: $(DEVELOPMENT) ## how fast it is, next to others, in one table
	$(BIN)/python -m bench

soak: $(DEVELOPMENT) ## break promises, kill and starve real processes for MINUTES (30), and compare what everybody was told
	$(BIN)/python -m tests.reliability.soak --promises 1000
	$(BIN)/python -m tests.reliability.soak --minutes $(or $(MINUTES),30)

manifest: $(RUNTIME) ## the Teams app package for your settings (OUT=ticketbot.zip)
	@$(BIN)/ticketbot manifest --out $(OUT)

pictures: $(DEVELOPMENT) $(PLAYGROUND) ## docs/pictures again, from the running demo
	$(BIN)/python -m tests.playground.pictures docs/pictures

lock: $(DEVELOPMENT) ## requirements*.txt again, with the newest releases that pyproject.toml allows (needs uv)
	./requirements.sh --upgrade

clean: ## away with everything that can be made again
	rm -rf $(VENV) .demo .bench playground/node_modules .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

$(BIN)/python:
	@for python in $(PYTHON) python3 python3.13 python3.12 python3.11 python3.14 python; do \
	  if "$$python" -c '$(SUITABLE)' 2>/dev/null; then exec "$$python" -m venv $(VENV); fi; \
	done; \
	echo "Python 3.11 or later with venv is needed (on Debian: apt install python3-venv); or name one: make PYTHON=/path/to/python" >&2; \
	exit 1

$(RUNTIME): requirements.txt pyproject.toml | $(BIN)/python
	@echo "Installing the bot into $(VENV) ..."
	@$(PIP) --require-hashes --no-deps --requirement requirements.txt
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(DEVELOPMENT): requirements-dev.txt pyproject.toml | $(BIN)/python
	@echo "Installing the bot and its development tools into $(VENV) ..."
	@$(PIP) --require-hashes --no-deps --requirement requirements-dev.txt
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $(RUNTIME) $@

# In an environment of its own: what looks at the dependencies is none of them. Without it the audit is left out.
$(AUDIT): requirements-audit.txt | $(BIN)/python
	@$(BIN)/python -m venv $(VENV)/audit
	@if $(VENV)/audit/bin/python -m pip install -qq --disable-pip-version-check --timeout 15 --retries 1 --require-hashes --no-deps \
	    --requirement requirements-audit.txt; then touch $@; \
	  else echo "audit: pip-audit cannot be installed here; going on without"; fi

# Without Node.js the demo plays in the terminal, and the tests that need it skip themselves (or fail with CI=true).
$(PLAYGROUND): playground/package-lock.json
	@if node -e 'process.exit(parseInt(process.versions.node) < 18 ? 1 : 0)' 2>/dev/null && command -v npm >/dev/null; then \
	  echo "Installing Microsoft's Playground into playground/node_modules ..." && \
	  cd playground && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error --silent && touch node_modules/.installed; \
	else \
	  echo "No Node.js 18 or later here: going on without Microsoft's Playground."; \
	fi
