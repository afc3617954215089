#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The watcher at scale: a start over a million known files, a hundred thousand folders in idleness, a burst of files, and
# what polling costs. Figures stand beside their bounds; it fails when one is missed.
# usage: watch.sh [start] [idle] [burst] [poll]      all of them by default
# PRESIGND: the binary (.build/release/presignd); WATCH_FILES (1000000), WATCH_FOLDERS (100000), WATCH_BURST (50000)
# WATCH_TREE: where the files go (/dev/shm); state lies on the disk beside this script
set -euo pipefail
HERE=$(cd "$(dirname "$0")" && pwd)
PRESIGND=${PRESIGND:-$HERE/../../.build/release/presignd}
PYTHON=$(command -v python3) || { echo "bench: needs python3" >&2; exit 69; }
mkdir -p "$HERE/.run"
exec "$PYTHON" "$HERE/watch.py" "$PRESIGND" "$HERE/.run" "$@"
