# Needs Python 3.11 or newer and make; the tests with the real OpenCode and the real Pi need Node's npm too.
# Everything is installed into .venv and .tools, from locks with hashes. `make clean` removes it all.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/sh

UV_VERSION := 0.13.8
PIPX_VERSION := 1.18.4

export PIP_DISABLE_PIP_VERSION_CHECK = 1
# A lock names everything, so pip has nothing to work out: left to it, pip 23.2 also looks at a newer pydantic for the
# extra of it that LiteLLM wants, and then refuses that one for having no hash.
PIP_INSTALL = bin/python -m pip install -qq --require-hashes --no-deps --only-binary :all:
UV_COMPILE = .tools/uv/bin/uv --no-config pip compile --quiet --no-header --generate-hashes \
	--universal --python-version 3.11

# Sets $$python to the first interpreter from 3.11 up to, and not including, 3.$(1) that can make an
# environment. Each one is run, because a pyenv shim may exist for a version that is not active.
find_python = for python in "$(PYTHON)" python3 python3.14 python3.13 python3.12 python3.11 ''; do \
	if [ -n "$$python" ] && "$$python" -c 'import ensurepip, sys, venv; \
	sys.exit(not (3, 11) <= sys.version_info < (3, $(1)))' >/dev/null 2>&1; then break; fi; done; \
	if [ -z "$$python" ]; then \
	echo 'make: no Python 3.11 or newer$(2) with venv and pip found. Tried: $$(PYTHON), python3, python3.14, \
	python3.13, python3.12, python3.11. Name one: make PYTHON=/path/to/python3 …' | tr -d '\t' >&2; exit 1; fi

.PHONY: help demo test test-long lint types unit shims tools installers peers bench catalogs accuracy shots share dist lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' Makefile

demo: .venv/.installed ## Run the demonstration: no proxy and no key needed, no file of yours touched
	@.venv/bin/litellm-discover demo

test: lint types tools shims ## Lint, types and all tests, with the real LiteLLM, OpenCode and Pi
	.venv/bin/python -m pytest

test-long: .venv/.installed tools ## Run all tests, with those that take minutes too
	LITELLM_DISCOVER_LONG=1 .venv/bin/python -m pytest

lint: .venv/.installed ## Check style and format
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .

types: .venv/.installed ## Check types
	.venv/bin/mypy

unit: .venv/.installed ## Run the tests that need no real tool
	.venv/bin/python -m pytest -m 'not real'

