# critnet: `make book` and `make test` do their own set-up; `make help` lists everything.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
EXTRAS := train cluster book test dev
# What `make data` trains: these experiments, runs up to so many estimated minutes, in so many processes.
EXPERIMENTS ?= anchor inits sizes batches rates starts grid shuffled
LONGEST ?= 40
JOBS ?= 2
# What `make oldest` tests: what needs neither torch (the oracle of the gradients) nor a browser. What old versions warn of is their own affair.
UNIT := tests/archive tests/circuits tests/dynamics tests/losses tests/neurons tests/statistics tests/weights --ignore=tests/weights/test_gradients.py
# Run on one core each: the numbers are small and the machine is shared.
export OMP_NUM_THREADS ?= 1

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

##@ Read and check
book: setup  ## Execute every notebook and build the book into _build/html (no data set, no GPU, no network)
	@$(BIN)/python book/build.py

test: setup  ## Unit tests, doctests, notebooks, and the built book in a real browser (TESTS=tests/neurons for a part)
	@$(BIN)/python tests/browser.py 2>/dev/null || $(BIN)/playwright install chromium || $(BIN)/python tests/browser.py
	@$(BIN)/python -m pytest $(TESTS)

lab: setup  ## Open JupyterLab in the environment
	@$(BIN)/jupyter lab notebooks

##@ Make the numbers again
data: setup  ## Train every run the figures need and make data/ from them (hours on two cores; resumes; needs MNIST)
	@$(BIN)/critnet campaign anchor --windows --jobs $(JOBS)
	@$(BIN)/critnet campaign $(EXPERIMENTS) --jobs $(JOBS) --longest $(LONGEST)
	@$(BIN)/critnet reduce --jobs $(JOBS)
	@$(BIN)/critnet claims
	@$(BIN)/critnet reduce errors
	@$(BIN)/critnet verify

bench: setup  ## Measure our speed against plain PyTorch and the bare matrix products, into benchmarks/results.csv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps torchvision==0.28.0  # the peer; matches torch 2.13
	@$(BIN)/critnet bench

##@ Work on the project
setup: $(VENV)/.critnet-package  ## Create the environment in .venv from the hashed lock (once; a second run does nothing)

lint: setup  ## ruff (rules and layout) and mypy
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy

lock: setup  ## Compile requirements/lock.txt anew from pyproject.toml: newest allowed versions, with hashes (needs the network)
	@$(BIN)/uv pip compile pyproject.toml requirements/build.in $(EXTRAS:%=--extra %) \
	  --override requirements/override.in --universal --python-version 3.11 --generate-hashes --upgrade --no-header --no-emit-package torch \
	  --quiet --output-file requirements/lock.txt
	@echo "requirements/lock.txt: $$(grep -c '==' requirements/lock.txt) packages"

oldest: setup  ## The suite's unit tests on the oldest allowed versions, in .venv-oldest (needs the network; no torch)
	@mkdir -p _build
	@$(BIN)/uv pip compile pyproject.toml --extra test --extra train --override requirements/override.in --resolution lowest-direct \
	  --python-version 3.11 --no-header --quiet --output-file _build/oldest.txt
	@$(BIN)/uv venv --quiet --allow-existing --python $(BIN)/python $(VENV)-oldest
	@$(BIN)/uv pip install --quiet --python $(VENV)-oldest/bin/python -r _build/oldest.txt
	@PYTHONPATH=. $(VENV)-oldest/bin/python -m pytest -o filterwarnings=default $(or $(TESTS),$(UNIT))

clean:  ## Remove what was built (the environment and data/ stay)
	@rm -rf _build .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +

help:  ## This list
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} \
	  /^[a-z][a-z-]*:.*## / {printf "  make %-7s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

.PHONY: book test lab data bench setup lint lock oldest clean help

# The environment, in three steps with a stamp each, so that only what changed is done again.
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "critnet needs Python 3.11 or later, and $(PYTHON) is " \
	  + sys.version.split()[0] + ". Name another one: make setup PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.critnet-lock: requirements/lock.txt requirements/torch.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/lock.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements/torch.txt
	@touch $@

$(VENV)/.critnet-package: pyproject.toml $(VENV)/.critnet-lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	$(BIN)/python -m pip check
	@touch $@
