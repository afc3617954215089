#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Judges the unit and its companions as an installed system would, in a throw-away root; needs no running systemd.
# usage: check.sh [binary]         the daemon to stage; a stand-in without one
# Prints the exposure; fails above 1.1 (PRESIGND_EXPOSURE, in tenths: 11) or on any warning.
set -euo pipefail
HERE=$(cd "$(dirname "$0")" && pwd)
LIMIT=${PRESIGND_EXPOSURE:-11}

command -v systemd-analyze >/dev/null || {
  echo "systemd/check.sh: needs systemd-analyze (apt-get install systemd)" >&2
  exit 69
}

ROOT=$(mktemp -d)
trap 'rm -rf "$ROOT"' EXIT
UNITS=$ROOT/usr/lib/systemd/system

# What the unit names must exist in the root: its programs, and the targets it is ordered by.
mkdir -p "$UNITS/presignd.service.d" "$ROOT/usr/bin" "$ROOT/etc"
ln -s usr/bin "$ROOT/bin"
ln -s usr/lib "$ROOT/lib"
if [ -n "${1:-}" ]; then cp "$1" "$ROOT/usr/bin/presignd"; else printf '#!/bin/sh\n' >"$ROOT/usr/bin/presignd"; fi
printf '#!/bin/sh\n' >"$ROOT/usr/bin/kill"
chmod 755 "$ROOT/usr/bin/"*
for folder in /usr/lib/systemd/system /lib/systemd/system; do
  [ ! -d "$folder" ] || { cp "$folder"/*.target "$UNITS/"; break; }
done
cp "$HERE/presignd.service" "$UNITS/"

said() { # runs a command; what it says is a failure, for verify warns with exit status 0
  local out
  out=$("$@" 2>&1) && [ -z "$out" ] || { printf 'FAILED: %s\n%s\n' "$*" "$out" >&2; exit 1; }
}
said systemd-analyze verify --man=no --root="$ROOT" presignd.service
cp "$HERE/credentials.conf" "$UNITS/presignd.service.d/"
said systemd-analyze verify --man=no --root="$ROOT" presignd.service

systemd-sysusers --root="$ROOT" "$HERE/presignd.sysusers" >/dev/null 2>"$ROOT/sysusers" \
  && grep -q '^presignd:' "$ROOT/etc/passwd" \
  || { echo "FAILED: presignd.sysusers" >&2; cat "$ROOT/sysusers" >&2; exit 1; }

# Only root may give folders to another user. Access lists look names up in the host, so they get the number.
if [ "$(id -u)" = 0 ]; then
  number=$(sed -n 's/^presignd:[^:]*:\([0-9]*\):.*/\1/p' "$ROOT/etc/passwd")
  sed -E "s/(user|group):presignd/\1:$number/g" "$HERE/presignd.tmpfiles" >"$ROOT/presignd.conf"
  said systemd-tmpfiles --root="$ROOT" --create "$ROOT/presignd.conf"
fi

systemd-analyze security --offline=yes --threshold="$LIMIT" --no-pager --root="$ROOT" presignd.service >"$ROOT/score" \
  || { cat "$ROOT/score" >&2; exit 1; }
grep -o 'exposure level.*: [0-9.]*' "$ROOT/score"