shims: ## Run the tests of what runs inside OpenCode; Node 20 or newer
	@command -v node >/dev/null || { echo 'make: node is needed for the tests of the shims' >&2; exit 1; }
	node --test tests/shim/*/*.test.mjs

tools: installers .tools/litellm/.installed .tools/opencode/.installed .tools/pi/.installed ## Install the real tools for the tests

installers: .tools/uv/.installed .tools/pipx/.installed

peers: .tools/peers/.installed ## Install the published plugins that the bench measures beside ours

bench: .venv/.installed tools peers ## Measure start-up and discovery, and write docs/benchmarks.md; BENCH='--rounds 9' for more
	PYTHONPATH=tests/real:tests/support .venv/bin/python -m bench $(BENCH)

catalogs: .venv/.installed tools ## Gather the bundled provider catalogs anew from the packages of the tools
	.venv/bin/python -m tools.catalogs

shots: .venv/.installed ## Make the pictures in docs/report.md anew; needs Chromium (Debian: apt-get install chromium)
	PYTHONPATH=tests/support .venv/bin/python -m tools.shots

accuracy: .venv/.installed tools ## Measure how right names, transports and facts are, and write docs/accuracy.md
	PYTHONPATH=tests/real:tests/support .venv/bin/python -m tools.accuracy

share: .venv/.installed ## Write the man page and the completions anew, from the command's own help
	.venv/bin/python -m tools.release share

dist: .venv/.installed ## Build what is published into dist: wheel, sdist, bill of materials, lock, checksums
	.venv/bin/python -m tools.release dist dist

lock: .tools/uv/.installed ## Lock all dependencies anew; `make lock UPGRADE=--upgrade` takes newer versions
	$(UV_COMPILE) $(UPGRADE) --group dev --output-file requirements/dev.txt pyproject.toml
	@# What is installed beside the package: the versions of the development environment.
	$(UV_COMPILE) $(UPGRADE) --constraints requirements/dev.txt --output-file requirements/runtime.txt pyproject.toml
	$(UV_COMPILE) $(UPGRADE) --output-file requirements/litellm.txt requirements/litellm.in
	rm -f tools/opencode/package-lock.json
	cd tools/opencode && npm install --package-lock-only --no-progress
	@# Pi 1.5 is one self-contained bundle that still names dependencies, and not every mirror has them all.
	@# Its lock entry is therefore written by hand, without any; npm keeps it and locks the rest around it.
	cp tools/pi/self-contained.json tools/pi/package-lock.json
	cd tools/pi && npm install --package-lock-only --no-progress
	@# The plugin for OpenCode takes only types from what it depends on, and OpenCode brings those.
	cp bench/peers/types-only.json bench/peers/package-lock.json
	cd bench/peers && npm install --package-lock-only --no-progress

clean: ## Remove everything that was installed or built
	rm -rf .venv .tools dist .mypy_cache .ruff_cache .pytest_cache .hypothesis examples/litellm-local/.venv
	find src tests bench tools examples -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/.requirements: requirements/dev.txt
	@echo 'Making .venv …'
	@$(call find_python,99,); "$$python" -m venv --clear .venv
	@.venv/$(PIP_INSTALL) -r requirements/dev.txt
	@touch $@

.venv/.installed: .venv/.requirements pyproject.toml
	@.venv/bin/python -m pip install -qq --no-build-isolation --no-deps --editable .
	@touch $@

.tools/litellm/.installed: requirements/litellm.txt
	@echo 'Installing LiteLLM for the tests into .tools/litellm (about 750 MB) …'
	@$(call find_python,15, (below 3.15: LiteLLM)); mkdir -p .tools; "$$python" -m venv --clear .tools/litellm
	@.tools/litellm/$(PIP_INSTALL) -r requirements/litellm.txt
	@touch $@

.tools/opencode/.installed: tools/opencode/package.json tools/opencode/package-lock.json tools/opencode/.npmrc
	@echo 'Installing OpenCode for the tests into .tools/opencode (about 190 MB) …'
	@command -v npm >/dev/null || { echo 'make: npm is needed to install OpenCode for the tests' >&2; exit 1; }
	@rm -rf .tools/opencode && mkdir -p .tools/opencode && cp $^ .tools/opencode/
	@cd .tools/opencode && npm ci --silent --no-progress
	@# An optional package that cannot be fetched is left out without an error.
	@set -- .tools/opencode/node_modules/opencode-*/bin/opencode; if [ ! -x "$$1" ]; then \
	echo "make: OpenCode was not installed: no package for $$(uname -sm), or npm could not fetch it" >&2; \
	[ "$$(uname -sm)" != 'Linux x86_64' ]; fi
	@touch $@

.tools/pi/.installed: tools/pi/package.json tools/pi/package-lock.json tools/pi/.npmrc
	@echo 'Installing three versions of Pi for the tests into .tools/pi (about 510 MB) …'
	@command -v npm >/dev/null || { echo 'make: npm is needed to install Pi for the tests' >&2; exit 1; }
	@rm -rf .tools/pi && mkdir -p .tools/pi && cp $^ .tools/pi/
	@cd .tools/pi && npm ci --loglevel=error --no-progress >/dev/null
	@# Elsewhere than on Linux, Pi runs on the Node that is there, if that is new enough.
	@set -- .tools/pi/node_modules/node-*/bin/node; if [ ! -x "$$1" ]; then \
	echo "make: no Node for Pi was installed: no package for $$(uname -sm), or npm could not fetch it" >&2; \
	case "$$(uname -sm)" in 'Linux x86_64' | 'Linux aarch64') exit 1;; esac; fi
	@touch $@

.tools/peers/.installed: bench/peers/package.json bench/peers/package-lock.json bench/peers/.npmrc
	@echo 'Installing the peers of the bench into .tools/peers (less than 1 MB) …'
	@command -v npm >/dev/null || { echo 'make: npm is needed to install the peers for the bench' >&2; exit 1; }
	@rm -rf .tools/peers && mkdir -p .tools/peers && cp $^ .tools/peers/
	@cd .tools/peers && npm ci --loglevel=error --no-progress >/dev/null
	@touch $@

.tools/uv/.installed: Makefile
	@$(call find_python,99,); mkdir -p .tools; "$$python" -m venv --clear .tools/uv
	@.tools/uv/bin/python -m pip install -qq --only-binary :all: uv==$(UV_VERSION)
	@touch $@

.tools/pipx/.installed: Makefile
	@$(call find_python,99,); mkdir -p .tools; "$$python" -m venv --clear .tools/pipx
	@.tools/pipx/bin/python -m pip install -qq --only-binary :all: pipx==$(PIPX_VERSION)
	@touch $@
