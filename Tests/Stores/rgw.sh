#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Ceph's RADOS Gateway from Debian's packages: one monitor, one object daemon in memory, one gateway.
# usage: rgw.sh install | start [port] | stop | env
# Path style on the port, virtual-host style under s3.localhost; every start is an empty store.
set -euo pipefail
HERE=$(cd "$(dirname "$0")" && pwd) NAME=rgw
# shellcheck source=part.sh
. "$HERE/part.sh"
CONF=$ROOT/ceph.conf MARK=$ROOT/ceph.conf
ACCESS_KEY=PRESIGNDTESTKEY00001
# A slash, a plus and an equals sign: what a careless encoder of secrets or headers gets wrong.
SECRET_KEY=testSecretKey/with+odd=chars0123456789ab

missing() {
  local program
  for program in radosgw radosgw-admin ceph ceph-authtool ceph-mon ceph-osd monmaptool; do
    command -v "$program" >/dev/null || { echo "$program"; return; }
  done
}

install() {
  [ -z "$(missing)" ] || apt_install "a Ceph RADOS Gateway" radosgw ceph-mon ceph-osd ceph-common
  [ -z "$(missing)" ] || die "the packages are installed, but $(missing) is not to be found"
}

# One replica on one object daemon and no manager: the least that serves objects.
# A nearly full disk must not stop the monitor of a store that lives in memory.
configure() {
  cat >"$CONF" <<EOF
[global]
fsid = $(cat /proc/sys/kernel/random/uuid)
mon host = v2:127.0.0.1:$(($1 + 20000))
mon initial members = a
ms bind ipv4 = true
ms bind ipv6 = false
ms bind msgr1 = false
public addr = 127.0.0.1
cluster addr = 127.0.0.1
auth cluster required = cephx
auth service required = cephx
auth client required = cephx
auth allow insecure global id reclaim = true
keyring = $ROOT/keyring
run dir = $ROOT/run
admin socket = $ROOT/run/\$name.asok
pid file = $ROOT/run/\$name.pid
log file = $ROOT/log/\$name.log
crash dir = $ROOT/crash
osd crush chooseleaf type = 0
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 8
osd pool default pgp num = 8
osd pool default pg autoscale mode = off
mon allow pool size one = true
mon max pg per osd = 1000
mon data avail crit = 1
mon data avail warn = 2
[mon]
mon data = $ROOT/mon.a
[osd]
osd data = $ROOT/osd.0
osd objectstore = memstore
memstore device bytes = 8589934592
osd class load list = *
osd class default list = *
osd scrub load threshold = 2000
osd op num shards = 2
osd op num threads per shard = 2
[client.rgw]
rgw frontends = beast endpoint=127.0.0.1:$1 tcp_nodelay=1
rgw dns name = s3.localhost
rgw enable usage log = false
rgw enable ops log = false
rgw thread pool size = 32
rgw relaxed s3 bucket names = false
rgw sts key = abcdefghijklmnop
rgw s3 auth use sts = true
EOF
}

keys() {
  local tool=(ceph-authtool "$ROOT/keyring") all=(--cap mon 'allow *' --cap osd 'allow *')
  "${tool[@]}" --create-keyring --gen-key -n mon. --cap mon 'allow *'
  "${tool[@]}" --gen-key -n client.admin "${all[@]}"
  "${tool[@]}" --gen-key -n client.rgw "${all[@]}"
  "${tool[@]}" --gen-key -n osd.0 --cap mon 'allow profile osd' --cap osd 'allow *'
}

ceph_() { ceph -c "$CONF" --connect-timeout 30 "$@"; }

monitor() {
  local fsid
  fsid=$(sed -n 's/^fsid = //p' "$CONF")
  monmaptool --create --clobber --addv a "[v2:127.0.0.1:$(($1 + 20000))]" --fsid "$fsid" \
    --set-min-mon-release pacific "$ROOT/monmap"
  ceph-mon -c "$CONF" --mkfs -i a --monmap "$ROOT/monmap" --keyring "$ROOT/keyring"
  ceph-mon -c "$CONF" -i a
}

object_daemon() {
  local id
  id=$(cat /proc/sys/kernel/random/uuid)
  mkdir -p "$ROOT/osd.0"
  ceph_ osd new "$id"
  ceph-osd -c "$CONF" -i 0 --mkfs --osd-uuid "$id"
  ceph_ osd crush add osd.0 1.0 root=default host=localhost
  ceph-osd -c "$CONF" -i 0
}

# The parts in their order; each waits for the one before. Their talk goes to the log.
bring_up() {
  keys && monitor "$1" && object_daemon \
    && radosgw -c "$CONF" -n client.rgw --rgw-zone=default \
    && await 90 "http://127.0.0.1:$1/" "$ROOT/run/client.rgw.pid" \
    && admin user create --uid=test --display-name=test \
      --access-key="$ACCESS_KEY" --secret-key="$SECRET_KEY" --caps="roles=*;oidc-provider=*" \
    && role
}

# A role that the user may take on, and that may do everything in S3.
role() {
  local statement='{"Version":"2012-10-17","Statement":[{"Effect":"Allow",'
  admin role create --role-name=uploader --path=/ \
    --assume-role-policy-doc="$statement"'"Principal":{"AWS":["arn:aws:iam:::user/test"]},"Action":["sts:AssumeRole"]}]}' \
    && admin role-policy put --role-name=uploader --policy-name=all \
      --policy-doc="$statement"'"Action":["s3:*"],"Resource":["arn:aws:s3:::*"]}]}'
}

admin() { radosgw-admin -c "$CONF" -n client.rgw "$@"; }

start() {
  ours "$ROOT/run/client.rgw.pid" && [ -s "$ENV_FILE" ] && return
  stop
  install
  local port
  mkdir -p "$ROOT"
  port=$(choose_port "$1" 7480)
  rm -rf "$ROOT/mon.a" "$ROOT/osd.0" "$ROOT/log" "$ROOT/run" "$ROOT/keyring"
  mkdir -p "$ROOT/mon.a" "$ROOT/log" "$ROOT/run" "$ROOT/crash"
  configure "$port"
  bring_up "$port" >"$ROOT/log/start.log" 2>&1 </dev/null \
    || { tail -n 5 "$ROOT/log/start.log" >&2; stop; die "did not start, see $ROOT/log"; }
  echo "$port" >"$ROOT/port"
  cat >"$ENV_FILE" <<EOF
RGW_ENDPOINT=http://127.0.0.1:$port
RGW_ACCESS_KEY=$ACCESS_KEY
RGW_SECRET_KEY=$SECRET_KEY
RGW_REGION=us-east-1
RGW_ROLE_ARN=arn:aws:iam:::role/uploader
RGW_CONF=$CONF
EOF
}

stop() {
  local name
  rm -f "$ENV_FILE"
  for name in client.rgw osd.0 mon.a; do end "$ROOT/run/$name.pid"; done
}

case ${1:-} in
install) install ;;
start) start "${2:-}" && cat "$ENV_FILE" ;;
stop) stop ;;
env) { ours "$ROOT/run/client.rgw.pid" && cat "$ENV_FILE"; } 2>/dev/null || die "is not running; start it with $0 start" ;;
*) sed -n '3,5s/^# //p' "$0"; exit 64 ;;
esac
