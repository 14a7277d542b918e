# Sluice: `make demo` to see it, `make test` to trust it, `make help` for the rest.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

PYTHON3 ?= python3
ENV ?= default
SAM_DIR := tools/sam/.venv
AWS_DIR := tools/aws/.venv
CHECKOV_DIR := tools/checkov/.venv
ASL_DIR := tools/asl/node_modules

# Functions for arm64 are built on any machine: the recipe fetches wheels, nothing is compiled for the target but bytecode.
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export SAM_CLI_TELEMETRY := 0
export PYTHONUNBUFFERED := 1

# Setting up is not needed for these.
ifneq ($(filter-out help clean,$(or $(MAKECMDGOALS),help)),)
include .tools/env.mk
endif

.tools/env.mk: tools/bootstrap.py .python-version
	@$(PYTHON3) tools/bootstrap.py $@

# ---- environments, each stamped with its last sync, so that nothing needs the network afterwards ----------------------

.venv/.synced: pyproject.toml uv.lock .tools/env.mk
	@echo "[setup] syncing the project's environment (.venv)"
	@$(UV) sync --locked --quiet
	@touch $@

$(SAM_DIR)/.synced: tools/sam/pyproject.toml tools/sam/uv.lock .tools/env.mk
	@echo "[setup] syncing the SAM command line (tools/sam)"
	@$(UV) sync --locked --quiet --project tools/sam
	@touch $@

$(AWS_DIR)/.synced: tools/aws/pyproject.toml tools/aws/uv.lock .tools/env.mk
	@echo "[setup] syncing the AWS command line (tools/aws)"
	@$(UV) sync --locked --quiet --project tools/aws
	@touch $@

$(CHECKOV_DIR)/.synced: tools/checkov/pyproject.toml tools/checkov/uv.lock .tools/env.mk
	@echo "[setup] syncing checkov (tools/checkov)"
	@$(UV) sync --locked --quiet --project tools/checkov
	@touch $@

$(ASL_DIR)/.synced: tools/asl/package.json tools/asl/package-lock.json .venv/.synced
	@echo "[setup] installing asl-validator (tools/asl)"
	@cd tools/asl && npm ci --no-fund --no-audit --loglevel=error
	@touch $@

.PHONY: setup
setup: .venv/.synced $(SAM_DIR)/.synced $(AWS_DIR)/.synced $(CHECKOV_DIR)/.synced $(ASL_DIR)/.synced ## Get every tool; all else then works offline

# ---- see it ----------------------------------------------------------------------------------------------------------

.PHONY: demo local
demo: .venv/.synced ## The whole story on a laptop: embedded cloud, Slack, console
	@python -m local.story

local: .venv/.synced ## Keep the embedded cloud running; writes .local/outputs.json
	@python -m local

# ---- check it --------------------------------------------------------------------------------------------------------

CHECKS := check-format check-lint check-types check-imports check-template check-secrets check-policies
.PHONY: check $(CHECKS)

check: setup ## Everything static: format, lint, types, import rules, template, secrets (offline, under a minute)
	@$(MAKE) -k -j2 --output-sync=target $(CHECKS)
	@echo "[check] clean: $(CHECKS:check-%=%)"

check-format: .venv/.synced
	@echo "[check] format"
	@ruff format --quiet --check . || { ruff format --check .; exit 1; }

check-lint: .venv/.synced
	@echo "[check] lint"
	@ruff check --quiet .

check-types: .venv/.synced
	@echo "[check] types"
	@mypy --no-error-summary $(wildcard layers functions local benchmarks tests)

check-imports: .venv/.synced
	@echo "[check] import rules"
	@pytest -q --no-header --no-summary tests/unit/test_architecture.py

check-template: setup
	@echo "[check] template and state machines"
	@pytest -q --no-header -n 2 tests/template -m "not deploy and not slow"

# Samples and tests hold made-up secrets; hex is a digest here, and ARNs are no secrets.
SECRETS := --no-verify --exclude-files '^(events|tests)/' --exclude-lines 'secretsmanager:|secret: .test.' --disable-plugin HexHighEntropyString

check-secrets: .venv/.synced
	@echo "[check] secrets"
	@git ls-files -z | xargs -0 detect-secrets-hook $(SECRETS)

check-policies: $(CHECKOV_DIR)/.synced .venv/.synced
	@echo "[check] checkov on the translated template"
	@python -m tests.template.translation .build/translated.json
	@$(CHECKOV_DIR)/bin/checkov --quiet --compact --skip-download --framework cloudformation --config-file tools/checkov/config.yaml -f .build/translated.json

# ---- test it ---------------------------------------------------------------------------------------------------------

QUICK_ROOMS := $(wildcard tests/unit tests/contract)
CLOUD_ROOMS := $(wildcard tests/integration tests/e2e)

.PHONY: test test-quick test-cloud test-deploy test-slow
test: check test-quick test-cloud test-deploy ## All checks and tests, browser tests included where Chromium is found
	@echo
	@echo "[test] all checks and tests passed"

test-quick: .venv/.synced ## Tests without a cloud
	@echo "[test] without a cloud: $(QUICK_ROOMS)"
	@pytest -q --no-header -n 2 -m "not slow" $(QUICK_ROOMS)

test-cloud: .venv/.synced $(AWS_DIR)/.synced ## Tests on the embedded cloud; one after the other, since they share it
	@echo "[test] on the embedded cloud: $(CLOUD_ROOMS)"
	@pytest -v --no-header -m "not slow and not deploy" $(CLOUD_ROOMS)

test-deploy: setup ## sam build and sam deploy with the real SAM CLI
	@echo "[test] sam build and sam deploy"
	@pytest -v --no-header -m deploy tests/template

test-slow: setup ## Exhaustive faults, races and seeds; before a release
	@echo "[test] slow: exhaustive faults, races and seeds"
	@pytest -v --no-header -m slow tests; code=$$?; [ $$code -eq 5 ] || exit $$code
	@echo "[test] slow tests passed"

# ---- measure, build, deploy ------------------------------------------------------------------------------------------

.PHONY: bench bench-judge build deploy requirements clean help
bench: .venv/.synced ## Measure; one JSON line a figure
	@missed=; for file in benchmarks/[a-z]*.py; do echo "[bench] $$file" >&2; python "$$file" || missed="$$missed $$file"; done; \
	  echo "[bench] judge, quick" >&2; python -m benchmarks judge --quick || missed="$$missed judge"; \
	  if [ -n "$$missed" ]; then echo "[bench] figures missed in:$$missed" >&2; exit 1; fi; echo "[bench] all figures reached" >&2

bench-judge: .venv/.synced ## Compare the judge of canaries with others in full (20 minutes); renews docs/judge/
	@python -m benchmarks judge --save docs/judge

build: $(SAM_DIR)/.synced .venv/.synced ## Build functions and layers for AWS (.aws-sam/build)
	@UV="$(UV)" $(SAM_DIR)/bin/sam build

deploy: build ## Deploy with samconfig.toml; ENV=staging or ENV=prod picks its section
	@$(SAM_DIR)/bin/sam deploy --config-env $(ENV)

requirements: .venv/.synced ## Export the dependency layer's pinned requirements from uv.lock
	@$(UV) export --quiet --frozen --no-dev --no-emit-project --no-header --output-file layers/deps/requirements.txt

clean: ## Remove what was built; environments stay
	@rm -rf .aws-sam .build .local .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find layers functions local tests benchmarks -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true
	@echo "[clean] done"

help: ## This list
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## /  make \1|/' | while IFS='|' read -r name what; do printf '%-20s %s\n' "$$name" "$$what"; done
