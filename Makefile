# SPDX-License-Identifier: Apache-2.0
# `make help` tells what there is. Longer recipes are scripts: scripts/, Tests/, systemd/.

SHELL := /bin/bash
JOBS ?= $(shell nproc)
CONFIG ?= config.yaml
SWIFT_SOURCES := Package.swift Sources Tests
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help deps build run test check lint unit bench chaos fuzz format clean

help: ## show this list
	@sed -nE 's/^([a-z]+):[^#]*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

run: build ## build, start presignd here, watch ./inbox
	@mkdir -p inbox
	@exec .build/release/presignd run --config $(CONFIG)

test: ## run all tests, against real stores too
	@scripts/deps.sh test
	@Tests/run.sh

check: lint unit test ## what CI runs: lint, unit file, build, all tests

bench: build ## measure CPU, memory and speed, beside the tools that are installed
	@Tests/Bench/bench.sh
	@swift build -c release -j $(JOBS) --product SignBench --static-swift-stdlib
	@Tests/Bench/sign.sh
	@Tests/Bench/watch.sh
	@swift build -c release -j $(JOBS) --product QueueBench --static-swift-stdlib
	@Tests/Bench/jobs.sh

chaos: build ## thousands of files against stores with faults, over a hundred kills and power cuts
	@scripts/deps.sh test
	@PRESIGND_CHAOS=full PRESIGND_BINARY=$(CURDIR)/.build/release/presignd Tests/run.sh --filter 'ChaosTests|FaultyReceiverTests|PublishCrashTests|PowerCutTests|RaceTests|IdentityTests'

build: deps ## build the release binary, .build/release/presignd
	@swift build -c release -j $(JOBS) --product presignd --static-swift-stdlib

fuzz: deps ## fuzz what reads text of strangers, 60 s each
	@Tests/Fuzz/fuzz.sh

deps: ## install what building needs (Debian packages; asks for sudo)
	@scripts/deps.sh build

lint: ## judge the format and the style of the Swift sources
	@scripts/deps.sh swift
	@swift format lint --parallel --recursive --strict $(SWIFT_SOURCES)

unit: ## judge the systemd unit
	@scripts/deps.sh test
	@systemd/check.sh

format: ## format the Swift sources in place
	@swift format format --parallel --recursive --in-place $(SWIFT_SOURCES)

clean: ## remove what was built and the stores of the tests; inbox, links, state, objects stay
	@Tests/Stores/all.sh stop
	@rm -rf .build .build-fuzz Tests/Stores/.run Tests/Bench/.run Tests/Fuzz/.run
