# Every target with a "##" comment is listed by `make help`.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

GO      ?= go
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
BIN     := bin/tollgate

# The time of every file of a release, so that it does not depend on when it is made.
SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct 2>/dev/null || echo 0)

TESTTIME ?= 15m
FUZZTIME ?= 10s
BENCH    ?=
SOAK_TIME ?= 30m
TARGETS  ?=
ENGINE   ?= docker
LISTEN   ?= 127.0.0.1:8080

# The linters are pinned in a module of their own, so that they add nothing to
# the module graph of the product.
TOOL := $(GO) tool -modfile=tools/go.mod

.PHONY: help
help: ## Print this page
	@echo 'tollgate: make TARGET'
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo 'Variables: FUZZTIME ($(FUZZTIME) for each fuzz target), TESTTIME ($(TESTTIME) for each package),'
	@echo '           BENCH (flags for bench, as in BENCH=--quick), SOAK_TIME ($(SOAK_TIME)), LISTEN ($(LISTEN), of the demo),'
	@echo '           VERSION ($(VERSION)), TARGETS (of a release, as in TARGETS=linux/amd64),'
	@echo '           ENGINE ($(ENGINE), or podman).'

.PHONY: demo
demo: build ## Run the gateway against a simulated provider, with a fresh key, in a temporary folder
	@exec $(BIN) demo --listen $(LISTEN)

.PHONY: build
build: ## Build bin/tollgate: static, reproducible, stamped with the version
	CGO_ENABLED=0 $(GO) build -trimpath -buildvcs=false -ldflags '-s -w -X main.version=$(VERSION)' -o $(BIN) ./cmd/tollgate

.PHONY: image
image: ## Build the container image with ENGINE
	$(ENGINE) build --build-arg VERSION='$(VERSION)' --build-arg SOURCE_DATE_EPOCH='$(SOURCE_DATE_EPOCH)' -t 'tollgate:$(VERSION)' .

.PHONY: release
release: ## Build archives for every system, with checksums and bills of materials, into dist/
	$(GO) -C tools run ./release -root .. -out ../dist -version '$(VERSION)' -epoch '$(SOURCE_DATE_EPOCH)' -targets '$(TARGETS)'

.PHONY: test
test: compiler client systemd ## Run everything that proves it, installing what that needs
	CGO_ENABLED=1 $(GO) test -race -shuffle=on -timeout=$(TESTTIME) ./...
	$(GO) -C tools test -shuffle=on -timeout=$(TESTTIME) ./...
	$(GO) -C deploy/deploytest test -shuffle=on -timeout=$(TESTTIME) ./...
	$(GO) -C oracle test -shuffle=on -timeout=$(TESTTIME) ./...

.PHONY: lint
lint: ## Check format, go.mod, go vet, staticcheck, other systems and known vulnerabilities
	$(GO) mod tidy -diff
	@tools/gofumpt.sh $(TOOL)
	$(GO) vet ./...
	@tools/modules.sh tools deploy/deploytest oracle
	$(TOOL) staticcheck ./...
	@tools/cross.sh
	@tools/govulncheck.sh $(TOOL)

.PHONY: fmt
fmt: ## Format every Go file
	$(TOOL) gofumpt -w .

.PHONY: fuzz
fuzz: ## Fuzz every target for FUZZTIME
	@tools/fuzz.sh $(FUZZTIME)

.PHONY: bench
bench: build nginx ## Measure the gateway beside a bare reverse proxy and nginx and write bench/RESULTS.md
	$(GO) run ./bench --gateway $(BIN) $(BENCH)

.PHONY: soak
soak: build ## Let the gateway run under everything that can happen to it for SOAK_TIME and write bench/SOAK.md
	$(GO) run ./soak --gateway $(BIN) --time $(SOAK_TIME)

.PHONY: profile
profile: build ## Write to bench/profile where the gateway's processor time goes
	$(GO) run ./bench --gateway $(BIN) --quick --profile bench/profile --out /dev/null

.PHONY: generate
generate: ## Write the generated files anew
	$(GO) generate ./...

.PHONY: clean
clean: ## Remove what was built and what was downloaded
	rm -rf bin dist .cache

# What the tests need beyond Go: a C compiler for the race detector, and the
# real client, which npm brings, with a terminal for it. Without the compiler
# there is no test run; without the client, the terminal and systemd's tools
# their own tests say so and are skipped.

.PHONY: compiler
compiler:
	@tools/need.sh gcc gcc libc6-dev

# bench says loudly that nginx is missing, and measures the rest.
.PHONY: nginx
nginx:
	@tools/need.sh nginx nginx || true

.PHONY: client
client:
	@tools/need.sh npm npm || true
	@tools/need.sh tmux tmux || true
	@clienttest/install.sh

.PHONY: systemd
systemd:
	@tools/need.sh systemd-analyze systemd || true
