#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The queue at scale: a million waiting jobs, how soon presignd is ready over them, what it and its database take, and how
# long a claim is. Figures stand beside their bounds; it fails when one is missed.
# PRESIGND: the binary (.build/release/presignd), with QueueBench beside it; BENCH_JOBS: how many jobs (1000000)
# BENCH_TREE: where the files go (/dev/shm); state lies on the disk beside this script
set -euo pipefail
HERE=$(cd "$(dirname "$0")" && pwd)
PRESIGND=${PRESIGND:-$HERE/../../.build/release/presignd}
PYTHON=$(command -v python3) || { echo "bench: needs python3" >&2; exit 69; }
mkdir -p "$HERE/.run"
exec "$PYTHON" "$HERE/jobs.py" "$PRESIGND" "$HERE/.run"
