# Paddock's two commands are `make demo` and `make test`; both make the environment they need.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

# A Python to make the environment with; the environment then has its own.
PYTHON ?= python3
BIN := .venv/bin

# What the demo shows: which campaign (520 or double12), which marketplace (synthetic, or a folder of Olist's files), how large, how
# drawn, and whether it is lived through to its end. Left empty, the demo's own defaults hold.
CAMPAIGN ?=
SEED ?=
SIZE ?=
MARKETPLACE ?=
SERVE ?=
THROUGH ?=
PORT ?=
# Of the tests: which, and by how many processes (a file is never divided).
TESTS ?=
JOBS ?= 2
DEMO = $(if $(CAMPAIGN),--campaign "$(CAMPAIGN)") \
	$(if $(SEED),--seed "$(SEED)") $(if $(SIZE),--size "$(SIZE)") \
	$(if $(MARKETPLACE),--marketplace "$(MARKETPLACE)") $(if $(PORT),--port "$(PORT)") \
	$(if $(filter yes YES true 1,$(THROUGH)),--through) $(if $(filter no NO false 0,$(SERVE)),--no-serve)

.PHONY: help demo test lint format messages lock bench ledger serve clean

help: ## Say what there is to make
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort | expand -t 12

demo: .venv/installed ## Run a campaign on a marketplace, then serve it (CAMPAIGN=520|double12 SEED= SIZE=S|M|L MARKETPLACE= THROUGH=yes SERVE=no PORT=)
	$(BIN)/python manage.py demo $(DEMO)

test: .venv/installed-dev ## Run the tests on SQLite (TESTS= some of them, JOBS= processes)
	env -u DATABASE_URL -u REDIS_URL -u MODE $(BIN)/python -m pytest \
		$(if $(filter-out 1,$(JOBS)),-n $(JOBS) --dist loadfile) $(TESTS)

serve: .venv/installed ## Serve the installation in var/
	$(BIN)/python manage.py serve $(if $(PORT),--port "$(PORT)")

lint: .venv/installed-dev ## Check style, imports between layers, migrations and translations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python manage.py check --fail-level WARNING
	$(BIN)/python manage.py messages --check

format: .venv/installed-dev ## Put the code into its form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

messages: .venv/installed-dev ## Collect the texts to translate, and compile the translations (needs gettext)
	$(BIN)/python manage.py messages

# Hashes for every system and for Python 3.11 to 3.13; what is pinned stays, unless UPGRADE=--upgrade.
lock: .venv/installed-dev ## Lock requirements*.in with hashes (UPGRADE=--upgrade for newer versions)
	$(BIN)/uv pip compile $(LOCK) -o requirements.txt requirements.in
	$(BIN)/uv pip compile $(LOCK) -o requirements-dev.txt requirements-dev.in

UPGRADE ?=
LOCK = --universal --python-version 3.11 --generate-hashes --no-annotate --quiet \
	--custom-compile-command "make lock" $(UPGRADE)

bench: .venv/installed-dev ## Measure against the bars (BENCH= arguments; minutes, outside CI)
	$(BIN)/python -m benchmarks $(BENCH)

ledger: .venv/installed-dev ## Count the rules that tests show, and move every number by its last unit
	$(BIN)/python -m tests.ledger $(LEDGER)

clean: ## Remove what runs left behind, the environment and var/ excepted
	rm -rf .pytest_cache .ruff_cache .import_linter_cache .hypothesis test-results
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

# --- The environment ---------------------------------------------------------------------------------
# uv installs in seconds what pip takes a minute for. It is used when the machine has it or when the
# environment does; both check the hashes.

.venv/bin/python:
	@command -v "$(PYTHON)" > /dev/null || { \
		echo "Paddock needs Python 3.11 or newer; '$(PYTHON)' was not found. Name one: make PYTHON=python3.12 …" >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Paddock needs Python 3.11 or newer; '$(PYTHON)' is $$("$(PYTHON)" -V 2>&1). Name another: make PYTHON=python3.12 …" >&2; exit 1; }
	@"$(PYTHON)" -m venv .venv || { \
		echo "The environment could not be made; Debian has it in the package python3-venv." >&2; exit 1; }

.venv/installed: requirements.txt | .venv/bin/python
	@.ci/install -r requirements.txt
	@touch $@

.venv/installed-dev: requirements.txt requirements-dev.txt | .venv/bin/python
	@.ci/install -r requirements.txt -r requirements-dev.txt
	@touch $@ .venv/installed
