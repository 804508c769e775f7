# Needs Python 3.11 or later and make. Everything else is pinned in requirements/ and
# installed into .venv by the first target that wants it.

SCENARIO ?=
FRESH ?=
APP ?=
SEGMENT ?=
FACT ?=
ACTOR ?=
PARTNER ?=
RULE ?=
PERSON ?=
REFERENCE ?=
URL ?=
STAGE ?= sandbox
CITY ?= qingdao
REGION ?=

VENV := .venv
PY := $(VENV)/bin/python
export PYTHONPATH := layers/chepai/python:layers/sandbox/python:.
export PYTHONUTF8 := 1

.DEFAULT_GOAL := help

.PHONY: help
help: ## Show this list
	@echo "Chepai 车牌: the commands"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: venv
venv: ## Install the pinned packages into .venv (only when the lock has changed)
	@cmp -s requirements/dev.txt $(VENV)/dev.txt || $(MAKE) --no-print-directory $(VENV)-build

.PHONY: $(VENV)-build
$(VENV)-build:
	@python=; for p in $(PYTHON) python3 python3.13 python3.12 python3.11 python; do \
	  if $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then python=$$p; break; fi; \
	done; \
	test -n "$$python" || { echo "Python 3.11 or later is needed: make PYTHON=/path/to/python …"; exit 1; }; \
	echo "Installing $$(grep -c '==' requirements/dev.txt) pinned packages into $(VENV) (once, about a minute)"; \
	test -x $(PY) || "$$python" -m venv $(VENV)
	@$(PY) -m pip install --disable-pip-version-check --no-deps --require-hashes --no-compile --only-binary :all: -r requirements/dev.txt
	@cp requirements/dev.txt $(VENV)/dev.txt

.PHONY: run
run: venv ## Start the city and watch a car being registered (SCENARIO=… or all, FRESH=1)
	@$(PY) -m infra.local $(if $(SCENARIO),--scenario "$(SCENARIO)") $(if $(FRESH),--fresh)

.PHONY: show
show: venv ## Draw the progress of one application of the running city (APP=app_…)
	@$(PY) -m infra.local show "$(APP)"

.PHONY: check-city
check-city: venv ## Tell whether all that must hold of a city's records does hold (AWS=1: your profile's)
	@$(PY) -m infra.check_city $(if $(AWS),--aws)

.PHONY: match
match: venv ## Match applications, payments and the treasury's statement of a day (DAY=2026-11-23 ALL=1 URL=… AWS=1)
	@$(PY) -m infra.match_day $(DAY) $(if $(ALL),--all) $(if $(URL),--url "$(URL)") $(if $(AWS),--aws)

.PHONY: trace
trace: venv ## What a fact, actor or rule touched (FACT=…, ACTOR=…, PARTNER=…, RULE=… or PERSON=…; URL=…)
	@$(PY) -m infra.trace $(if $(FACT),--fact "$(FACT)") $(if $(ACTOR),--actor "$(ACTOR)") $(if $(PARTNER),--partner "$(PARTNER)") \
	  $(if $(RULE),--rule "$(RULE)") $(if $(PERSON),--person "$(PERSON)") $(if $(URL),--url "$(URL)") $(if $(REFERENCE),--reference "$(REFERENCE)")

.PHONY: verify
verify: venv ## Check everything the running city has sealed, signed, dealt and handed out (ARGS=--aws …)
	@$(PY) -m infra.verify_city $(ARGS)

.PHONY: verify-deals
verify-deals: venv ## Recompute every deal of a closed number segment (SEGMENT=02-B-2K, URL=…)
	@$(PY) tools/fetch_deals.py "$(SEGMENT)" "build/deals/$(SEGMENT)" $(URL)
	@$(PY) -m verifier draws "build/deals/$(SEGMENT)"

.PHONY: test
test: lint types templates pages ## Everything that must hold: lint, types, templates, pages, tests
	@echo "── tests"
	@$(PY) -m pytest -m "not slow" -n 2 --dist loadfile

.PHONY: test-slow
test-slow: venv ## The checks that take minutes: the real vendor layer, bursts, fresh examples
	@$(PY) -m pytest -m slow
	@STORIES=all $(PY) -m pytest -q tests/journeys/test_scenarios.py
	@CHEPAI_FRESH_EXAMPLES=1 $(PY) -m pytest -q tests/unit

.PHONY: faults
faults: venv ## Break a city in every way of the list and print what was lost (MINUTES=15 SEED=1 ONLY=F2,storms)
	@$(PY) -u -m infra.local.faults --minutes "$(or $(MINUTES),15)" --seed "$(or $(SEED),1)" $(if $(ONLY),--only "$(ONLY)")

