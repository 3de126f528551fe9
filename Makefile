# `make verify` runs the main job and `make test` the tests; each does all of its own set-up, once.

SHELL := /bin/bash
BIN := .venv/bin
PAGE := fixtures/dashboard
TARGETS := fixtures/targets
WORLDS := harness/selftest/worlds/templates
PAGE_SOURCES := $(shell find $(PAGE)/src $(PAGE)/public -type f 2>/dev/null) $(wildcard $(PAGE)/*.html $(PAGE)/*.json $(PAGE)/*.ts)
SOURCES := $(shell find harness fixtures -name '*.py' -not -path '*/node_modules/*')
NPM := .setup/npm
# A third one is no quicker on two cores (764 s against 795 s, and more processor time), and live tests then wait for one.
WORKERS ?= 2
# A worker that crashed is not replaced: xdist gives its replacement the test that crashed it, again and again (3.8).
# Each file in one worker, the long ones first: tests/support/workers.py.
XDIST := -n $(WORKERS) --dist loadfile --no-loadscope-reorder --max-worker-restart 0

# Nothing of the caller's Python may lead the interpreter of .venv elsewhere.
unexport PYTHONPATH PYTHONHOME VIRTUAL_ENV PIP_USER PIP_TARGET PIP_PREFIX PIP_REQUIRE_VIRTUALENV
# The tests start hundreds of interpreters: without its compiled modules each takes twice as long to start.
unexport PYTHONDONTWRITEBYTECODE
# What waits for a registry, and what computes, side by side. Pytest itself waits for all that it needs.
MAKEFLAGS += --jobs=4

.DEFAULT_GOAL := help
.PHONY: help setup verify test page-test shard lint lint-python lint-page report allure docs screenshots wheel test-wheel test-versions test-locust test-bursts test-ranges pins bench bench-proxy scale mutants soak faults kills worlds doctor up clean

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: .venv/.ready .venv/.compiled $(PAGE)/dist/.ready $(TARGETS)/node_modules/.ready $(WORLDS)/node_modules/.ready .venv/.browser ## everything that verify and test need

.venv/.ready: pyproject.toml .setup/python .setup/constraints.txt
	@.setup/python

# Else the first command waits for that, and each one where PYTHONDONTWRITEBYTECODE is set, as in many containers.
.venv/.compiled: .venv/.ready $(SOURCES)
	@$(BIN)/python -m compileall -q -x node_modules harness fixtures
	@touch $@

# A machine without Node.js gets it from a package of Python; only there npm has to wait for .venv.
NODE := $(shell $(NPM) is-there || echo .venv/.node)

.venv/.node: .venv/.ready
	@$(NPM) --version >/dev/null && touch $@

$(PAGE)/node_modules/.ready: $(PAGE)/package-lock.json | $(NODE)
	@echo "set-up: the dashboard's packages"
	@$(NPM) ci --no-audit --no-fund --loglevel=error >/dev/null
	@touch $@

$(PAGE)/dist/.ready: $(PAGE)/node_modules/.ready $(PAGE_SOURCES)
	@echo "set-up: building the dashboard"
	@$(NPM) run --silent build -- --logLevel warn
	@touch $@

$(TARGETS)/node_modules/.ready: $(TARGETS)/package-lock.json | $(NODE)
	@echo "set-up: the packages of the systems in $(TARGETS)"
	@NPM_FOLDER=$(TARGETS) $(NPM) ci --no-audit --no-fund --loglevel=error >/dev/null
	@touch $@

$(WORLDS)/node_modules/.ready: $(WORLDS)/package-lock.json | $(NODE)
	@echo "set-up: the packages of the worlds in $(WORLDS)"
	@NPM_FOLDER=$(WORLDS) $(NPM) ci --no-audit --no-fund --loglevel=error >/dev/null
	@touch $@

.venv/.browser: .setup/browser | .venv/.ready
	@.setup/browser && touch $@

reports/node_modules/.ready: reports/package-lock.json | $(NODE)
	@echo "set-up: Allure Report"
	@NPM_FOLDER=reports $(NPM) ci --no-audit --no-fund --loglevel=error >/dev/null
	@touch $@

verify: setup ## all four strategies, and both readings of the documented bug
	@$(BIN)/harness verify
	@$(BIN)/harness reproduce room-mismatch
	@$(BIN)/harness reproduce wrong-process
	@echo "reports of all runs: $(CURDIR)/reports/runs"

lint: lint-python lint-page ## linters, formatters and type checkers

lint-python: setup
	@echo "lint: ruff, mypy" && $(BIN)/ruff check --quiet && $(BIN)/ruff format --check --quiet && $(BIN)/mypy

lint-page: setup
	@echo "lint: eslint, prettier, tsc" && $(NPM) run --silent lint && $(NPM) run --silent format:check && $(NPM) run --silent typecheck

# Lint and the tests of the page beside pytest, which leaves a quarter of two cores idle: it is heard when they have passed.
# What make tells a make within is for one that shares its jobs, and a shell between them hands them on to neither.
LINTED = env -u MAKEFLAGS -u MFLAGS $(MAKE) --no-print-directory lint page-test

test: setup reports/node_modules/.ready ## everything that must hold
	@$(BIN)/python -m tests.support.beside "$(LINTED)" $(BIN)/pytest $(XDIST) $$([ ! -t 2 ] || echo --color=yes)

page-test: setup
	@$(NPM) test --silent

shard: setup reports/node_modules/.ready ## one part of the tests, for CI: make shard SHARD=1 SHARDS=3
	@$(BIN)/pytest $(XDIST) --splits $(SHARDS) --group $(SHARD) --clean-alluredir --alluredir reports/allure-results \
	  --junit-xml reports/junit.xml --output reports/test-results --tracing retain-on-failure --screenshot only-on-failure

report: setup reports/node_modules/.ready ## the scenarios' results as Allure's report, in reports/allure-report
	@$(BIN)/pytest scenarios $(XDIST) --clean-alluredir --alluredir reports/allure-results || true
	@$(BIN)/harness report

allure: setup reports/node_modules/.ready # the report of results that are there
	@$(BIN)/harness report

wheel: setup ## a wheel and an sdist that can be installed anywhere, in build/packages
	@$(BIN)/python -m hatchling build -d build/packages

test-wheel: setup ## both installed into empty environments elsewhere, and every command there
	@HARNESS_WHEEL=whole $(BIN)/python -m pytest tests/packaging tests/test_foreign_packages.py

test-versions: setup ## the agent in other releases of python-socketio, in every Python here, and in what serves, works and runs TypeScript
	@HARNESS_VERSIONS=all $(BIN)/python -m pytest tests/taps/agent/test_versions.py tests/taps/agent/test_hosts.py tests/taps/agent/test_host_programs.py tests/taps/node/test_runners.py

foreign: setup ## every bug of the systems on other stacks, played; rewrites their records and docs/foreign-systems.md
	@$(BIN)/python -m tests.support.foreign
	@$(BIN)/python -m tests.support.foreign --table > docs/foreign-systems.md

test-systems: setup ## every form of the foreign systems, and every adapter, of which the tests try a sample
	@HARNESS_SYSTEMS=all $(BIN)/python -m pytest tests/systems tests/target/test_kitchen.py tests/taps/node/test_adapters.py

test-locust: setup ## `harness load --locust`: a healthy run, a seeded loss, a lost worker; installs Locust, which `make test` does not need
	@$(BIN)/python -c 'import importlib.util as i, sys; sys.exit(i.find_spec("locust") is None)' || $(BIN)/python -m pip install -qq --disable-pip-version-check -c .setup/constraints.txt -e '.[locust]'
	@$(BIN)/python -m pytest tests/load

test-bursts: setup ## ten thousand events in one tick, spaced, by polling, two thousand to a slow page; `make test` sends a fifth, or a tenth
	@HARNESS_BURSTS=whole $(BIN)/python -m pytest scenarios/test_bursts.py

test-ranges: setup reports/node_modules/.ready ## a sample of the tests on the lowest and the newest versions of everything declared
	@$(BIN)/python -m tests.support.ranges

pins: setup ## what make installs from now on: the newest of everything; rewrites .setup/constraints.txt
	@.setup/pins

docs: setup ## the documentation as a site, in build/site; DOCS_URL is where it is put
	@$(BIN)/python -c 'import material' 2>/dev/null || $(BIN)/python -m pip install -qq --disable-pip-version-check -c .setup/constraints.txt -e '.[docs]'
	@$(BIN)/python -m harness.commands.manual > docs/commands.md
	@$(BIN)/python -m tests.support.catalogue > docs/causes.md
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build -f .site/mkdocs.yml --quiet --strict --clean
	@echo "documentation: $(CURDIR)/build/site/index.html"

screenshots: setup reports/node_modules/.ready ## takes the documentation's screenshots again
	@$(BIN)/python docs/take_screenshots.py

bench: setup ## what the harness costs, beside a bare script; rewrites docs/speed.md
	@$(BIN)/python -m bench --table docs/speed.md

scale: setup ## what many dashboards cost, and what comes of them; rewrites the table of docs/scale.md
	@$(BIN)/python -m bench.scale

mutants: setup ## what the tests of the judge notice when its source is changed; rewrites docs/mutants.md
	@$(BIN)/python -m tests.support.mutation --max-children 2
	@$(BIN)/python -m tests.support.survivors docs/mutants.md

soak: setup ## 300 clean runs under disturbance, none of which may raise an alarm; rewrites docs/soak.md
	@$(BIN)/harness soak --runs 300 --table docs/soak.md

faults: setup ## every fault under every strategy, 20 seeds each (three hours; goes on where it was broken off); rewrites docs/faults.md
	@$(BIN)/python -m harness.selftest.survival --seeds $(or $(SEEDS),20) --part reports/faults.jsonl --table docs/faults.md

kills: setup ## 300 harnesses ended at random moments (goes on where it was broken off); rewrites docs/kills.md
	@$(BIN)/python -m tests.support.kills --count $(or $(COUNT),300) --part reports/kills.jsonl --table docs/kills.md

worlds: setup ## 1,000 small systems made at random, whose truth is known; rewrites docs/worlds.md
	@$(BIN)/harness worlds --seeds $(or $(SEEDS),1000) --table docs/worlds.md

bench-proxy: setup ## what the wire proxy adds to an event; rewrites docs/bench-proxy.md
	@$(BIN)/python -m bench.proxy --table docs/bench-proxy.md

doctor: .venv/.ready ## what this machine lacks, and how to get it
	@$(BIN)/harness doctor

up: setup ## the whole stack for you to use: make up STRATEGY=broadcast
	@$(BIN)/harness up --strategy $(or $(STRATEGY),broadcast)

clean: ## remove what set-up and runs made
	@rm -rf .venv $(PAGE)/node_modules $(PAGE)/dist $(TARGETS)/node_modules $(WORLDS)/node_modules reports/runs reports/worlds reports/allure-* reports/node_modules build .mypy_cache .ruff_cache .pytest_cache
