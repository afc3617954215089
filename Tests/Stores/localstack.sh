#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# LocalStack 4.2.0's S3 in host mode (no docker), from PyPI, with presigned signatures validated.
# usage: localstack.sh install | start [port] | stop | env
# The secret key is "test" for any access key id; any X-Amz-Security-Token is taken.
set -euo pipefail
HERE=$(cd "$(dirname "$0")" && pwd) NAME=localstack
# shellcheck source=part.sh
. "$HERE/part.sh"
VENV=$ROOT/venv PID=$ROOT/pid MARK=$VENV/bin/python

install() { venv "$VENV" -c "$HERE/localstack-constraints.txt" "localstack-core[base-runtime]==4.2.0"; }

# Signatures are validated only with S3_SKIP_SIGNATURE_VALIDATION=0; the rest keeps it off the network and quiet.
serve() {
  mkdir -p "$ROOT/volume" "$ROOT/files"
  cd "$ROOT"
  env SERVICES=s3,sts STRICT_SERVICE_LOADING=1 EAGER_SERVICE_LOADING=1 \
    S3_SKIP_SIGNATURE_VALIDATION=0 GATEWAY_LISTEN="127.0.0.1:$1" DNS_ADDRESS=0 \
    DISABLE_EVENTS=1 SKIP_SSL_CERT_DOWNLOAD=1 LS_LOG=warn \
    LOCALSTACK_VOLUME_DIR="$ROOT/volume" FILESYSTEM_ROOT="$ROOT/files" TMPDIR="$ROOT/files" \
    nohup "$VENV/bin/python" -m localstack.runtime.main >"$ROOT/log" 2>&1 </dev/null &
  echo $! >"$PID"
}

start() {
  ours "$PID" && [ -s "$ENV_FILE" ] && return
  end "$PID"
  install
  local port
  mkdir -p "$ROOT"
  port=$(choose_port "$1" 4566)
  serve "$port"
  await 120 "http://127.0.0.1:$port/_localstack/health" "$PID" || { tail -n 5 "$ROOT/log" >&2; stop; die "did not start, see $ROOT/log"; }
  echo "$port" >"$ROOT/port"
  cat >"$ENV_FILE" <<EOF
LOCALSTACK_ENDPOINT=http://127.0.0.1:$port
LOCALSTACK_ACCESS_KEY=test
LOCALSTACK_SECRET_KEY=test
LOCALSTACK_REGION=us-east-1
EOF
}

stop() { rm -f "$ENV_FILE"; end "$PID"; }

case ${1:-} in
install) install ;;
start) start "${2:-}" && cat "$ENV_FILE" ;;
stop) stop ;;
env) { ours "$PID" && cat "$ENV_FILE"; } 2>/dev/null || die "is not running; start it with $0 start" ;;
*) sed -n '3,5s/^# //p' "$0"; exit 64 ;;
esac
