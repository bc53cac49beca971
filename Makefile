# Each target sets itself up: Python 3.11 or newer and make are all a machine needs. Nothing is installed outside .venv.
#
#   make run      start Vedette; without a client secret and token, a demonstration with a simulated Sentry
#   make test     run all tests
#   make coverage run all tests, and fail where too little code was run
#   make mutants  change the code in small ways, and count the changes that no test notices
#   make check    format, lint, types, imports, spelling, prose

.DEFAULT_GOAL := help
.PHONY: help run test coverage mutants check lock clean

PYTHON ?= $(shell for candidate in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo "$$candidate" && break; done)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

help:
	@sed -n '3,7s/^# *//p' Makefile

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Vedette needs Python 3.11 or newer with the venv module: install it (on Debian: python3 and python3-venv), or name one with 'make PYTHON=/path/to/python3'."; exit 2; }
	@echo "Making .venv with $(PYTHON)"
	@$(PYTHON) -m venv .venv

# A stamp holds what was installed; it is made anew only when the pins or the packaging change.
.venv/run.stamp: .venv/bin/python constraints/run.txt pyproject.toml
	@echo "Installing what Vedette runs on (a minute on the first time)"
	@$(PIP) install --require-hashes --no-deps -r constraints/run.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

.venv/dev.stamp: .venv/run.stamp constraints/dev.txt
	@echo "Installing what the tests and checks need"
	@$(PIP) install --require-hashes --no-deps -r constraints/dev.txt
	@touch $@

run: .venv/run.stamp
	@exec $(BIN)/vedette up

# Clients of Sentry that others wrote, which tests/clients runs through the gateway. Without the npm registry their tests
# are skipped, and fail where CI=true.
.venv/clients.stamp: .venv/dev.stamp tests/clients/package.json tests/clients/package-lock.json
	@echo "Installing the clients of Sentry that the tests run"
	@$(BIN)/python tests/clients/install.py >/dev/null && touch $@ || true

# Tests that judge load or time run after the others, one by one. Each run may have no test of a TESTS that names some
# (pytest's exit code 5), not both.
define run_tests
parallel=0; $(1) -n 2 --dist worksteal -m "not alone" $(TESTS) || parallel=$$?; \
case $$parallel in 0|1|5) ;; *) exit $$parallel ;; esac; \
alone=0; $(1) -m alone $(TESTS) || alone=$$?; \
case $$parallel,$$alone in 0,0|0,5|5,0) ;; *) exit 1 ;; esac
endef

test: .venv/dev.stamp .venv/clients.stamp
	@$(call run_tests,$(BIN)/python -m pytest)

# Every process that a test starts writes a data file of its own. Pytest's failures fail it too.
coverage: export COVERAGE_FILE := $(CURDIR)/.coverage-data/run
coverage: .venv/dev.stamp .venv/clients.stamp
	@rm -rf .coverage-data && mkdir .coverage-data
	@$(call run_tests,$(BIN)/coverage run -m pytest)
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report

.venv/mutants.stamp: .venv/dev.stamp constraints/mutants.txt
	@$(PIP) install --require-hashes --no-deps -r constraints/mutants.txt
	@touch $@

# MUTANTS names some, as in `make mutants MUTANTS='vedette.search.*'`; what is known already is not run again.
mutants: .venv/mutants.stamp
	@$(BIN)/mutmut run $(MUTANTS)
	@$(BIN)/mutmut results

check: .venv/dev.stamp
	@$(BIN)/ruff format --check --quiet . || { echo "Run '.venv/bin/ruff format .' to mend the layout of these files."; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/pyright --warnings
	@$(BIN)/lint-imports
	@$(BIN)/codespell vedette receiver workers gateway handlers console docs README.md CONTRIBUTING.md CHANGELOG.md SECURITY.md RELEASING.md
	@$(BIN)/python docs/check_prose.py

# Pins every package with its hashes, for every platform; wants uv on the PATH.
lock:
	uv pip compile -q pyproject.toml --group build --universal --generate-hashes --python-version 3.11 --no-header -o constraints/run.txt
	uv pip compile -q pyproject.toml --group dev --universal --generate-hashes --python-version 3.11 --no-header -c constraints/run.txt -o constraints/dev.txt
	uv pip compile -q pyproject.toml --group mutants --universal --generate-hashes --python-version 3.11 --no-header -c constraints/dev.txt -o constraints/mutants.txt

clean:
	rm -rf .venv .vedette .coverage-data mutants .pytest_cache .ruff_cache .hypothesis dist
