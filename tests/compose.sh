#!/usr/bin/env bash
# Starts docker-compose.yml for real, places an order through nginx, has the invariants proved, and removes everything again.
# Not a part of tests/run.sh: most machines that run the tests have no container engine and reach no image registry. Where there is none,
# it says so and changes nothing; the exit code is then 0, unless --strict is given.
#
#   tests/compose.sh [--strict]
#
# Uses a project name, a port (SHOP_PORT, default 18080) and volumes of its own, and the secrets of this checkout.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
strict=0
case "${1:-}" in
  "") ;;
  --strict) strict=1 ;;
  *) echo "usage: tests/compose.sh [--strict]" >&2; exit 2 ;;
esac

not_run() { echo "compose: not run: $*"; exit "$strict"; }

docker info >/dev/null 2>&1 || not_run "no container engine answers"
docker compose version >/dev/null 2>&1 || not_run "docker has no compose"
export SHOP_PORT=${SHOP_PORT:-18080}
compose=(docker compose --project-name "shop-test-$$")
secrets/create.sh
"${compose[@]}" config --quiet

# Of the four applications the images are built here; all others, and those that the build starts from, have to come from a registry.
set -a
. ./.env
set +a
for image in "$POSTGRES_IMAGE" "$RABBITMQ_IMAGE" "$REDIS_IMAGE" "$CONSUL_IMAGE" "$NGINX_IMAGE" "$DOTNET_SDK_IMAGE" "$DOTNET_RUNTIME_IMAGE"; do
  docker image inspect "$image" >/dev/null 2>&1 || docker pull --quiet "$image" >/dev/null 2>&1 || not_run "the image $image is not here and cannot be pulled"
done

log=$(mktemp)
finish() {
  local code=$?
  [ "$code" -eq 0 ] || { "${compose[@]}" ps --all; tail -n 40 "$log"; }
  "${compose[@]}" down --volumes --timeout 20 >/dev/null 2>&1
  rm -f "$log"
  exit "$code"
}
trap finish EXIT

fail() { echo "compose: $*" >&2; exit 1; }

began=$SECONDS
"${compose[@]}" build >"$log" 2>&1 || fail "the images cannot be built"
echo "compose: built after $((SECONDS - began)) s"
began=$SECONDS
"${compose[@]}" up --wait --wait-timeout 600 >"$log" 2>&1 || fail "not everything became healthy"
echo "compose: everything is healthy after $((SECONDS - began)) s"

api=http://127.0.0.1:$SHOP_PORT/api/v1
call() { curl --silent --show-error --fail-with-body --max-time 60 --header 'Content-Type: application/json' "$@"; }
customer="{\"name\":\"compose-$$\",\"password\":\"correct horse\"}"
call --data "$customer" "$api/customers" >/dev/null
token=$(call --data "$customer" "$api/session" | sed -E 's/.*"token":"([^"]+)".*/\1/')
order=$(call --header "Authorization: Bearer $token" --header 'Idempotency-Key: compose' --header 'Prefer: wait=30' \
  --data '{"lines":[{"sku":"umbrella","quantity":1}]}' "$api/orders")
[[ $order == *'"status":"confirmed"'* ]] || fail "the order is not confirmed: $order"
echo "compose: an order was confirmed"

# No port of a service is published: asked from inside, by the shell that every image of .NET has.
report=$("${compose[@]}" exec -T ordering-1 bash -c 'exec 3<>/dev/tcp/127.0.0.1/8080
  printf "GET /ops/invariants HTTP/1.0\r\nHost: localhost\r\nShop-Operator-Key: %s\r\n\r\n" "$(</run/secrets/Security__OperatorKey)" >&3; cat <&3')
[[ $report == *'"holds":true'* ]] || fail "the invariants do not hold: $report"
echo "compose: the invariants hold"
