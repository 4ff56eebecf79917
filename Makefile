# What one does with this repository. `make` alone lists it.

SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -c
.DEFAULT_GOAL := help
FAULTS := cargo test --release -p frontdesk-tests --test faults --locked -- --nocapture
PLANTED := --bin frontdesk-planted --features frontdesk/planted-faults --locked
PAGE_TESTS := node --test --test-reporter=tap src/console/tests/
COVERED := -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
	-Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1 --cfg fuzzing
.PHONY: help run release deb check test faults faults-table bench loadtest targets peers fuzz fmt deps broker

help: ## List what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: deps broker ## Build quickly (unoptimised) and start one node with example data
	@[ -x target/quick/frontdesk ] || echo "Building Frontdesk for the first time: 3 to 5 minutes on two quiet cores, seconds from then on." >&2
	cargo build --profile quick -p frontdesk --no-default-features --locked
	exec ./target/quick/frontdesk up --demo

release: deps broker ## Build the binary to be used in earnest: target/release/frontdesk (some 12 minutes on two cores)
	cargo build --release -p frontdesk --features frontdesk/jemalloc --locked

deb: release broker ## Make a Debian package: target/debian/frontdesk_*.deb, with its broker, a systemd unit and a settings file
	@command -v cargo-deb >/dev/null || cargo install cargo-deb --locked
	cargo deb -p frontdesk --no-build

check: deps ## The fast loop: formatting, lints, unit tests, the rules of the pages; starts no server
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	command -v node >/dev/null || .ci/install-packages nodejs
	$(PAGE_TESTS)
	cargo test --workspace --lib --locked

test: deps ## Everything that a change has to pass
	tests/install.sh
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --document-private-items --locked
	cargo build -p frontdesk --locked
	cargo build -p frontdesk $(PLANTED)
	rm -f target/skipped-tests.txt
	{ $(PAGE_TESTS) && cargo test --workspace --locked; } 2>&1 | tee target/test.log
	@tests/summary.sh target/test.log

faults: deps ## Do every kind of harm while people talk (SEED=1 MINUTES=30 AT_LEAST=100 LIMIT=20 ONLY=...), and write the table
	tests/install.sh
	cargo build --release -p frontdesk --features frontdesk/jemalloc --locked
	cargo build --release -p frontdesk $(PLANTED)
	[ -n "$(ONLY)" ] || $(FAULTS) --include-ignored --test-threads 1 planted::a
	$(FAULTS) --ignored --exact nothing_is_lost_in_the_standard_profile

faults-table: deps ## Write the table of all runs of this commit into tests/faults/README.md
	$(FAULTS) --ignored --exact the_table_of_this_commit_is_written

bench: deps broker ## Load a node of its own on this machine and print the report
	cargo build --release -p frontdesk -p frontdesk-loadtest --features frontdesk/jemalloc --locked
	./target/release/frontdesk-loadtest --spawn

loadtest: deps broker ## Load a node of its own for a short while; report and page in target/loadtest
	cargo build --release -p frontdesk -p frontdesk-loadtest --features frontdesk/jemalloc --locked
	./target/release/frontdesk-loadtest run steady --json target/loadtest/steady.json --html target/loadtest/steady.html

targets: deps ## Measure each target, one after the other, into loadtest/reports (ONLY=T3; best on a machine that does nothing else)
	tests/install.sh
	cargo build --release -p frontdesk -p frontdesk-loadtest --features frontdesk/jemalloc --locked
	loadtest/targets.sh

peers: deps broker ## Compare idle sockets and relay with ws, socket.io and nchan (PEERS="--only ws" and so on)
	loadtest/peers/install.sh
	cargo build --release -p frontdesk -p frontdesk-loadtest --features frontdesk/jemalloc --locked
	./target/release/frontdesk-peers $(PEERS)

fuzz: deps ## Look for bytes that break what strangers reach first (TARGET=frames or decoder, SECONDS=60)
	RUSTFLAGS="$(COVERED)" cargo build --release --locked --manifest-path tests/fuzz/Cargo.toml --target-dir target/fuzz \
		--target "$$(rustc --print host-tuple)" --bin $(or $(TARGET),frames)
	mkdir -p target/fuzz/corpus/$(or $(TARGET),frames)
	target/fuzz/"$$(rustc --print host-tuple)"/release/$(or $(TARGET),frames) target/fuzz/corpus/$(or $(TARGET),frames) \
		tests/fuzz/corpus/$(or $(TARGET),frames) -artifact_prefix=target/fuzz/ -max_total_time=$(or $(SECONDS),60) -max_len=4096

fmt: ## Format the code
	cargo fmt --all

deps: ## Make sure a C compiler and Rust are there
	@command -v cc >/dev/null || .ci/install-packages build-essential
	@command -v cargo >/dev/null || { echo "please install Rust 1.94 or newer with rustup" >&2; exit 1; }

broker: ## Fetch nats-server into .tools unless it is there
	@nats/install.sh
