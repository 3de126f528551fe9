# `make verify` runs the main job and `make test` the tests; each does all of its own set-up, once.

SHELL := /bin/bash
BIN := .venv/bin
PAGE := fixtures/dashboard
PAGE_SOURCES := $(shell find $(PAGE)/src $(PAGE)/public -type f 2>/dev/null) $(PAGE)/index.html $(PAGE)/vite.config.ts
NPM := .setup/npm
WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help setup verify reproduce test check up clean

help: ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: .venv/.ready $(PAGE)/dist/.ready .venv/.browser ## everything that verify and test need

.venv/.ready: pyproject.toml .setup/python
	@.setup/python

$(PAGE)/node_modules/.ready: $(PAGE)/package-lock.json .venv/.ready
	@echo "set-up: the dashboard's packages"
	@$(NPM) ci --no-audit --no-fund --loglevel=error
	@touch $@

$(PAGE)/dist/.ready: $(PAGE)/node_modules/.ready $(PAGE_SOURCES)
	@echo "set-up: building the dashboard"
	@$(NPM) run --silent build -- --logLevel warn
	@touch $@

.venv/.browser: .venv/.ready .setup/browser
	@.setup/browser && touch $@

verify: setup ## all four strategies, and both readings of the documented bug
	@$(BIN)/harness verify
	@$(BIN)/harness reproduce room-mismatch
	@$(BIN)/harness reproduce wrong-process

check: setup ## linters and type checkers
	@$(BIN)/ruff check && $(BIN)/ruff format --check && $(BIN)/mypy
	@$(NPM) run --silent lint && $(NPM) run --silent format:check && $(NPM) run --silent typecheck && $(NPM) test --silent

test: check ## everything that must hold
	@$(BIN)/pytest -n $(WORKERS) --dist loadgroup

up: setup ## the whole stack for you to use: make up STRATEGY=broadcast
	@$(BIN)/harness up --strategy $(or $(STRATEGY),broadcast)

clean: ## remove what set-up and runs made
	rm -rf .venv $(PAGE)/node_modules $(PAGE)/dist reports/runs reports/allure-results .mypy_cache .ruff_cache .pytest_cache
