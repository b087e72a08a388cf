# Each target sets up .venv itself: it needs only Python 3.11+, pip, and a network for the first installation.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
DEMO := demo-data
PIP := $(BIN)/pip install --quiet --disable-pip-version-check
COMPILE := $(BIN)/pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe --no-header
NEW_ENOUGH := -c 'import sys; sys.exit(sys.version_info < (3, 11))'

# An environment whose Python is too old, or gone, is made again.
ifneq ($(wildcard $(VENV)/pyvenv.cfg),)
ifneq ($(shell $(BIN)/python $(NEW_ENOUGH) 2> /dev/null && echo yes),yes)
$(info $(VENV) has no Python 3.11 or newer; it is made again)
$(shell rm -rf $(VENV))
endif
endif

.PHONY: demo test test-all check bench deploy-check replay torture mutants fuzz lock clean

demo: $(VENV)/.installed
	$(BIN)/python -m tests.demo $(DEMO)

# TESTS="tests/fetch -k robots" runs a part.
test: $(VENV)/.installed
	$(BIN)/pytest -n auto --dist worksteal $(TESTS)

# On every Python from 3.11 on that is installed, in .venv-3.11 and so on.
test-all: $(VENV)/.installed
	$(BIN)/python -m tests.interpreters $(if $(TESTS),--tests '$(TESTS)')

check: $(VENV)/.installed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache --no-logo

bench: $(VENV)/.installed-bench
	$(BIN)/python -m tests.benchmarks

# How the records of the captured pages change compared with main.
replay: $(VENV)/.installed
	$(BIN)/python -m tests.replay $(if $(BASE),--base $(BASE))

# An exported crontab in a real cron daemon, and every step of the Dockerfile: takes a minute, needs the network and root.
deploy-check: $(VENV)/.installed
	$(BIN)/pytest -n auto --dist loadfile -m slow tests/deploying

# Crash, damage and load trials that take too long for the tests.
torture: $(VENV)/.installed deploy-check
	DAILYPAPERS_MIXTURES=200 $(BIN)/pytest -n auto tests/pipeline/test_hostile.py
	$(BIN)/python -m tests.torture

# Mutation tests: the tests must find 90 % of the mistakes in the parsers, 85 % in each other part.
# All parts take hours: `make mutants PART=dailypapers.snapshots.completeness` measures one, SAMPLE=100 a hundred mutants of each.
PART ?=
SAMPLE ?=
mutants: $(VENV)/.installed-mutants
	$(BIN)/python -m tests.mutants $(if $(SAMPLE),--sample $(SAMPLE)) $(if $(SEED),--seed $(SEED)) $(PART)

# Hostile input for an hour: half of it bytes mutated by atheris, half of it structured input by hypothesis.
MINUTES ?= 60
fuzz: $(VENV)/.installed-fuzz
	$(BIN)/python -m tests.fuzz --minutes $(MINUTES)
	$(BIN)/python -m tests.fuzz.command --minutes $(MINUTES)

# Pins every package with its hashes; the files name no package index.
lock: $(VENV)/.installed
	$(BIN)/pip install --quiet --disable-pip-version-check pip-tools
	$(COMPILE) --all-build-deps --extra test --output-file requirements.lock pyproject.toml
	for extra in bench fuzz mutants; do \
		$(COMPILE) --extra $$extra --constraint requirements.lock --output-file tests/$$extra.lock pyproject.toml || exit 1; done
	sed -i '/^--/d' requirements.lock tests/*.lock

clean:
	rm -rf $(VENV) .venv-* $(DEMO) dist tests/browser/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis mutants

$(VENV)/bin/python:
	@$(PYTHON) $(NEW_ENOUGH) || { echo "Python 3.11 or newer is needed, and $(PYTHON) is $$($(PYTHON) -V 2>&1);" \
		"name another one: make $(or $(MAKECMDGOALS),demo) PYTHON=python3.13" >&2; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)

$(VENV)/.installed: pyproject.toml requirements.lock | $(VENV)/bin/python
	$(PIP) --require-hashes --requirement requirements.lock
	$(PIP) --no-deps --no-build-isolation --editable .
	touch $@

$(VENV)/.installed-mutants: tests/mutants.lock $(VENV)/.installed
	$(PIP) --require-hashes --requirement tests/mutants.lock
	touch $@

$(VENV)/.installed-bench: tests/bench.lock $(VENV)/.installed
	$(PIP) --require-hashes --requirement tests/bench.lock
	touch $@

$(VENV)/.installed-fuzz: tests/fuzz.lock $(VENV)/.installed
	$(PIP) --require-hashes --requirement tests/fuzz.lock
	touch $@
