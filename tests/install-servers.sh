#!/usr/bin/env bash
# Installs the servers that cluster mode and its tests run: PostgreSQL, RabbitMQ, Redis, nginx and Consul; and libfaketime, with which a test
# sets the clock of a Redis server.
# For Debian, as root. Returns at once when all of them are there; starts none of them.
#
#   tests/install-servers.sh             what the tests need
#   tests/install-servers.sh --rivals    also HAProxy, which the benchmarks measure beside the gateway where it is there
#
# Consul is in Debian up to bullseye only: its package is read from this machine's own Debian mirror, through a source list of
# its own, and only its one binary is taken, so that nothing else of the machine moves to another release.
set -euo pipefail

consul_suite=bullseye
prefix=/usr/local
rivals=false
[ "${1:-}" != --rivals ] || rivals=true

fail() {
  echo "tests/install-servers.sh: $*" >&2
  exit 1
}

has_postgres() { compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null; }
has_faketime() { compgen -G '/usr/lib/*/faketime/libfaketime.so.1' >/dev/null; }
has() { PATH=$PATH:/usr/sbin:/usr/local/sbin:$prefix/bin command -v "$1" >/dev/null; }

missing() {
  has_postgres || echo postgresql
  has redis-server || echo redis-server
  [ -x /usr/lib/rabbitmq/bin/rabbitmq-server ] || echo rabbitmq-server
  has nginx || echo nginx
  has_faketime || echo libfaketime
  has consul || echo consul
  ! "$rivals" || has haproxy || echo haproxy
}

[ -n "$(missing)" ] || exit 0

[ "$(id -u)" -eq 0 ] || fail "missing: $(missing | tr '\n' ' ')- run this script as root"
command -v apt-get >/dev/null || fail "missing: $(missing | tr '\n' ' ')- install them by hand, this machine has no apt-get"

# Two test runs at once: the second one waits, and then finds everything in place.
exec 9>/run/lock/shop-install-servers.lock
flock -w 900 9 || fail "another run of this script has not finished in 15 minutes"

work=$(mktemp -d)
policy=/usr/sbin/policy-rc.d
own_policy=false
cleanup() {
  rm -rf "$work"
  if "$own_policy"; then rm -f "$policy"; fi
}
trap cleanup EXIT

export DEBIAN_FRONTEND=noninteractive
apt=(apt-get -q -y -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3)

quietly() {
  "$@" >"$work/log" 2>&1 9>&- || { tail -n 20 "$work/log" >&2; fail "'$*' failed"; }
}

install_packages() {
  # A package that starts its own server would hold the default ports, and its data.
  if [ ! -e "$policy" ]; then
    own_policy=true
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
  fi

  echo "installing $*"
  quietly "${apt[@]}" update
  quietly "${apt[@]}" install --no-install-recommends "$@"

  # Nor may it start with the next boot: the cluster runs the binaries itself.
  if [ -d /run/systemd/system ]; then
    systemctl --quiet disable "$@" 2>/dev/null || true
  fi
}

# The machine's own Debian source with the suite changed; the security and updates suites do not exist under this name.
consul_source() {
  local file stanza
  for file in /etc/apt/sources.list.d/*.sources; do
    [ -f "$file" ] || continue
    stanza=$(awk -v RS= '/(^|\n)Types:[^\n]*deb/ && /debian/ && !/-security/ { print; exit }' "$file")
    if [ -n "$stanza" ]; then
      sed -E "s/^Suites:.*/Suites: $consul_suite/; s/^Components:.*/Components: main/; /^#/d" <<<"$stanza" >"$work/consul.sources"
      return
    fi
  done

  for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
    [ -f "$file" ] || continue
    stanza=$(grep -E '^deb[[:space:]].*debian' "$file" | grep -v -e -security | head -n 1) || continue
    sed -E "s#^(deb[[:space:]]+(\[[^]]*\][[:space:]]+)?[^[:space:]]+)[[:space:]].*#\1 $consul_suite main#" <<<"$stanza" >"$work/consul.list"
    return
  done

  fail "no Debian source in /etc/apt to take consul from: put a consul binary into $prefix/bin"
}

install_consul() {
  echo "installing consul"
  consul_source
  mkdir -p "$work/lists/partial" "$work/deb" "$work/root"
  local source=("$work"/consul.*)
  local options=(-o "Dir::Etc::SourceList=${source[0]}" -o "Dir::Etc::SourceParts=$work/none" -o "Dir::State::Lists=$work/lists"
    -o "Dir::Cache::pkgcache=" -o "Dir::Cache::srcpkgcache=" -o "APT::Sandbox::User=root")
  quietly "${apt[@]}" "${options[@]}" update
  (cd "$work/deb" && quietly "${apt[@]}" "${options[@]}" download consul)
  quietly dpkg-deb -x "$work"/deb/consul_*.deb "$work/root"
  install -D -m 755 "$work/root/usr/bin/consul" "$prefix/bin/consul"
}

packages=$(missing | grep -v -x consul || true)
# shellcheck disable=SC2086 # one word per package
[ -z "$packages" ] || install_packages $packages
has consul || install_consul

[ -z "$(missing)" ] || fail "still missing: $(missing | tr '\n' ' ')"
echo "servers installed in $SECONDS s"
