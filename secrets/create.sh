#!/usr/bin/env bash
# Makes every password, token and key that docker-compose.yml hands out, once: those that exist stay, because the volumes know them.
# To start over: docker compose down --volumes, delete the files, run this again.
#
#   secrets/create.sh            into secrets/
#   secrets/create.sh DIRECTORY  elsewhere
#
# The directory is closed to everybody else on this machine. The files in it are readable, because Compose mounts each one as it is into its
# container, where another user reads it.
set -euo pipefail

directory=${1:-$(dirname "${BASH_SOURCE[0]}")}
services=(ordering inventory payments)
[ "${directory#-}" = "$directory" ] || { echo "usage: secrets/create.sh [DIRECTORY]" >&2; exit 2; }
mkdir -p "$directory"
cd "$directory"
chmod 700 .

# The last one that is written: when it is there, all are.
last=operator.key
if [ -e "$last" ]; then
  echo "the secrets are there already"
  exit 0
fi

random() { head -c "$1" /dev/urandom; }
hex() { random 32 | od -An -v -tx1 | tr -d ' \n'; }
key() { random 32 | base64 | tr -d '\n'; }
guid() { random 16 | od -An -v -tx1 | tr -d ' \n' | sed -E 's/(.{8})(.{4})(.{4})(.{4})(.{12})/\1-\2-\3-\4-\5/'; }
bytes() { printf '%b' "$(sed -E 's/(..)/\\x\1/g' <<<"$1")"; }
sha256() { sha256sum | cut -d ' ' -f 1; }

put() {
  cat >"$1.new"
  chmod 444 "$1.new"
  mv -f "$1.new" "$1"
}

# RabbitMQ's own format: salt, and the SHA-256 of salt and password.
password_hash() {
  local salt
  salt=$(random 4 | od -An -v -tx1 | tr -d ' \n')
  bytes "$salt$({ bytes "$salt"; printf '%s' "$1"; } | sha256)" | base64 | tr -d '\n'
}

declare -A messaging destinations=([ordering]='ordering|inventory|payments' [inventory]='inventory|ordering|payments' [payments]='payments|ordering|inventory')

hex | put postgres.superuser
for service in "${services[@]}"; do
  password=$(hex)
  printf '%s' "$password" | put "$service.database-password"
  printf 'Host=postgres;Port=5432;Database=%s;Username=%s;Password=%s;Maximum Pool Size=40' "$service" "$service" "$password" | put "$service.database"
  messaging[$service]=$(hex)
  printf '%s' "${messaging[$service]}" | put "$service.messaging"
done

# A service configures and writes its own queues and those of whom it sends to, and reads its own; as the cluster of the lab has it.
definitions() {
  local service separator='' types='^Shop[.]Contracts[.].*$'
  printf '{\n  "vhosts": [{ "name": "shop" }],\n  "users": ['
  for service in "${services[@]}"; do
    printf '%s\n    { "name": "%s", "password_hash": "%s", "hashing_algorithm": "rabbit_password_hashing_sha256", "tags": "" }' \
      "$separator" "$service" "$(password_hash "${messaging[$service]}")"
    separator=,
  done
  separator=''
  printf '\n  ],\n  "permissions": ['
  for service in "${services[@]}"; do
    printf '%s\n    { "user": "%s", "vhost": "shop", "configure": "%s", "write": "%s", "read": "%s" }' "$separator" "$service" \
      "$(queues "${destinations[$service]}")|$types" "$(queues "${destinations[$service]}")|$types" "$(queues "$service")|$types"
    separator=,
  done
  printf '\n  ],\n  "policies": [{ "vhost": "shop", "name": "bounded", "pattern": "^shop[.](%s)$", "apply-to": "queues", "priority": 0,\n' \
    "$(IFS='|' && printf '%s' "${services[*]}")"
  printf '    "definition": { "max-length": 10000, "overflow": "reject-publish" } }]\n}\n'
}

queues() { printf '^(shop[.:_-])?(%s)([.:_-].*)?$' "$1"; }

definitions | put rabbitmq.definitions.json

password=$(hex)
printf 'requirepass %s\n' "$password" | put redis.conf
printf 'redis:6379,password=%s,abortConnect=false' "$password" | put redis

password=$(hex)
printf 'requirepass %s\n' "$password" | put locks.conf
for node in 1 2 3; do
  printf 'redis-lock-%s:6379,password=%s,abortConnect=false' "$node" "$password" | put "lock-$node"
done

token=$(guid)
printf '%s' "$token" | put consul.management
printf '{ "encrypt": "%s", "acl": { "tokens": { "master": "%s", "agent": "%s" } } }\n' "$(key)" "$token" "$token" | put consul.json
guid | put consul.accessor
guid | put consul.service

key | put identity.key
hex | put service.key
hex | put "$last"
echo "secrets created"
