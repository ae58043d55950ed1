# Needs Python 3.11 or later and make; everything else is installed into .venv. Scripts are
# checked if Node.js is installed.

PYTHON ?= $(shell for python in python3.11 python3; do \
	$$python -c "" 2>/dev/null && echo $$python && break; done)
BIN := .venv/bin
REQUIREMENTS := pyproject.toml setup.py
# Three processes for each processor, since most tests wait; `make test WORKERS=0` for one.
WORKERS ?= auto
PYTEST = $(BIN)/python -m pytest -n $(WORKERS)
# With a server and kills in each, one more than there are processors.
PYTEST_OF_SERVERS = $(PYTEST) $(if $(filter auto,$(WORKERS)),-n $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1))
# Those of `make test` are "not slow"; a target that is called by itself runs all.
PART ?=
MARIADB_PART ?=
AND_PART = $(if $(PART),and ($(PART)))
TEMPLATES = $(shell find wagtail_live -name '*.html')

# Without compiled modules, each of the many processes would compile them.
unexport PYTHONDONTWRITEBYTECODE

# Run a command that needs Node.js; skip it with a message, or fail in CI, if it is missing.
with_node = @if command -v npm >/dev/null; then $(1); \
	elif [ "$$CI" = true ]; then echo "Node.js is not installed" >&2; exit 1; \
	else echo 'SKIPPED, since Node.js is not installed: $(1)' >&2; fi

# The same for MariaDB and what its Python client is built with.
with_mariadb = @if PATH="$$PATH:/usr/sbin" command -v mariadbd >/dev/null && \
	command -v mariadb_config >/dev/null; then $(1); \
	elif [ "$$CI" = true ]; then echo "MariaDB is not installed" >&2; exit 1; \
	else echo 'SKIPPED, since MariaDB and its client library are not installed: $(1)' >&2; fi

help: ## List the targets.
	@sed -n 's/^\([a-z][a-z-]*\):.*## /  make \1: /p' $(MAKEFILE_LIST)

demo: .venv/demo-installed ## Serve a demo site with a live event on http://127.0.0.1:8000/.
	$(BIN)/python demo/run.py

test: ## Run the tests on SQLite and PostgreSQL, in ten minutes on two processors.
	$(MAKE) --no-print-directory --keep-going test-scripts test-all-sqlite test-postgres PART="not slow"

# Side by side, since those for servers also wait.
test-slow: .venv/test-installed ## Run the other tests: what takes long, such as kills, and those for MariaDB.
	$(call with_mariadb,$(MAKE) --no-print-directory .venv/mysql-installed)
	$(MAKE) --no-print-directory --jobs=2 --output-sync=target --keep-going test-all-sqlite test-postgres test-mariadb \
		PART="slow and not nightly" MARIADB_PART="not slow"

test-nightly: .venv/test-installed ## Repeat slow tests on further screens and on MariaDB.
	$(MAKE) --no-print-directory --keep-going test-all-sqlite test-postgres test-mariadb test-match \
		PART=nightly MARIADB_PART=slow

test-scripts: ## Run the JavaScript tests that need no browser.
	$(call with_node,npm test --silent)

test-all-sqlite: .venv/test-installed
	$(PYTEST) $(if $(PART),-m "$(PART)")

test-sqlite: .venv/test-installed ## Run the tests on SQLite, without a browser.
	$(PYTEST) -m "not browser"

test-browser: .venv/test-installed ## Run the tests in Chromium.
	$(PYTEST) -m browser

test-match: .venv/test-installed ## Write the 200 posts of a match while everything fails; `make test-slow` writes 40.
	TEST_MATCH_POSTS=200 $(PYTEST) tests/browser/test_desk_stress.py

test-wheel: .venv/test-installed dist ## Install the wheel into new sites with each supported Wagtail.
	$(BIN)/python -m pytest tests/sites/install_wheel.py

test-postgres: .venv/test-installed ## Run the tests for PostgreSQL and those for all databases.
	TEST_DATABASE_URL=postgres:// $(PYTEST_OF_SERVERS) -m "(postgres or every_database) $(AND_PART)"

test-mariadb: .venv/test-installed ## Run the tests for all databases on MariaDB.
	$(call with_mariadb,$(MAKE) --no-print-directory .venv/mysql-installed)
	$(call with_mariadb,TEST_DATABASE_URL=mysql:// $(PYTEST_OF_SERVERS) -m "every_database $(if $(MARIADB_PART),and ($(MARIADB_PART)))")

screenshots: .venv/test-installed ## Take the screenshots of the documentation.
	$(BIN)/python -m pytest tests/browser/take_screenshots.py tests/browser/take_page_screenshots.py

film: .venv/test-installed ## Take the film of desk and page that README and documentation show.
	$(BIN)/python -m pytest tests/browser/take_film.py

coverage: .venv/test-installed ## Measure branch coverage, on SQLite and PostgreSQL.
	$(BIN)/python -m coverage erase
	$(BIN)/python -m coverage run -m pytest
	TEST_DATABASE_URL=postgres:// $(BIN)/python -m coverage run -m pytest -m "postgres or every_database"
	$(BIN)/python -m coverage combine --quiet
	$(BIN)/python -m coverage report --fail-under 95

bench: .venv/bench-installed ## Measure all that docs/measured.md says, and write it there.
	$(BIN)/python -m tests.load --page docs/measured.md

lint: lint-code lint-scripts ## Check format, types, templates, imports, translations, migrations and documentation.
	$(BIN)/python -m pytest -q tests/gates

lint-code: .venv/test-installed
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m ruff check .
	$(BIN)/djade --check --target-version 5.2 $(TEMPLATES)
	$(BIN)/python -m mypy
	$(BIN)/python -m django makemigrations --check --dry-run --settings tests.settings
	$(BIN)/python -m sphinx -qW --keep-going docs docs/_build

lint-scripts: ## Check scripts and styles with Wagtail's rules.
	$(call with_node,{ [ node_modules/.package-lock.json -nt package-lock.json ] || npm ci --silent; } && npm run --silent lint)

docs: .venv/test-installed ## Build the documentation in docs/_build/.
	$(BIN)/python -m sphinx -q docs docs/_build

dist: .venv/release-installed ## Build and check the sdist and the wheel in dist/.
	rm -rf build dist
	$(BIN)/python -m build
	$(BIN)/python -m twine check --strict dist/*
	$(BIN)/check-wheel-contents dist/*.whl

clean: ## Remove everything that make, tests and builds create.
	rm -rf .venv node_modules .tox .pytest_cache .ruff_cache .mypy_cache .coverage* docs/_build build dist *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# With the newest pip, which knows the groups of pyproject.toml.
$(BIN)/python:
	$(PYTHON) -m venv --upgrade-deps .venv

.venv/%-installed: $(REQUIREMENTS) | $(BIN)/python
	@echo "Installing what is needed into .venv, for a minute or less …"
	$(BIN)/python -m pip install -qq --editable . $(addprefix --group=,$(NEEDED))
	touch $@

# By itself: other tests may be running, and would miss the package while it is replaced.
.venv/mysql-installed: | .venv/test-installed
	$(BIN)/python -m pip install -qq "mysqlclient>=2.2.1"
	touch $@

.venv/demo-installed: NEEDED = demo
.venv/test-installed: NEEDED = test lint docs
.venv/release-installed: NEEDED = release
.venv/bench-installed: NEEDED = test bench

.PHONY: help demo test test-slow test-nightly test-scripts test-all-sqlite test-sqlite test-browser test-match test-wheel test-postgres test-mariadb screenshots film coverage bench lint lint-code lint-scripts docs dist clean
