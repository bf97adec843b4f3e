# Foliostream's commands. `make help` lists them; `make run` and `make test` need nothing installed beforehand but git,
# make, gcc, curl and a rustup toolchain.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup run build dev test test-fast format clippy prerelease unit integration conform contract proxies fuzz cluster kills rolling-restart e2e screenshots snapshots bench bench-cluster bench-fanout clean

ENV := . .tools/env &&

help: ## Lists these commands
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):.*## (.*)/  make \1|\2/' | column -t -s '|'

setup: ## Installs what is missing to build
	@scripts/setup

build: setup ## Builds target/release/foliostream and target/site
	@scripts/build

run: build ## Serves http://127.0.0.1:3000 with the simulated market and the demo portfolio
	@echo "run: http://127.0.0.1:3000 (Ctrl-C stops)"
	@exec target/release/foliostream $(ARGS)

dev: ## Rebuilds and reloads while you edit (cargo leptos watch; compiles cargo-leptos the first time, 12 minutes)
	@scripts/setup --dev
	@$(ENV) scripts/watch

test: ## Everything: format, lints, dependencies, clippy on three builds, unit, doc, integration and browser tests
	@scripts/setup --browser --services --checks
	@scripts/test

test-fast: ## The pure core's tests alone, in seconds
	@scripts/setup
	@$(ENV) cargo test --locked --package foliostream --lib --quiet

format: ## Formats the code
	@scripts/setup
	@$(ENV) cargo fmt --all

clippy: ## Lints all three builds with warnings denied
	@scripts/setup
	@scripts/test clippy

prerelease: ## Compiles the pages against the newest pre-release of Leptos, with the patch that they need for it
	@scripts/setup
	@scripts/test prerelease

integration: ## Tests a real server over real sockets
	@scripts/setup --services
	@scripts/test integration

conform: ## Checks an event-stream server from outside: URL=http://… [TOKEN=…] [PID=…] [CA=…] [MAX_AGE_S=…]; without URL our own
	@scripts/setup
	@$(ENV) cargo test --locked --quiet --test conform -- $(if $(URL),--url '$(URL)') \
	  $(if $(TOKEN),--token '$(TOKEN)') $(if $(PID),--pid $(PID)) $(if $(CA),--ca '$(CA)') $(if $(MAX_AGE_S),--max-age-s $(MAX_AGE_S)) $(ARGS)

contract: ## Checks the JSON API from outside: two validators of its OpenAPI document, a generated client, schemathesis; EXAMPLES=20
	@scripts/setup --contract
	@scripts/contract

proxies: ## Starts every sample of examples/proxies in front of a server: streams, forms, commands, a drain
	@scripts/setup --proxies
	@scripts/test proxies

fuzz: ## Fuzzes cursors, queries, frames and replicas, SECONDS=20 each (nightly; the first build takes minutes); TARGET=frame one
	@scripts/setup
	@$(ENV) FUZZ_SECONDS='$(or $(SECONDS),20)' scripts/fuzz $(TARGET)

cluster: ## Three workers, Redis and PostgreSQL, killed one after the other under 300 streams; prints the table
	@scripts/setup --services
	@scripts/test cluster

kills: ## Kills the engine again and again while prices cross levels, and counts what was told twice or not at all; KILLS=200
	@scripts/setup --services
	@KILLS='$(or $(KILLS),200)' FAULT=kills:: scripts/test cluster

rolling-restart: ## Restarts three workers behind nginx one by one, under load
	@scripts/setup --services
	@FAULT=nginx scripts/test cluster

e2e: ## Tests in a real browser; make e2e GREP='name' runs some
	@scripts/setup --browser
	@scripts/test e2e

screenshots: ## Takes pictures of every page, both themes, both widths, into end2end/screenshots
	@scripts/setup --browser
	@scripts/test screenshots

snapshots: ## Compares every page at three widths in both themes with its kept picture in end2end/snapshots; UPDATE=1 keeps new ones
	@scripts/setup --browser
	@UPDATE='$(UPDATE)' scripts/test snapshots

bench: ## Measures and prints: engine, valuation, performance, frames, fan-out of 5,000 streams, first byte, wasm size
	@scripts/setup --browser
	@scripts/build
	@ulimit -n "$$(ulimit -Hn)"; $(ENV) cargo bench --locked --bench foliostream -- $(ARGS)
	@$(ENV) cd end2end && MEASURE=1 FOLIOSTREAM_BINARY=$(CURDIR)/target/release/foliostream npx playwright test latency

bench-cluster: ## Measures one to three workers on a Redis: frames, what Redis adds, takeovers
	@scripts/setup --services
	@ulimit -n "$$(ulimit -Hn)"; $(ENV) cargo bench --locked --bench foliostream -- cluster $(ARGS)

bench-fanout: ## Measures fan-out beside nginx with nchan, sse-starlette and the bare kernel into docs/benchmarks; ARGS=--quick takes two minutes, without it twelve
	@scripts/setup --peers
	@ulimit -n "$$(ulimit -Hn)"; $(ENV) cargo bench --locked --bench foliostream -- peers $(ARGS)

clean: ## Removes what was built (tools stay)
	@rm -rf target .tools
