# Two commands for everyone: `make up` and `make test`. Each does all its own set-up.
# PY names another Python, IOC_PORT another port.

VENV := .venv
RUN  := $(VENV)/bin/python
LOCKED = sh deploy/install.sh

.PHONY: up test lint bench lock clean

up: $(VENV)/.runtime
	@exec $(VENV)/bin/honcho --no-colour start

test: $(VENV)/.dev lint
	@sh deploy/test_tools.sh
	$(RUN) -m pytest -n 2 --dist loadfile --no-loadscope-reorder

lint: $(VENV)/.dev
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy
	$(VENV)/bin/lint-imports

bench: $(VENV)/.dev
	@missed=0; for script in tests/bench_*.py; do $(RUN) $$script || missed=1; done; exit $$missed

$(VENV)/.runtime: requirements.lock deploy/install.sh
	@$(LOCKED) requirements.lock
	@touch $@

$(VENV)/.dev: requirements-dev.lock deploy/install.sh
	@$(LOCKED) requirements-dev.lock
	@touch $@ $(VENV)/.runtime

# Only for those who change dependencies; needs uv.
lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header -q pyproject.toml -o requirements.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header -q pyproject.toml --group dev -o requirements-dev.lock

clean:
	rm -rf $(VENV) data shots .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
