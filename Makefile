# Two commands do everything; both make their own virtual environment in .venv.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: run test clean

run: .venv/installed
	$(BIN)/harness run evals/

test: .venv/tested
	PATH="$(CURDIR)/$(BIN):$$PATH" tests/check

.venv/installed: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("harness needs Python 3.11 or newer; set PYTHON=...") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

.venv/tested: .venv/installed tests/requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement tests/requirements.txt
	touch $@

clean:
	rm -rf .venv build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
