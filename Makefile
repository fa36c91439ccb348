# What a contributor types. `make` alone lists it. Everything runs in .venv, which is made when it is missing.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
BIN := .venv/bin
WORKERS ?= auto
unexport PYTHONDONTWRITEBYTECODE # each of the commands that tests run would compile msgen again

.PHONY: help demo test test-all e2e bench images lint fmt lock clean

help: ## Show this help
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## /{printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: .venv/ready ## Generate a shop in build/myshop and start it, with Docker or without
	@scripts/demo

test: .venv/ready lint ## Lint, types and tests without Docker, on a sample of the option combinations
	$(BIN)/pytest -n $(WORKERS) --dist worksteal --ignore tests/e2e $(ARGS)

test-all: .venv/ready lint ## All tests: every combination, long random runs, containers
	$(BIN)/pytest -n $(WORKERS) --dist worksteal --ignore tests/e2e --all $(ARGS)
	$(BIN)/pytest tests/e2e --all $(ARGS)

e2e: .venv/ready ## Tests of generated systems in containers
	$(BIN)/pytest tests/e2e $(ARGS)

bench: .venv/ready ## Measure against Copier and cp
	$(BIN)/python benchmarks/bench.py

images: .venv/ready ## Record the pictures in docs/images; needs Graphviz
	$(BIN)/python tools/record.py

lint: .venv/ready ## Formatting, linter, types, direction of imports
	$(BIN)/ruff format --check --quiet
	$(BIN)/ruff check --quiet
	$(BIN)/mypy --no-error-summary
	@out=$$($(BIN)/lint-imports --no-logo --no-cache) || { echo "$$out"; exit 1; }

fmt: .venv/ready ## Format, and fix what the linter can
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

lock: .venv/ready ## Update requirements-dev.txt, and the locked programs of `msgen dev`
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --upgrade \
		--custom-compile-command "make lock" --group dev --extra dev pyproject.toml --output-file requirements-dev.txt
	@for names in templates/*/dev/requirements.in; do \
		$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-deps --generate-hashes --no-annotate --no-header \
			--upgrade $$names --output-file $${names%.in}.txt; \
	done

clean: ## Delete environments, build output and caches
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

.venv/ready: requirements-dev.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "msgen needs Python 3.11 or newer, and none is on the PATH." \
		"Where there is one: make PYTHON=/path/to/python3"; exit 1; } >&2
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "msgen needs Python 3.11 or newer; this is $$($(PYTHON) --version)"; exit 1; } >&2
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "$(PYTHON) cannot make virtual environments; on Debian and Ubuntu: apt install python3-venv"; exit 1; } >&2
	@echo "Setting up .venv with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
