#!/usr/bin/env bash
# Installs what is missing, builds, runs every test and ends with `N passed, N failed, N skipped`.
#   ./test.sh [dotnet test options, e.g. --filter FullyQualifiedName~MeshCache]
# REQUIRE_BPF=1 makes tests that need eBPF fail where they would be skipped.
set -euo pipefail
cd "$(dirname "$0")"
source lab/prerequisites.sh
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_CLI_UI_LANGUAGE=en

have_dotnet
tools=(etcd=etcd-server etcdctl=etcd-client ip=iproute2 socat=socat curl=curl clang-14=clang-14 bpftool=bpftool pkill=procps openssl=openssl setpriv=util-linux)
if [[ $EUID -eq 0 || -n ${CI:-} || -n ${REQUIRE_BPF:-} ]]; then
    require "${tools[@]}"
else
    require "${tools[@]}" || echo "tests that need the missing tools are skipped"
fi

build KvStoreMesh.sln

log=$(mktemp)
trap 'rm -f "$log"' EXIT
failed_runs=0
# One project after the other: several of them measure the kernel or fill both cores by themselves.
for project in tests/*/*.csproj; do
    name=$(basename "$project" .csproj)
    [[ $name == KvStoreMesh.TestSupport ]] && continue
    echo "== $name"
    dotnet test "$project" -c Release --no-build --nologo --blame-hang-timeout 5m --blame-hang-dump-type none "$@" 2>&1 | tee -a "$log" || failed_runs=$((failed_runs + 1))
done

read -r passed failed skipped < <(awk '
    match($0, /Failed: +[0-9]+, Passed: +[0-9]+, Skipped: +[0-9]+/) {
        line = substr($0, RSTART, RLENGTH); gsub(/[^0-9 ]/, "", line); split(line, n, " ")
        failed += n[1]; passed += n[2]; skipped += n[3]
    }
    END { print passed + 0, failed + 0, skipped + 0 }' "$log")
# A run that ended without saying how (a crash, a hang) counts as a failure.
[[ $failed_runs -gt 0 && $failed -eq 0 ]] && failed=$failed_runs
echo "$passed passed, $failed failed, $skipped skipped"
[[ $failed -eq 0 && $failed_runs -eq 0 && $passed -gt 0 ]]
