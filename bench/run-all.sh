#!/usr/bin/env bash
# Repeats every measured run and writes tables, JSON and plots to bench/results. About half an hour on two quiet cores.
#   bench/run-all.sh [SCENARIO…]
set -euo pipefail
cd "$(dirname "$0")/.."
source lab/prerequisites.sh
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

have_dotnet
require etcd=etcd-server
build bench/MeshBench
# A subscriber is a connection: 5,000 of them, and as many at the daemon.
ulimit -n "$(ulimit -Hn)"

scenarios=("$@")
[[ ${#scenarios[@]} -gt 0 ]] || scenarios=(connections bootstrap restart throughput agent-sync slow-readers fanout)
results=bench/results
bench=artifacts/bin/MeshBench/release/MeshBench
failed=()
for scenario in "${scenarios[@]}"; do
    echo "== $scenario, load average $(cut -d' ' -f1-3 /proc/loadavg)"
    "$bench" "$scenario" --json "$results/$scenario.json" --markdown "$results/$scenario.md" >/dev/null || failed+=("$scenario")
done
"$bench" summary "$results"/*.json >"$results/README.md"
[[ ${#failed[@]} -eq 0 ]] || { echo "failed: ${failed[*]}" >&2; exit 1; }
