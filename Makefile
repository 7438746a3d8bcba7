# make demo  runs one study and draws its figure; make test  runs the tests.
# make docs  builds the documentation as a site.
# All make .venv on first use and install again only when pyproject.toml changes; so does make test-lowest with .venv-lowest.

PYTHON ?= python3
PYTEST_WORKERS ?= 2
PYTEST_ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq

# The stamps carry a checksum of pyproject.toml in their name, so that a fresh checkout (new file times) installs nothing twice.
KEY := $(shell cksum < pyproject.toml | cut -d ' ' -f 1)
CORE := $(VENV)/.installed-core-$(KEY)
DEV := $(VENV)/.installed-dev-$(KEY)
DOCS := $(VENV)/.installed-docs-$(KEY)
LOWEST := .venv-lowest/.installed-$(KEY)

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo test test-lowest lint docs docs-tables bench clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile
	@echo "Variables: PYTHON=$(PYTHON)  PYTEST_WORKERS=$(PYTEST_WORKERS)  PYTEST_ARGS=$(PYTEST_ARGS)"

demo: $(CORE) ## run the wu2021 study, draw its figure and print where it is
	@$(BIN)/habenula run wu2021

# A file goes to one worker, so that what its tests share is made once; files with many tests begin.
test: $(DEV) ## run the tests
	@$(BIN)/python -m pytest -n auto --maxprocesses=$(PYTEST_WORKERS) --dist loadfile $(PYTEST_ARGS)

# Old packages with newer ones below them warn of each other's deprecations, which says nothing of this one.
test-lowest: $(LOWEST) ## run the tests with the lowest versions that pyproject.toml allows (Python 3.11 or 3.12)
	@.venv-lowest/bin/python -m pytest -n auto --maxprocesses=$(PYTEST_WORKERS) --dist loadfile -W default::DeprecationWarning $(PYTEST_ARGS)

lint: $(DEV) ## check style, format and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

# Anew each time, since Sphinx does not see that a docstring or the list of public names has changed.
docs: $(DOCS) ## build the documentation as a site, every internal link checked, and print where it is
	@rm -rf build/site docs/reference/generated
	@$(BIN)/python -m sphinx -q -W --keep-going -c docs . build/site
	@echo "$(CURDIR)/build/site/index.html"

docs-tables: $(CORE) ## renew the tables of docs/ and the schema of configs from what is registered
	@$(BIN)/python -m habenula_rl.cli.pages

bench: $(DEV) ## measure the speed against C and NumPy (docs/reference/performance.md)
	@$(BIN)/python -m benchmarks

clean: ## remove caches and builds; keeps .venv, .venv-lowest and results
	@rm -rf build dist docs/reference/generated .hypothesis .mypy_cache .pytest_cache .ruff_cache
	@find . -path './.venv*' -prune -o -type d \( -name __pycache__ -o -name '*.egg-info' \) -prune -exec rm -rf {} +

$(BIN)/python:
	@command -v "$(PYTHON)" > /dev/null || { \
	    echo "habenula_rl needs Python 3.11 or newer, and '$(PYTHON)' was not found. Name one: make PYTHON=python3.12 ..." >&2; \
	    exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	    echo "habenula_rl needs Python 3.11 or newer; '$(PYTHON)' is `"$(PYTHON)" -V 2>&1`. Name another: make PYTHON=python3.12 ..." >&2; \
	    exit 1; }
	@echo "Making $(VENV) ..."
	@"$(PYTHON)" -m venv --clear $(VENV) || { \
	    rm -rf $(VENV); \
	    echo "Could not make $(VENV). On Debian and Ubuntu, 'apt install python3-venv' may be needed first." >&2; \
	    exit 1; }

# $(call install,what): install this folder, or stop with a message that can be understood.
define install
	@echo "Installing habenula_rl and what it needs into $(VENV) (once; this takes a while) ..."
	@find $(VENV) -maxdepth 1 -name '.installed-*' ! -name '*-$(KEY)' -exec rm -f {} +
	@$(PIP) install -e '$(1)' || { \
	    echo "The install into $(VENV) failed; pip says why above. Without a network connection pip cannot fetch packages." >&2; \
	    echo "Try again when connected. If it still fails, remove $(VENV) and start over." >&2; \
	    exit 1; }
endef

$(CORE): | $(BIN)/python
	$(call install,.)
	@touch $(CORE)

$(LOWEST):
	@"$(PYTHON)" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 13))' || { \
	    echo "The lowest versions have no wheels for `"$(PYTHON)" -V 2>&1`. Name another: make PYTHON=python3.11 test-lowest" >&2; \
	    exit 1; }
	@echo "Making .venv-lowest with the lowest versions that pyproject.toml allows ..."
	@"$(PYTHON)" -m venv --clear .venv-lowest
	@.ci/lowest > .venv-lowest/constraints.txt
	@.venv-lowest/bin/python -m pip --disable-pip-version-check -qq install -c .venv-lowest/constraints.txt -e '.[dev]'
	@touch $(LOWEST)

# The dev install is the core install and more, so it leaves both stamps; so does that for the site.
$(DEV): | $(BIN)/python
	$(call install,.[dev])
	@touch $(CORE) $(DEV)

$(DOCS): | $(BIN)/python
	$(call install,.[docs])
	@touch $(CORE) $(DOCS)