.PHONY: fuzz-wire
fuzz-wire: venv ## A million forged, mutated messages against the signature check
	@CHEPAI_MUTANTS=1000000 $(PY) -m pytest -q tests/unit/wire/test_webhook_signature.py -k mutant

.PHONY: tamper
tamper: venv ## Tamper with made-up ledgers in ten ways at hundreds of places each: all must be found
	@CHEPAI_TAMPERINGS=$${CHEPAI_TAMPERINGS:-300} $(PY) -m pytest -v tests/unit/verifier/test_tampering.py

.PHONY: lint
lint: venv ## Ruff: rules and format
	@echo "── ruff"
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .

.PHONY: types
types: venv ## Mypy, strict
	@echo "── mypy"
	@$(PY) -m mypy

.PHONY: pages
pages: venv ## The pages: lint, types, tests, build
	@echo "── pages"
	@$(PY) -m infra.pages check

.PHONY: faces
faces: venv ## Every page in a real browser: all walks, both languages, every desk by every role
	@$(PY) -m pytest -n 2 --dist loadfile tests/browser

.PHONY: screenshots
screenshots: venv ## Pictures of every page in both languages and two sizes (build/screenshots, ~5 minutes)
	@$(PY) -m infra.browsing.screenshots

.PHONY: templates
templates: venv ## Synthesise the local stage; cdk-nag and cfn-lint must find nothing
	@echo "── templates"
	@$(PY) -m infra.assembly --check

.PHONY: format
format: venv ## Let ruff write the format
	@$(PY) -m ruff check --fix-only --quiet . ; $(PY) -m ruff format .

.PHONY: assembly
assembly: venv
	@CDK_OUTDIR=$${CDK_OUTDIR:-cdk.out} $(PY) -m infra.app

.PHONY: synth
synth: venv ## Templates for a real account (STAGE, CITY, REGION) with the real vendor layer
	@$(PY) -m infra.deploy synth --stage "$(STAGE)" --city "$(CITY)" $(if $(REGION),--region "$(REGION)")

.PHONY: deploy
deploy: venv ## Deploy to the account of your AWS profile (STAGE, CITY, REGION)
	@$(PY) -m infra.deploy deploy --stage "$(STAGE)" --city "$(CITY)" $(if $(REGION),--region "$(REGION)")

.PHONY: destroy
destroy: venv ## Take the stacks of a stage away; records are kept except in the sandbox
	@$(PY) -m infra.deploy destroy --stage "$(STAGE)" --city "$(CITY)" $(if $(REGION),--region "$(REGION)")

.PHONY: rights
rights: venv ## Try every role on every resource, then use every right (about 10 minutes)
	@mkdir -p build/tests && rm -f build/tests/rights.calls
	@CHEPAI_RECORD=build/tests/rights.calls $(PY) -m pytest -q -p no:cacheprovider tests/functions
	@$(PY) -m infra.local.rights --also build/tests/rights.calls

.PHONY: openapi
openapi: venv ## Write docs/openapi.json from the declarations beside the handlers
	@$(PY) -m infra.openapi

.PHONY: diagrams
diagrams: venv ## Write docs/workflows/ from the definitions
	@$(PY) -m infra.diagrams

.PHONY: canary
canary: venv ## Marked people through all stories: nothing of them lies outside the vault
	@CANARY=whole $(PY) -m pytest tests/journeys/test_canary.py -x -s -q

.PHONY: bench
bench: venv ## Measure against the budgets
	@$(PY) -m bench

.PHONY: sbom
sbom: venv ## Write the bill of materials of what is deployed, with every hash (CycloneDX)
	@mkdir -p build/sbom && $(VENV)/bin/uv venv --quiet --allow-existing build/sbom/venv
	@$(VENV)/bin/uv pip install --quiet --require-hashes --python build/sbom/venv/bin/python -r requirements/sbom.txt
	@build/sbom/venv/bin/cyclonedx-py requirements --output-reproducible --of JSON -o build/sbom/runtime.cdx.json requirements/runtime.txt
	@echo "build/sbom/runtime.cdx.json"

.PHONY: lock
lock: venv ## Resolve requirements/*.in anew (UPGRADE=1 takes the newest)
	@cd requirements && for set in dev runtime bench sbom; do \
	  ../$(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	    --no-annotate --no-emit-index-url --no-emit-find-links $(if $(UPGRADE),--upgrade) \
	    $$(test $$set = dev || echo "-c dev.txt") $$set.in -o $$set.txt; \
	done; \
	../$(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	  --no-annotate --no-emit-index-url --no-emit-find-links -c dev.txt \
	  ../verifier/requirements.in -o ../verifier/requirements.txt

.PHONY: clean
clean: ## Remove what was built: templates, caches, the local city's state (not .venv)
	@rm -rf build cdk.out .chepai .mypy_cache .pytest_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
