#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Fuzzes what reads text of strangers, by libFuzzer and AddressSanitizer; ends with 1 on the first finding.
# usage: fuzz.sh [url|request|batch]...      all of them without an argument
# FUZZ_SECONDS: for each (60). A finding is kept in Tests/Fuzz/.run; what it taught goes into a test, and into corpus/.
set -euo pipefail
HERE=$(cd "$(dirname "$0")" && pwd)
cd "$HERE/../.."
RUN=$HERE/.run
SECONDS_EACH=${FUZZ_SECONDS:-60}
JOBS=${JOBS:-$(nproc)}
export PRESIGND_FUZZ=1
swift build -c release -j "$JOBS" --scratch-path .build-fuzz --product Fuzz \
  -Xswiftc -sanitize=fuzzer,address -Xswiftc -use-ld=lld
[ $# -gt 0 ] || set -- url request batch
for name; do
  mkdir -p "$RUN/$name"
  echo "fuzz: $name for $SECONDS_EACH s"
  # The second folder is only read; what is found new stays in the first.
  ASAN_OPTIONS=detect_leaks=0 .build-fuzz/release/Fuzz "$name" -max_total_time="$SECONDS_EACH" -max_len=4096 -timeout=10 \
    -artifact_prefix="$RUN/$name-" -print_final_stats=1 -verbosity=0 "$RUN/$name" "$HERE/corpus/$name" 2>&1 | tail -n 12
done
