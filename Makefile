# Two commands do everything; both make their own virtual environment in .venv.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: run test laws pins docs clean

run: .venv/installed
	$(BIN)/harness run evals/

test: .venv/tested
	PATH="$(CURDIR)/$(BIN):$$PATH" tests/check

.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit("harness needs Python 3.11 or newer; set PYTHON=...") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable .
	touch $@

# Not compiled ahead: most of what comes along is never imported.
.venv/tested: .venv/installed tests/requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes --requirement tests/requirements.txt
	touch $@

# The laws of the scorer at every size, tens of thousands of documents, and every budget's curve: an hour or so.
laws: .venv/tested
	$(BIN)/python -m pytest -q tests/laws --all-sizes
	$(BIN)/python benchmarks/agreement.py --documents 50000 --wild 20000 --sizes 3 141 142 633 5000
	$(BIN)/python benchmarks/cliffs.py

# Resolve the pinned versions anew: of what users run with, and of what the gate runs with.
pins: .venv/tested
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "uv>=0.9"
	$(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --upgrade \
	  --output-file constraints.txt
	$(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --upgrade \
	  --constraint constraints.txt --group dev --extra db --extra documents --generate-hashes \
	  --output-file tests/requirements.txt

docs: .venv/tested
	$(BIN)/zensical build --strict --config-file mkdocs.yml

clean:
	rm -rf .venv build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
