# Needs Python 3.11 or newer and make; everything else goes into .venv.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
SAMPLE := eval/gold/documents
DEMO := build/demo.db build/demo.db-wal build/demo.db-shm build/demo.xlsx build/demo.html

.PHONY: help demo review test lint types bench prove-main prove-eval prove-checks prove-model prove-promise prove-review gate clean

help:  ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 20

demo: $(VENV)/installed  ## read the sample archive, write a workbook and a page to look at
	@rm -f $(DEMO) && mkdir -p build
	@$(BIN)/crossfoot ingest $(SAMPLE) --root sample --db build/demo.db
	@echo
	@$(BIN)/crossfoot stats --db build/demo.db
	@$(BIN)/crossfoot export --db build/demo.db --format xlsx -o build/demo.xlsx
	@$(BIN)/crossfoot check $(SAMPLE) --root sample --format html -o build/demo.html
	@echo
	@echo "Open build/demo.html in a browser, build/demo.xlsx in a spreadsheet program;"
	@echo "build/demo.db is plain SQLite."

review: $(VENV)/installed-ui  ## the review screen on the sample archive, one digit of it misread
	@rm -rf build/review && mkdir -p build/review/in
	@cp $(SAMPLE)/* build/review/in/
	@sed -i.bak -E '/书籍上架完好率/s/5\.00([^0-9.]*)$$/2.00\1/' build/review/in/jiangchuan-2023.tsv
	@rm build/review/in/*.bak
	@$(BIN)/crossfoot ingest build/review/in --root sample --db build/review/archive.db
	@$(BIN)/crossfoot review --db build/review/archive.db

test: $(VENV)/installed-dev  ## all tests; a Chromium is looked for, and fetched where there is none
	@chromium=$$(.ci/chromium $(BIN)/python) || true; \
	CROSSFOOT_CHROMIUM="$$chromium" $(BIN)/python -m pytest -q -n auto --dist loadfile $(PYTEST); \
	if [ -z "$$chromium" ]; then \
	  echo "WARNING: no Chromium was found, so the BROWSER TESTS WERE SKIPPED. CROSSFOOT_CHROMIUM names one."; \
	fi

lint: $(VENV)/installed-dev  ## style, formatting and the direction of imports
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet . || { echo "Run: $(BIN)/ruff format ."; exit 1; }
	@$(BIN)/lint-imports --no-cache > build/imports.log 2>&1 || { cat build/imports.log; exit 1; }

types: $(VENV)/installed-dev  ## the strict type checker
	@$(BIN)/pyright --pythonpath $(BIN)/python

bench: $(VENV)/installed-dev  ## forms per second, beside a hand-written baseline
	@$(BIN)/python -m eval.bench

prove-main: $(VENV)/installed-dev  ## every figure the README gives, measured again
	@$(BIN)/python -m eval.prove_main

prove-eval: $(VENV)/installed-dev  ## the gold set, the proof of the score, the reader on 6,000 generated pages
	@$(BIN)/python -m eval.prove_eval

prove-checks: $(VENV)/installed-dev  ## what the checks notice and whom they name, drawn in build/prove-checks.html
	@$(BIN)/python -m eval.prove_checks --page build/prove-checks.html

prove-model: $(VENV)/installed-dev  ## the model path on a simulated model: escapes, faults, kills, speed
	@$(BIN)/python -m eval.prove_model

prove-promise: $(VENV)/installed-dev  ## probabilities, promises and their bounds; the gate
	@$(BIN)/python -m eval.prove_promise

prove-review: $(VENV)/installed-dev  ## the review screen: keys, kills, collisions, 100,000 forms, looks
	@CROSSFOOT_CHROMIUM="$$(.ci/chromium $(BIN)/python)" $(BIN)/python -m eval.prove_review

gate: $(VENV)/installed-dev  ## the frozen set against the committed baseline
	@$(BIN)/crossfoot eval gate

clean:  ## remove what was built and installed here
	@rm -rf $(VENV) build dist .pytest_cache .ruff_cache .hypothesis .import_linter_cache

$(VENV)/bin/python:
	@for python in python3 python3.13 python3.12 python3.11 python3.14; do \
	  if $$python -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2> /dev/null; then \
	    $$python -m venv $(VENV) && exit 0; \
	  fi; \
	done; \
	echo "Crossfoot needs Python 3.11 or newer with its venv module (on Debian: python3-venv); none was found."; \
	exit 1

$(VENV)/installed: pyproject.toml | $(VENV)/bin/python
	@echo "Installing into $(VENV) (once) ..." >&2
	@$(PIP) install --editable .
	@touch $@

$(VENV)/installed-ui: pyproject.toml | $(VENV)/bin/python
	@echo "Installing into $(VENV) with the review screen (once) ..." >&2
	@$(PIP) install --editable '.[ui]'
	@touch $(VENV)/installed $@

$(VENV)/installed-dev: pyproject.toml | $(VENV)/bin/python
	@echo "Installing into $(VENV) with the tools for tests (once) ..." >&2
	@$(PIP) install --editable '.[dev]'
	@touch $(VENV)/installed $(VENV)/installed-ui $@
	@mkdir -p build
