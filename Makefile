# Two commands: `make demo` shows what Sundog does, `make test` checks all of it.
# Everything they install stays in .venv (and what Debian's apt brings for the tests: see tools/install_*.sh).

PYTHON ?=
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
PYTEST := $(BIN)/python -m pytest
# What is linted: a script of your own beside them is yours.
SOURCES := src tests tools benchmarks examples docs
# As many test processes as there are processors, and no more than two.
WORKERS ?= $(shell nproc 2>/dev/null | awk '{ print ($$1 > 2) ? 2 : $$1 }')

# An environment is as it should be when it holds the mark of the files that it was made from.
hash = $(shell cat $(1) | cksum | tr -d ' ')
CORE := $(VENV)/.core-$(call hash,requirements/core.txt requirements/build.txt)
TEST := $(VENV)/.test-$(call hash,requirements/core.txt requirements/build.txt requirements/test.txt requirements/torch.in)
PACKAGE := $(VENV)/.package-$(call hash,pyproject.toml)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo prerequisites environment test-environment lint tests tests-all test test-all format reference lock picture changelog clean

help:
	@echo "make demo       replicate the sample table that ships with Sundog; prints where the report is"
	@echo "make test       everything that checks the tree: linters, types, import rules, tests"
	@echo "make test-all   the same with the slow tests"
	@echo "make format     lay out the source as the linter wants it"
	@echo "make reference  write docs/reference/commands.md and recipe.md from the source"
	@echo "make lock       remake requirements/*.txt (UPGRADE=1 takes newer versions)"
	@echo "make picture    take the picture of the report that README.md shows"
	@echo "make changelog  gather changes/ into CHANGELOG.md"
	@echo "make clean      remove what these commands made"

demo: environment
	@$(BIN)/sundog demo

prerequisites:
	@tools/find_python.sh $(PYTHON) >/dev/null

environment: prerequisites
	@$(MAKE) -s --no-print-directory $(CORE) $(PACKAGE)

test-environment: prerequisites
	@$(MAKE) -s --no-print-directory $(TEST) $(PACKAGE)
	@tools/install_chromium.sh
	@tools/install_mosquitto.sh
	@tools/install_strace.sh
	@tools/install_databases.sh
	@tools/install_poppler.sh

$(BIN)/python:
	@echo "Making $(VENV)"
	@python=$$(tools/find_python.sh $(PYTHON)) && "$$python" -m venv $(VENV)
	@$(PIP) --quiet uninstall --yes setuptools # Python 3.11 brings it: 11 MB that nothing here uses

# --no-compile: Python compiles what is used; all of it would take 90 MB and 10 s more.
$(CORE): | $(BIN)/python
	@echo "Installing the locked dependencies"
	@$(PIP) install --no-compile --require-hashes -r requirements/core.txt -r requirements/build.txt
	@rm -f $(VENV)/.core-* && touch $@

$(TEST): | $(BIN)/python
	@echo "Installing the locked dependencies, every extra, and what the tests need"
	@$(PIP) install --no-compile --require-hashes -r requirements/test.txt
	@$(PIP) install --no-compile --no-deps -r requirements/torch.in
	@$(BIN)/python -m compileall -q -j 0 $(VENV)/lib >/dev/null || true # some packages ship files for other Pythons
	@rm -f $(VENV)/.core-* $(VENV)/.test-* && touch $@ $(CORE)

$(PACKAGE): | $(BIN)/python
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@rm -f $(VENV)/.package-* && touch $@

test: test-environment lint tests

test-all: test-environment lint tests-all

lint:
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

tests:
	$(PYTEST) -n $(WORKERS) --dist loadfile -m "not slow"

tests-all:
	$(PYTEST) -n $(WORKERS) --dist loadfile

format:
	$(BIN)/ruff check --fix $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

reference:
	$(BIN)/python tools/write_reference.py

lock:
	tools/lock.sh $(if $(UPGRADE),--upgrade)

# The picture in README.md: the top of the demo's report.
picture: demo
	chromium --headless --no-sandbox --hide-scrollbars --window-size=1200,1540 --log-level=3 \
		--screenshot=docs/pictures/report.png "file://$(CURDIR)/demo/report.html"

changelog:
	$(BIN)/towncrier build --yes

clean:
	rm -rf $(VENV) .venvs .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache artefacts dist demo
