# The few commands that Swiftlet is worked with; `make` lists them.
SWIFT ?= swift
MODEL ?= smollm2:135m
TYPE ?= Q4_K_M
PROMPT ?= Why is the sky blue? Answer in two sentences.
FUZZ_SECONDS ?= 60
OPENAPI_SECONDS ?= 120
TARGET ?= SwiftletEngine
# Tests run on optimized code: without @testable they share its objects with `swift build -c release`, so that nothing
# but the tests themselves is compiled for them.
RELEASE := -c release
# One at a time: many measure time, and worker pools of several tests at once would starve each other on two cores.
TEST := $(SWIFT) test $(RELEASE) --disable-testable-imports --no-parallel
SOURCES := Package.swift Sources Tests Examples Benchmarks dev

.DEFAULT_GOAL := help
.PHONY: help setup build demo test clients openapi web fast format lint symbols bench fuzz

help: ## what there is to make
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## check that what the build needs is there; installs what is missing where it may
	@dev/setup

build: setup ## build in release mode: .build/release/swiftlet
	$(SWIFT) build $(RELEASE)

demo: build ## build, get MODEL, quantize it to TYPE, compare the two, and let the small one answer PROMPT
	@dev/demo "$(MODEL)" "$(TYPE)" "$(PROMPT)"

test: build ## all tests, in release mode, with the models that they need
	SWIFTLET_TEST_MODEL="$$(dev/model-path "$(MODEL)")" \
		SWIFTLET_TEST_MINILM="$$(dev/model-path all-minilm-l6-v2:22m)" $(TEST)

clients: build ## PyPI's ollama, openai and anthropic, and curl, against a running server
	SWIFTLET_TEST_MODEL="$$(dev/model-path "$(MODEL)")" \
		SWIFTLET_TEST_MINILM="$$(dev/model-path all-minilm-l6-v2:22m)" dev/clients/run

openapi: build ## the OpenAPI description against a running server, and OPENAPI_SECONDS of requests that are made of it
	SWIFTLET_TEST_MODEL="$$(dev/model-path "$(MODEL)")" dev/openapi/run $(OPENAPI_SECONDS)

web: build ## the server's page in a headless Chromium, which Debian has as the package chromium
	SWIFTLET_TEST_MODEL="$$(dev/model-path "$(MODEL)")" dev/web/run

fast: ## inner loop: debug build and tests of one target, make fast TARGET=SwiftletEngine
	$(SWIFT) build --target $(TARGET)
	$(SWIFT) test --filter '^$(TARGET)Tests\.'

format: ## format all Swift code
	$(SWIFT) format --in-place --parallel --recursive $(wildcard $(SOURCES))

lint: ## formatting, floors of the house, symbols of the C target
	$(SWIFT) format lint --strict --parallel --recursive $(wildcard $(SOURCES))
	dev/check-layers-test
	dev/check-layers
	dev/check-symbols

bench: build ## speed beside llama.cpp's in one run; Benchmarks/engine.py --help tells what it needs
	Benchmarks/engine.py "$$(dev/model-path "$(MODEL)")"

fuzz: ## fuzz each parser for FUZZ_SECONDS
	dev/fuzz-all $(FUZZ_SECONDS)
