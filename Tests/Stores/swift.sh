#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# OpenStack Swift with its S3 middleware from Debian's python3-swift: one replica, objects in memory.
# usage: swift.sh install | start [port] | stop | env
# Signatures of version 2 and 4, path style; takes four ports in a row; every start is an empty store.
set -euo pipefail
HERE=$(cd "$(dirname "$0")" && pwd) NAME=swift
# shellcheck source=part.sh
. "$HERE/part.sh"
ETC=$ROOT/etc MARK=$ROOT/etc PYTHON3=/usr/bin/python3
ACCOUNT=test:tester
# A slash, a plus and an equals sign: what a careless encoder of secrets or headers gets wrong.
SECRET_KEY=testSecretKey/with+odd=chars
SERVERS=(account container object proxy)

# The library alone: the packages of the servers would also start theirs.
has_swift() { "$PYTHON3" -c 'import swift.proxy.server, swift.common.middleware.s3api' 2>/dev/null; }

install() {
  has_swift || apt_install "OpenStack Swift" python3-swift
  has_swift || die "python3-swift is installed, but $PYTHON3 cannot import it"
}

# $1 the name of a server, $2 its port, $3 its pipeline before the server itself, $4 the app's entry point.
configure() {
  cat >"$ETC/$1.conf" <<EOF
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = $2
workers = 0
user = $(id -un)
swift_dir = $ETC
devices = $ROOT/disks
mount_check = false
recon_cache_path = $ROOT/cache
log_level = WARNING
[pipeline:main]
pipeline = $3 $1-server
[app:$1-server]
use = egg:swift#$4
[filter:healthcheck]
use = egg:swift#healthcheck
EOF
}

configure_all() {
  printf '[swift-hash]\nswift_hash_path_suffix = test\n[storage-policy:0]\nname = one\ndefault = yes\n' >"$ETC/swift.conf"
  configure account $(($1 + 1)) healthcheck account
  configure container $(($1 + 2)) healthcheck container
  configure object $(($1 + 3)) healthcheck mem_object
  # The order that s3api wants (its manual, "s3api", "Installing").
  configure proxy "$1" "catch_errors gatekeeper healthcheck cache listing_formats bulk s3api tempauth copy slo dlo versioned_writes" proxy
  # The filters that need no more than their names, then those that do.
  local filter
  for filter in catch_errors gatekeeper listing_formats bulk copy slo dlo versioned_writes; do
    printf '[filter:%s]\nuse = egg:swift#%s\n' $filter $filter
  done >>"$ETC/proxy.conf"
  # tempauth wants a cache to be named, and does well without one for signed requests: every look-up misses.
  cat >>"$ETC/proxy.conf" <<EOF
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:1
[filter:tempauth]
use = egg:swift#tempauth
user_${ACCOUNT/:/_} = $SECRET_KEY .admin
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
EOF
  sed -i 's/^use = egg:swift#proxy$/&\naccount_autocreate = true/' "$ETC/proxy.conf"
}

# Where each kind of thing lies: all of it on the one disk of the one server of its kind.
rings() {
  "$PYTHON3" - "$ETC" "$1" <<'EOF'
import sys
from swift.common.ring import RingBuilder
for number, name in enumerate(("account", "container", "object"), 1):
    ring = RingBuilder(2, 1, 0)
    ring.add_dev(dict(region=1, zone=1, ip="127.0.0.1", port=int(sys.argv[2]) + number, device="disk", weight=1))
    ring.rebalance()
    ring.get_ring().save("%s/%s.ring.gz" % (sys.argv[1], name))
EOF
}

serve() {
  # /etc/swift/swift.conf is read before the folder of the settings is known, and is not ours to write.
  local run='import os, sys; from swift.common import utils, wsgi; utils.set_swift_dir(os.path.dirname(sys.argv[1])); '
  run+='sys.exit(wsgi.run_wsgi(sys.argv[1], sys.argv[2], verbose=True))'
  nohup "$PYTHON3" -c "$run" "$ETC/$1.conf" "$1-server" >"$ROOT/log/$1" 2>&1 </dev/null &
  echo $! >"$ROOT/run/$1.pid"
}

all_run() {
  local server
  for server in "${SERVERS[@]}"; do ours "$ROOT/run/$server.pid" || return 1; done
}

start() {
  all_run && [ -s "$ENV_FILE" ] && return
  stop
  install
  local port server
  mkdir -p "$ROOT"
  port=$(choose_port "$1" 7500 4)
  for server in 1 2 3; do free $((port + server)) || die "port $((port + server)) is taken; start it with another port"; done
  rm -rf "$ETC" "$ROOT/disks" "$ROOT/log" "$ROOT/run"
  mkdir -p "$ETC" "$ROOT/disks/disk" "$ROOT/log" "$ROOT/run" "$ROOT/cache"
  configure_all "$port"
  rings "$port"
  for server in "${SERVERS[@]}"; do serve "$server"; done
  for server in 1 2 3 0; do
    await 60 "http://127.0.0.1:$((port + server))/healthcheck" "$ROOT/run/${SERVERS[(server + 3) % 4]}.pid" \
      || { tail -n 5 "$ROOT/log/"* >&2; stop; die "did not start, see $ROOT/log"; }
  done
  echo "$port" >"$ROOT/port"
  cat >"$ENV_FILE" <<EOF
SWIFT_ENDPOINT=http://127.0.0.1:$port
SWIFT_ACCESS_KEY=$ACCOUNT
SWIFT_SECRET_KEY=$SECRET_KEY
SWIFT_REGION=us-east-1
EOF
}

stop() {
  local server
  rm -f "$ENV_FILE"
  for server in proxy object container account; do end "$ROOT/run/$server.pid"; done
}

case ${1:-} in
install) install ;;
start) start "${2:-}" && cat "$ENV_FILE" ;;
stop) stop ;;
env) { all_run && cat "$ENV_FILE"; } 2>/dev/null || die "is not running; start it with $0 start" ;;
*) sed -n '3,5s/^# //p' "$0"; exit 64 ;;
esac
