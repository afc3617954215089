# SPDX-License-Identifier: Apache-2.0
# What every script here needs: the run folder, what "ours and alive" means, and how to install a package.
# A script sets NAME, HERE (this folder) and MARK (text of its processes' command line), then sources this.

RUN=${PRESIGND_STORES:-$HERE/.run}
mkdir -p "$RUN"
RUN=$(cd "$RUN" && pwd)
ROOT=$RUN/$NAME
ENV_FILE=$RUN/$NAME.env

say() { printf '%s: %s\n' "$NAME" "$*" >&2; }
die() { say "$*"; exit 1; }

# The process of pid file $1 if it runs and is ours: a pid alone may have been given to another process since.
ours() {
  [ -s "$1" ] && [[ "$(tr '\0' ' ' 2>/dev/null <"/proc/$(cat "$1")/cmdline")" == *"$MARK"* ]]
}

# Ends the process of pid file $1, gently first, and nothing else.
end() {
  local pid
  if ours "$1"; then
    pid=$(cat "$1")
    kill "$pid" 2>/dev/null || true
    for _ in $(seq 100); do ours "$1" || break; sleep .1; done
    if ours "$1"; then kill -KILL "$pid" 2>/dev/null || true; fi
  fi
  rm -f "$1"
}

# Installs Debian packages, as root or through sudo; $1 says what they are for.
apt_install() {
  local what=$1 sudo=()
  shift
  command -v apt-get >/dev/null || die "needs $what ($*), and this system has no apt-get to install it with"
  if [ "$(id -u)" != 0 ]; then
    sudo -n true 2>/dev/null || [ -t 0 ] || die "needs $what; ask an administrator for: apt-get install $*"
    sudo=(sudo)
  fi
  # One at a time: the stores are started side by side.
  exec 9>"$RUN/apt.lock"
  flock 9
  local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300)
  say "installing $*"
  if ! "${sudo[@]}" "${apt[@]}" install -y --no-install-recommends "$@" >"$RUN/$NAME-apt.log" 2>&1; then
    { "${sudo[@]}" "${apt[@]}" update && "${sudo[@]}" "${apt[@]}" install -y --no-install-recommends "$@"; } \
      >>"$RUN/$NAME-apt.log" 2>&1 || die "apt-get could not install $* (no network?), see $RUN/$NAME-apt.log"
  fi
  exec 9>&-
}

# A Python 3.10 to 3.12 that can make a venv, on standard output.
find_python() {
  local p
  for p in ${PYTHON:-} python3 /usr/bin/python3; do
    "$p" -c 'import sys, venv, ensurepip; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 12))' \
      2>/dev/null && { command -v "$p"; return; }
  done
  return 1
}

# A venv at $1 that holds the pip arguments that follow; made anew when they change.
venv() {
  local dir=$1 python want
  shift
  want="$*"
  [ "$(cat "$dir/.holds" 2>/dev/null)" = "$want" ] && return
  python=$(find_python) || { apt_install Python python3 python3-venv; python=$(find_python); } \
    || die "needs Python 3.10 to 3.12 with venv; name one with PYTHON=/path/to/python3"
  say "installing $want"
  rm -rf "$dir"
  "$python" -m venv "$dir" || die "could not make a venv at $dir"
  "$dir/bin/pip" install -q --disable-pip-version-check "$@" >"$RUN/$NAME-pip.log" 2>&1 \
    || { tail -n 5 "$RUN/$NAME-pip.log" >&2; die "pip could not install it (no network?), see $RUN/$NAME-pip.log"; }
  printf '%s' "$want" >"$dir/.holds"
}

free() { ! (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# The port to listen on: the asked one, else the one used before, else the usual one or the next free.
choose_port() {
  local asked=$1 usual=$2 step=${3:-1} port
  if [ -n "$asked" ]; then
    free "$asked" || die "port $asked is taken by another process"
    echo "$asked"
    return
  fi
  for port in $(cat "$ROOT/port" 2>/dev/null) "$usual" $(seq $((usual + 100)) "$step" $((usual + 199))); do
    free "$port" && { echo "$port"; return; }
  done
  die "no free port from $usual on"
}

# Waits up to $1 seconds for URL $2 to answer; fails at once when the process of pid file $3 is gone.
await() {
  local deadline=$((SECONDS + $1))
  until curl -fs -m 5 -o /dev/null "$2"; do
    [ $SECONDS -lt $deadline ] && ours "$3" || return 1
    sleep .2
  done
}
