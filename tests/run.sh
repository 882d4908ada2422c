#!/usr/bin/env bash
# Builds once, runs every test project, and ends with one line: "N passed, N failed". Exit code 0 only when nothing failed.
# Needs bash, the .NET SDK and what every Debian has; installs the servers of cluster mode when one is missing. Reads the results from the
# trx files that `dotnet test` leaves.
#
#   tests/run.sh                 everything
#   tests/run.sh --unit          the unit tests only
#   tests/run.sh --filter X      passes X on to `dotnet test --filter`
#
# With CI=true a skipped test counts as failed. A project that crashed, hung, or ran no test counts as one failure more.
# SHOP_TEST_TIMEOUT (default 60m) bounds each project, SHOP_TEST_HANG (default 15m) each test.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

unit_only=false
filter=
while [ $# -gt 0 ]; do
  case "$1" in
    --unit) unit_only=true ;;
    --filter) [ $# -ge 2 ] || { echo "tests/run.sh: --filter needs an expression" >&2; exit 2; }; filter=$2; shift ;;
    -h | --help) sed -n '2,11s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "tests/run.sh: unknown option $1 (try --help)" >&2; exit 2 ;;
  esac
  shift
done

if ! command -v dotnet >/dev/null; then
  echo "tests/run.sh: the .NET SDK is missing: 'dotnet' is not on the PATH" >&2
  exit 2
fi
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
# The tests start some two hundred processes that live for seconds: too short for a profile of them to pay, or for most of their code to be
# compiled a second time (the threshold is hexadecimal). To map compiled code twice, so that no page is writable and executable at once, costs
# a twentieth of a start.
export DOTNET_TieredPGO=0 DOTNET_TC_CallCountThreshold=400 DOTNET_EnableWriteXorExecute=0

results=$root/artifacts/test-results
rm -rf "$results"
mkdir -p "$results"
passed=0
failed=0

finish() {
  echo "took $((SECONDS / 60)) min $((SECONDS % 60)) s"
  echo "$passed passed, $failed failed"
  [ "$failed" -eq 0 ] || exit 1
  exit 0
}

# The value of one attribute of the trx file's <Counters>, summed over several attributes.
count() {
  local trx=$1 sum=0 name value counters
  shift
  counters=$(grep -o '<Counters [^>]*>' "$trx" | head -n 1)
  for name in "$@"; do
    value=$(sed -n "s/.* $name=\"\([0-9]*\)\".*/\1/p" <<<"$counters")
    sum=$((sum + ${value:-0}))
  done
  echo "$sum"
}

run() {
  local project=$1 name trx code=0 good=0 bad=0 skipped=0 note=
  name=$(basename "$project" .csproj)
  trx=$results/$name.trx
  echo "== $name"

  # Its own process group, so that a test host that hangs goes with it.
  timeout --kill-after=15s "${SHOP_TEST_TIMEOUT:-60m}" dotnet test "$project" --no-build -c Release \
    --logger "trx;LogFileName=$name.trx" --results-directory "$results" \
    --blame-hang-timeout "${SHOP_TEST_HANG:-15m}" --blame-hang-dump-type none \
    ${filter:+--filter "$filter"} || code=$?

  if [ -s "$trx" ]; then
    good=$(count "$trx" passed)
    bad=$(count "$trx" failed error timeout aborted)
    # The logger leaves notExecuted at 0: what is in the total and did not run was skipped.
    skipped=$(($(count "$trx" total) - $(count "$trx" executed)))
  fi

  if [ "$code" -eq 124 ] || [ "$code" -eq 137 ]; then
    bad=$((bad + 1)) note=", timed out"
  elif [ "$code" -ne 0 ] && { [ "$bad" -eq 0 ] || grep -q '<Text>The active test run was aborted' "$trx"; }; then
    bad=$((bad + 1)) note=", did not run to its end, or left something behind"
    [ ! -s "$trx" ] || sed -n 's/^\[xUnit.net [^]]*\] \{3,\}\(.*\)/   \1/p' "$trx" | tail -n 30 >&2
  elif [ "$((good + bad + skipped))" -eq 0 ] && [ -z "$filter" ]; then
    bad=1 note=", ran no test"
  fi
  [ "${CI:-}" != true ] || bad=$((bad + skipped))

  echo "-- $name: $good passed, $bad failed, $skipped skipped$note"
  passed=$((passed + good))
  failed=$((failed + bad))
}

echo "== build"
if ! dotnet build Shop.sln -c Release; then
  failed=1
  finish
fi

# The tests of the cluster run real servers. Where they cannot be installed those tests fail, and say why.
"$unit_only" || tests/install-servers.sh || true

for project in tests/*/*.csproj; do
  grep -q '<IsTestProject>true</IsTestProject>' "$project" || continue
  if "$unit_only" && [ "$(basename "$project" .csproj)" != Shop.UnitTests ]; then
    continue
  fi
  run "$project"
done

# A filter that matches nothing anywhere is a typing error, not a success.
[ "$((passed + failed))" -gt 0 ] || failed=1
finish
