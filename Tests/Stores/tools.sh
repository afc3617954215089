#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Tools of the tests: a Python with boto3, the aws command line, a Python with jsonschema and the reference library of
# Standard Webhooks, programs that read links, and a library that lies about the time (faketime).
# usage: tools.sh install | start | stop | env
# Takes the system's when it has both, else a venv; start is install, stop does nothing.
set -euo pipefail
HERE=$(cd "$(dirname "$0")" && pwd) NAME=tools MARK=none
# shellcheck source=part.sh
. "$HERE/part.sh"
VENV=$ROOT/venv
WEBHOOKS=$ROOT/webhooks

write_env() {
  cat >"$ENV_FILE" <<EOF
TOOLS_PYTHON=$1
TOOLS_AWS=$2
TOOLS_FAKETIME=$(faketime_library)
TOOLS_WEBHOOKS=$WEBHOOKS/bin/python
EOF
}

faketime_library() { find /usr/lib /usr/lib64 -path '*faketime*' -name 'libfaketimeMT.so.1' 2>/dev/null | head -1; }

have_readers() { command -v wget && command -v aria2c && command -v qrencode && command -v zbarimg; } >/dev/null

install() {
  local python aws
  [ ! -s "$ENV_FILE" ] || { # shellcheck disable=SC1090
    . "$ENV_FILE" && "$TOOLS_PYTHON" -c 'import boto3' 2>/dev/null && [ -x "$TOOLS_AWS" ] \
      && [ -f "${TOOLS_FAKETIME:-}" ] && [ -x "${TOOLS_WEBHOOKS:-}" ] \
      && "$TOOLS_WEBHOOKS" -c 'import jsonschema' 2>/dev/null && have_readers && return; }
  command -v curl >/dev/null || apt_install curl curl ca-certificates
  [ -n "$(faketime_library)" ] || apt_install faketime faketime
  have_readers || apt_install "programs that read links" wget aria2 qrencode zbar-tools
  # 220 MB, in a quarter of a minute; Debian has it, and its test is skipped elsewhere.
  command -v chromium-headless-shell >/dev/null || command -v chromium >/dev/null \
    || (apt_install "a browser" chromium-headless-shell) || say "no browser: the test of the page in one is skipped"
  venv "$WEBHOOKS" standardwebhooks==1.1.0 jsonschema==4.26.0
  # The interpreter itself, not a shim that needs its manager's environment.
  python=$(find_python) && python=$("$python" -c 'import boto3, sys; print(sys.executable)' 2>/dev/null) || python=
  aws=$(dirname "${python:-.}")/aws
  [ -x "$aws" ] || aws=$(command -v aws) || aws=
  if [ -n "$python" ] && env -i "$aws" --version >/dev/null 2>&1; then
    write_env "$python" "$aws"
  else
    venv "$VENV" boto3==1.43.11 awscli==1.45.11
    write_env "$VENV/bin/python" "$VENV/bin/aws"
  fi
}

case ${1:-} in
install) install ;;
start) install && cat "$ENV_FILE" ;;
stop) ;;
env) cat "$ENV_FILE" 2>/dev/null || die "not installed; $0 install" ;;
*) sed -n '3,6s/^# //p' "$0"; exit 64 ;;
esac
