# Everything a newcomer needs: `make demo` and `make test`. Each target brings what it needs.

PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
# The embedded services and the environment of each target are its own: nothing outside is touched.
DEMO := env -u DATABASE_URL -u REDIS_URL EMBEDDED_ROOT=.local/demo
TEST := env -u DATABASE_URL -u REDIS_URL EMBEDDED_ROOT=.local/test

.DEFAULT_GOAL := help
.PHONY: help demo test up lint format translations optout chaos bench lock audit clean

help:  ## show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 22

demo: $(VENV)/.run  ## see the guardrails at work in a minute, with nobody at the other end
	@$(DEMO) $(RUN) manage.py demo

test: $(VENV)/.dev  ## run all tests, with real PostgreSQL, Redis, workers and provider sandbox
	@$(TEST) $(RUN) -m pytest -n 2 $(ARGS)

up: $(VENV)/.dev  ## run web, worker, cron and sandbox together until Ctrl-C
	@$(RUN) manage.py up

lint: $(VENV)/.dev  ## check style, types and import contracts
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy .
	$(VENV)/bin/lint-imports

format: $(VENV)/.dev  ## format the code
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

translations: $(VENV)/.dev  ## collect the texts for translation, and compile what is translated
	$(RUN) locale/update.py

optout: $(VENV)/.run  ## measure how well opting out by message is understood, on the labelled corpus
	@$(DEMO) $(RUN) manage.py optout_corpus $(wildcard tests/unit/outbound/optout_corpus/*.tsv)

chaos: $(VENV)/.dev  ## kill, freeze and restart everything while messages go out; ARGS=--full for all of it
	@env -u DATABASE_URL -u REDIS_URL $(RUN) -m chaos $(ARGS)

bench: $(VENV)/.dev  ## measure ours against what people would use instead, side by side
	@$(RUN) -m benchmarks.throughput $(ARGS)

lock: $(VENV)/.dev  ## pin the requirements anew
	$(VENV)/bin/pip install --quiet uv
	$(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --no-emit-index-url --generate-hashes --custom-compile-command "make lock" requirements.in -o requirements.txt
	$(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --no-emit-index-url --generate-hashes --custom-compile-command "make lock" requirements-dev.in -o requirements-dev.txt

audit: $(VENV)/.dev  ## ask the advisory database about every pinned dependency; fails where it cannot be asked
	$(VENV)/bin/pip-audit --strict --require-hashes --disable-pip -r requirements.txt -r requirements-dev.txt

clean:  ## remove the virtual environment and all local data
	rm -rf $(VENV) .local

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; name one with: make PYTHON=python3.12 …"; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.txt | $(VENV)/bin/python
	@echo "Installing what it needs into $(VENV) …"
	@$(VENV)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.run
	@echo "Installing the development tools into $(VENV) …"
	@$(VENV)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@
