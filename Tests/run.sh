#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds and runs all tests; the stores start while Swift builds, and those it started are stopped again.
# usage: run.sh [arguments for swift test, such as --filter Queue]
# PRESIGND_REQUIRE_STORES=0 lets the tests that need a store be skipped when it cannot be started.
set -uo pipefail
HERE=$(cd "$(dirname "$0")" && pwd)
cd "$HERE/.." || exit 1
export PRESIGND_REQUIRE_STORES=${PRESIGND_REQUIRE_STORES:-1}
RUN=${PRESIGND_STORES:-$HERE/Stores/.run}
LOG=.build/test.log
JOBS=${JOBS:-$(nproc)}
# The tests talk to this machine only; and a crash shall not print pages.
export no_proxy=127.0.0.1,localhost NO_PROXY=127.0.0.1,localhost SWIFT_BACKTRACE=enable=no
mkdir -p .build

MINE=()
for store in localstack rgw swift; do
  Tests/Stores/$store.sh env >/dev/null 2>&1 || MINE+=("$store")
done
STARTING=
finish() {
  # Not ended half-way: it may be installing packages.
  [ -z "$STARTING" ] || wait "$STARTING"
  for store in "${MINE[@]}"; do Tests/Stores/"$store".sh stop; done
}
trap finish EXIT
trap 'exit 130' INT TERM

Tests/Stores/all.sh start >/dev/null & STARTING=$!
swift build --build-tests -j "$JOBS" || { echo "0 passed, 1 failed (the build)"; exit 1; }
wait "$STARTING"
STORES=$?
STARTING=
if [ $STORES != 0 ] && [ "$PRESIGND_REQUIRE_STORES" = 1 ]; then
  echo "A store did not start (above). PRESIGND_REQUIRE_STORES=0 runs the tests that need none." >&2
  echo "0 passed, 1 failed (a store)"
  exit 1
fi
set -a
for file in "$RUN"/*.env; do
  # shellcheck disable=SC1090
  [ ! -s "$file" ] || . "$file"
done
set +a
[ -z "${TOOLS_PYTHON:-}" ] || export PRESIGND_TEST_PYTHON=$TOOLS_PYTHON

run() {
  timeout --foreground -k 10 "${PRESIGND_TEST_TIMEOUT:-1500}" swift test --skip-build --disable-xctest "$@" 2>&1 | tee -a "$LOG"
  local status=${PIPESTATUS[0]}
  RUNS=$((RUNS + 1))
  [ "$STATUS" != 0 ] || STATUS=$status
}
RUNS=0 STATUS=0
: >"$LOG"
if [ $# = 0 ]; then
  # By themselves: they wait for processes, and each holds one of the few threads that all tests share.
  run --skip EndToEndTests
  run --filter EndToEndTests
else
  run "$@"
fi
awk -v status="$STATUS" -v runs="$RUNS" -f "$HERE/count.awk" "$LOG"
