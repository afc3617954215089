#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every store and tool of the tests at once.
# usage: all.sh install | start | stop | env
# One that cannot start is said on standard error, the others go on; the exit status tells.
set -uo pipefail
HERE=$(cd "$(dirname "$0")" && pwd)
COMMAND=${1:-}
case $COMMAND in install | start | stop | env) ;; *) sed -n '3,5s/^# //p' "$0"; exit 64 ;; esac

STATUS=0
PIDS=()
for part in localstack rgw swift tools; do
  "$HERE/$part.sh" "$COMMAND" & PIDS+=($!)
done
for pid in "${PIDS[@]}"; do wait "$pid" || STATUS=1; done
exit $STATUS
