#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Sees to what building and testing need; installs Debian packages that are missing, and only then asks for sudo.
# usage: deps.sh swift | build | test
# 69: something is missing that it cannot install; it says what and where to get it.
set -euo pipefail
BUILD=(libcurl4-openssl-dev libsqlite3-dev libssl-dev pkg-config git ca-certificates)
TEST=("${BUILD[@]}" curl python3 python3-venv systemd e2fsprogs mount xfsprogs)
MINIMUM=6.2

die() { printf 'deps: %s\n' "$*" >&2; exit 69; }

check_swift() {
  local version where="get it from https://www.swift.org/install/linux/ and put its usr/bin on PATH"
  command -v swift >/dev/null || die "presignd is built with Swift $MINIMUM or newer, and there is no swift on PATH; $where"
  version=$(swift --version 2>/dev/null | sed -nE 's/.*Swift version ([0-9.]+).*/\1/p' | head -n 1)
  [ -n "$version" ] || die "swift --version does not say its version; is $(command -v swift) a whole toolchain?"
  [ "$(printf '%s\n' "$MINIMUM" "$version" | sort -V | head -n 1)" = "$MINIMUM" ] \
    || die "this is Swift $version, and presignd needs $MINIMUM or newer; $where"
}

missing() {
  local package
  for package; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || printf '%s ' "$package"
  done
}

# Without dpkg only what a build cannot do without is looked for.
check_other_system() {
  { pkg-config --exists 'libcurl >= 7.85' && pkg-config --exists 'sqlite3 >= 3.37' && pkg-config --exists 'libcrypto >= 3.0'; } 2>/dev/null \
    || die "no dpkg here to install packages with; install pkg-config and the headers of libcurl (7.85), SQLite (3.37) and OpenSSL (3.0) with this system's own means"
}

install() {
  local wanted sudo=()
  command -v dpkg-query >/dev/null && command -v apt-get >/dev/null || { check_other_system; return; }
  wanted=$(missing "$@")
  [ -n "$wanted" ] || return 0
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; } \
      || die "these packages are missing, and there is no root and no sudo here; as root: apt-get install $wanted"
    sudo=(sudo)
  fi
  echo "deps: installing $wanted" >&2
  local apt=("${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300)
  # shellcheck disable=SC2086
  { "${apt[@]}" install -y --no-install-recommends $wanted >/dev/null 2>&1 ||
    { "${apt[@]}" update && "${apt[@]}" install -y --no-install-recommends $wanted; } >&2; } \
    || die "apt-get could not install $wanted (no network?)"
}

case ${1:-} in
swift) check_swift ;;
build) check_swift; install "${BUILD[@]}" ;;
test) check_swift; install "${TEST[@]}" ;;
*) sed -n '3,5s/^# //p' "$0"; exit 64 ;;
esac
