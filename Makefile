# make demo        index the sample gallery and open the drawing page
# make test        everything: style, types, the whole test suite
# make test-fast   the tests that take less than a second each
# make web         fetch the runtime of the encoder in the browser (33 MB, once)
# make docs        rewrite the pages that are generated from the code
#
# Each target makes the virtual environment it needs, once; a change of pyproject.toml renews it.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
# A file of tests stays in one process: its fixtures are dear.
PYTEST := -m pytest --numprocesses auto --maxprocesses 8 --dist loadfile
PYTEST_ARGS ?=

.PHONY: demo test test-fast lint web docs clean
.DEFAULT_GOAL := demo

demo: $(VENV)/.ready-demo
	$(BIN)/inkseek demo

# One thread a process: two processes that share two cores would wait for one another's threads.
test test-fast: export OMP_NUM_THREADS := 1

test: lint
	$(BIN)/python $(PYTEST) $(PYTEST_ARGS)

test-fast: $(VENV)/.ready-test
	$(BIN)/python $(PYTEST) -m "not slow and not browser" $(PYTEST_ARGS)

lint: $(VENV)/.ready-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict src

web:
	$(PYTHON) tools/build_web.py

docs: $(VENV)/.ready-test
	$(BIN)/python tools/write_cli_docs.py

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist

$(VENV)/.ready-venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "inkseek needs Python 3.11 or later; pass one: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || \
		{ echo "Python's venv module is missing; on Debian: apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	touch $@

$(VENV)/.ready-demo: pyproject.toml $(VENV)/.ready-venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

# The training extra brings torch: several gigabytes, a minute or two, once.
$(VENV)/.ready-test: pyproject.toml $(VENV)/.ready-venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[train,dev]'
	@if pkg-config --exists cairo 2>/dev/null; then \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[oracle]'; \
	else echo "no cairo headers (Debian: libcairo2-dev); the test against it is skipped"; fi
	touch $@ $(VENV)/.ready-demo
