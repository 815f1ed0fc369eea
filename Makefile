# VLog. `make help` lists what there is.

VENV := .venv
PYTHON := $(VENV)/bin/python
STATIC_SOURCES := $(shell find static -path static/node_modules -prune -o -path static/dist -prune -o -type f -print 2>/dev/null)
.DEFAULT_GOAL := help
.PHONY: help serve test lint assets wheel docs bench torture clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

serve: $(VENV)/.installed static/dist/manifest.json .need-ffmpeg ## Install what is missing, build the front end, start VLog
	@exec $(VENV)/bin/vlog serve

test: lint static/dist/manifest.json .need-ffmpeg .need-chromium .need-espeak .need-proxies ## Install what the suite needs and run all of it
	@# One more than there are cores: tests also wait. In our own order, see tests/scheduling.py.
	@# A hundred processes of VLog start: one of them compiles it for all, wherever that is off.
	@PYTHONDONTWRITEBYTECODE= $(PYTHON) -m pytest -n $$(($$(getconf _NPROCESSORS_ONLN) + 1)) --dist loadfile --no-loadscope-reorder

lint: $(VENV)/.installed-dev ## Check format, style and types
	@$(VENV)/bin/ruff format --check --quiet vlog tests
	@$(VENV)/bin/ruff check --quiet vlog tests
	@$(VENV)/bin/mypy

assets: static/dist/manifest.json ## Build the front end

wheel: static/dist/manifest.json ## Build the package that pipx installs, in dist/
	@rm -rf dist
	@$(PYTHON) -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir dist .

docs: $(VENV)/.installed-dev ## Write the pages of docs/ that are made from the code
	@$(PYTHON) -m tests.documents

torture: $(VENV)/.installed-dev static/dist/manifest.json .need-ffmpeg ## Kill VLog, cut its power, break its tools, disks and files
	@$(PYTHON) -m tests.torture

bench: $(VENV)/.installed-dev static/dist/manifest.json .need-ffmpeg ## Measure, side by side with bare tools
	@$(PYTHON) -m tests.benchmarks

clean: ## Remove everything that make made (never your videos)
	@rm -rf $(VENV) .tools dist static/dist static/node_modules .mypy_cache .pytest_cache .ruff_cache .hypothesis
	@find vlog tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/bin/python:
	@.make/need-package python3-venv 'python3 -c "import ensurepip, venv"'
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "VLog needs Python 3.11 or newer." >&2; exit 1; }
	@python3 -m venv $(VENV)

$(VENV)/.installed: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "Installing Python packages ..."
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(VENV)/.installed-dev: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "Installing Python packages for development ..."
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@ $(VENV)/.installed

static/dist/manifest.json: $(STATIC_SOURCES) | $(VENV)/bin/python
	@.make/build-assets $(PYTHON)

.PHONY: .need-ffmpeg .need-chromium .need-espeak .need-proxies
.need-ffmpeg:
	@.make/need-package ffmpeg 'command -v ffmpeg && command -v ffprobe'

.need-chromium:
	@.make/need-package chromium 'command -v chromium'
	@# The browser tests' own node needs it, and a bare system has none.
	@.make/need-package libatomic1 'ldconfig -p | grep -q libatomic.so.1'

.need-espeak:
	@.make/need-package espeak-ng 'command -v espeak-ng'

.need-proxies:
	@.make/unpack-package nginx nginx
	@.make/unpack-package caddy caddy
