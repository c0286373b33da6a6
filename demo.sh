#!/usr/bin/env bash
# Three clusters on one machine, with real etcds, a real daemon, two node agents and real eBPF, each in a network
# namespace of its own.
#   ./demo.sh          installs what is missing, builds, runs the scenario and stays up until Ctrl-C
#   ./demo.sh --once   the same without a terminal; ends with `demo: ok` (exit 0) or `demo: failed: …` (exit 1)
set -euo pipefail
cd "$(dirname "$0")"
root=$PWD
source lab/prerequisites.sh
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 ETCDCTL_API=3

once=
case ${1:-} in
    --once) once=1 ;;
    '') ;;
    *) echo "usage: ./demo.sh [--once]" >&2; exit 2 ;;
esac

prefix=kvm                       # of namespaces, links and cgroups: nothing else on the machine is touched
agents=(node1 node2)
declare -A address=([a]=172.30.0.11 [b]=172.30.0.12 [c]=172.30.0.13 [node1]=172.30.0.21 [node2]=172.30.0.22)
declare -A backends=([b]="10.2.0.10 10.2.0.11" [c]="10.3.0.10 10.3.0.11")
declare -A pid=()
work='' cgroup='' mounted_bpffs=''

say() { printf '\n\033[1m== %s\033[0m\n' "$*"; }
note() { printf '   %s\n' "$*"; }
failed() {
    trap - ERR
    if [[ -n $work ]]; then
        for log in "$work"/*.log; do
            [[ -s $log ]] && { echo "--- ${log##*/}"; tail -n 15 "$log"; }
        done
    fi
    echo "demo: failed: $*"
    exit 1
}
trap 'failed "line $LINENO: $BASH_COMMAND"' ERR

cleanup() {
    trap - ERR EXIT
    set +e
    # Bash tells of every background job that a signal ended.
    exec 2>/dev/null
    local name
    [[ -n ${pid[heartbeats]:-} ]] && pkill -P "${pid[heartbeats]}"
    for name in "${!pid[@]}"; do kill "${pid[$name]}" 2>/dev/null; done
    for name in "${!pid[@]}"; do wait "${pid[$name]}" 2>/dev/null; done
    for name in a b c "${agents[@]}"; do
        # What socat forked, and nothing outside our namespaces.
        [[ -e /run/netns/$prefix-$name ]] && ip netns pids "$prefix-$name" 2>/dev/null | xargs -r kill -9 2>/dev/null
    done
    for name in "${agents[@]}"; do
        [[ -n $work ]] && "$agent_exe" cleanup --bpf-map-prefix "${name}_" >/dev/null 2>&1
        [[ -n $cgroup ]] && rmdir "$cgroup/$prefix-$name" 2>/dev/null
    done
    for name in fabric a b c "${agents[@]}"; do ip netns del "$prefix-$name" 2>/dev/null; done
    [[ -n $mounted_bpffs ]] && umount /sys/fs/bpf 2>/dev/null
    [[ -n $work ]] && rm -rf "$work"
    return 0
}

# --- what the machine must have ---------------------------------------------------------------------------------------
[[ $EUID -eq 0 ]] || failed "network namespaces and eBPF need root: run it with sudo"
have_dotnet || failed "no .NET SDK"
require etcd=etcd-server etcdctl=etcd-client ip=iproute2 socat=socat curl=curl jq=jq bpftool=bpftool pkill=procps || failed "prerequisites are missing"

say "Building"
build src/Replicator || failed "the daemon does not build"
build src/NodeAgent || failed "the node agent does not build"
mesh_exe=$root/artifacts/bin/KvStoreMesh.Replicator/release/kvstoremesh
agent_exe=$root/artifacts/bin/KvStoreMesh.NodeAgent/release/node-agent

if ! findmnt -t bpf /sys/fs/bpf >/dev/null; then
    mount -t bpf -o mode=0700 bpf /sys/fs/bpf || failed "cannot mount bpffs on /sys/fs/bpf"
    mounted_bpffs=1
fi
cgroup=$(findmnt -n -t cgroup2 -o TARGET | head -n 1)
[[ -n $cgroup ]] || failed "no cgroup2 file system is mounted"
(cleanup) # of a run that was killed
trap cleanup EXIT
trap 'exit 130' INT TERM
work=$(mktemp -d /tmp/kvstoremesh-demo.XXXXXX)

# --- the topology -----------------------------------------------------------------------------------------------------
in_ns() { local name=$1; shift; nsenter --net="/run/netns/$prefix-$name" "$@"; }
# start NAME NAMESPACE COMMAND…: in the background, its output in NAME.log
start() {
    local name=$1 ns=$2
    shift 2
    nsenter --net="/run/netns/$prefix-$ns" "$@" >"$work/$name.log" 2>&1 &
    pid[$name]=$!
}
# until_true SECONDS WHAT COMMAND…: polls
until_true() {
    local deadline=$((SECONDS + $1)) what=$2
    shift 2
    until "$@" >/dev/null 2>&1; do
        [[ $SECONDS -lt $deadline ]] || failed "$what"
        sleep 0.05
    done
}
add_host() {
    local name=$1
    ip netns add "$prefix-$name"
    ip link add "veth-$name" netns "$prefix-fabric" type veth peer name eth0 netns "$prefix-$name"
    ip -n "$prefix-fabric" link set "veth-$name" master switch up
    ip -n "$prefix-$name" address add "${address[$name]}/24" dev eth0
    ip -n "$prefix-$name" link set lo up
    ip -n "$prefix-$name" link set eth0 up
}

say "Three clusters a, b, c with an etcd each; cluster a has two nodes"
ip netns add "$prefix-fabric"
ip -n "$prefix-fabric" link add switch type bridge
ip -n "$prefix-fabric" link set switch up
for name in a b c "${agents[@]}"; do add_host "$name"; done
for name in "${agents[@]}"; do
    ip -n "$prefix-$name" route add 10.2.0.0/24 via "${address[b]}"
    ip -n "$prefix-$name" route add 10.3.0.0/24 via "${address[c]}"
done

start_etcd() {
    local url=http://${address[$1]}:2379
    start "etcd-$1" "$1" etcd --name "$1" --data-dir "$work/etcd-$1" --listen-client-urls "$url" --advertise-client-urls "$url" \
        --listen-peer-urls http://127.0.0.1:2380 --initial-cluster-token "$1" --log-level warn
}
healthy() { in_ns "$1" curl -sf -m 1 "http://${address[$1]}:2379/health"; }
put() { in_ns "$1" etcdctl --endpoints "http://${address[$1]}:2379" put -- "$2" "$3" >/dev/null; }
del() { in_ns "$1" etcdctl --endpoints "http://${address[$1]}:2379" del -- "$2" >/dev/null; }
source lab/demo/fill.sh

for cluster in a b c; do start_etcd "$cluster"; done
for cluster in a b c; do until_true 20 "the etcd of $cluster does not start" healthy "$cluster"; done
fill a 1 "${address[a]}"
fill b 2 "${address[b]}" ${backends[b]}
fill c 3 "${address[c]}" ${backends[c]}
for cluster in b c; do
    n=0
    for ip in ${backends[$cluster]}; do
        n=$((n + 1))
        ip -n "$prefix-$cluster" address add "$ip/32" dev lo
        start "echo-$cluster-$n" "$cluster" socat "TCP-LISTEN:8080,bind=$ip,fork,reuseaddr,backlog=256" "SYSTEM:echo $cluster-$n"
    done
    note "cluster $cluster: VIP $(vip $cluster), backends ${backends[$cluster]}"
done
note "cluster a: VIP $(vip a), no backend of its own"

# The exporter of a real cluster touches its heartbeat once a minute; without one a source counts as dead after two.
(while sleep 30; do for cluster in a b c; do put "$cluster" cilium/.heartbeat "$(date -u +%Y-%m-%dT%H:%M:%SZ)" 2>/dev/null || true; done; done) 2>/dev/null &
pid[heartbeats]=$!

# --- the daemon and the agents ----------------------------------------------------------------------------------------
say "The daemon of cluster a mirrors b and c (and a itself); one node agent on each node"
mkdir "$work/clustermesh" "$work/run"
for cluster in b c; do printf 'endpoints:\n- http://%s:2379\n' "${address[$cluster]}" >"$work/clustermesh/$cluster"; done
printf 'endpoints:\n- http://%s:2379\n' "${address[a]}" >"$work/local-etcd.yaml"
# The links between the hosts are inside this machine: no TLS here, and the daemon wants to be told so.
start kvstoremesh a "$mesh_exe" run --cluster-name a --cluster-id 1 --clustermesh-config "$work/clustermesh" \
    --local-state "$work/local-etcd.yaml" --listen "${address[a]}:4260" --allow-plaintext --http 127.0.0.1:9964
for name in "${agents[@]}"; do
    mkdir "$cgroup/$prefix-$name"
    start "$name" "$name" "$agent_exe" run --server "http://${address[a]}:4260" --node-name "$name" --node-ip "${address[$name]}" \
        --cgroup-root "$cgroup/$prefix-$name" --bpf-map-prefix "${name}_" --socket "$work/run/$name.sock"
done

status_json() { in_ns a curl -sf -m 2 http://127.0.0.1:9964/v1/cluster; }
ready() { [[ $(status_json | jq "[.[] | select(.name == \"$1\" and .ready)] | length") == 1 ]]; }
not_ready() { status_json >/dev/null && ! ready "$1"; }
known() { [[ $(status_json | jq "[.[] | select(.name == \"$1\")] | length") == 1 ]]; }
unknown() { status_json >/dev/null && ! known "$1"; }
map_dir=/sys/fs/bpf/tc/globals
# kernel_backends NODE: the backends in the kernel, one a line, as hex of address and port
kernel_backends() {
    bpftool -j map dump pinned "$map_dir/$1_cilium_lb4_backends_v3" | jq -r '.[] | .value[0:6] | map(ltrimstr("0x")) | join("")' | sort
}
hex_of() { local IFS=.; printf '%02x%02x%02x%02x1f90\n' $1; }
kernel_has() { local node; for node in "${agents[@]}"; do kernel_backends "$node" | grep -q "$(hex_of "$1")" || return 1; done; }
kernel_lacks() { local node; for node in "${agents[@]}"; do ! kernel_backends "$node" | grep -q "$(hex_of "$1")" || return 1; done; }
kernel_count() { local node; for node in "${agents[@]}"; do [[ $(kernel_backends "$node" | wc -l) == "$1" ]] || return 1; done; }

for cluster in b c; do until_true 30 "cluster $cluster does not become ready" ready "$cluster"; done
until_true 30 "the backends do not reach the kernel" kernel_count 4
in_ns a "$mesh_exe" status --verbose
note "on node1:"
"$agent_exe" status --socket "$work/run/node1.sock" | sed 's/^/   /'
"$agent_exe" bpf lb list --bpf-map-prefix node1_ | sed 's/^/   /'
"$agent_exe" bpf ipcache list --bpf-map-prefix node1_ | sed 's/^/   /'

say "What the etcds count"
metric() { in_ns "$1" curl -sf "http://${address[$1]}:2379/metrics" | awk -v m="$2" '$1 == m { print int($2) }'; }
# Connections from another address than the etcd's own, and the daemon's in namespace a by its process.
connections() {
    if [[ $1 == a ]]; then
        in_ns a ss -Htnp state established "dport = :2379 and dst ${address[a]}" | grep -c "pid=${pid[kvstoremesh]}," || true
    else
        in_ns "$1" ss -Htn state established "sport = :2379" | awk -v own="${address[$1]}" '$NF !~ own' | wc -l
    fi
}
total_connections=0
printf '   %-10s %12s %14s %8s\n' etcd connections watch-streams watches
for cluster in a b c; do
    n=$(connections "$cluster")
    total_connections=$((total_connections + n))
    streams=$(metric "$cluster" etcd_debugging_mvcc_watch_stream_total)
    watches=$(metric "$cluster" etcd_debugging_mvcc_watcher_total)
    printf '   %-10s %12s %14s %8s\n' "$cluster" "$n" "$streams" "$watches"
    [[ $n == 1 && $streams == 1 && $watches -le 4 ]] || failed "etcd $cluster has $n connections, $streams watch streams, $watches watches; 1, 1 and at most 4 were promised"
done
note "here: $total_connections connections to etcds + ${#agents[@]} streams to agents"
note "without the daemon: ${#agents[@]} agents × 3 etcds = $((${#agents[@]} * 3)) connections and about $((${#agents[@]} * 3 * 5)) watches;"
note "with 100 agents and 20 clusters: 2000 connections become 120"

spread=$work/spread
# connect_200 NODE: 200 connections to the VIP from a process on that node; the counts go to $spread
connect_200() {
    timeout 60 sh -c 'echo $$ >"$1/cgroup.procs" && exec nsenter --net="$2" "$3" "$4" 80 200' \
        sh "$cgroup/$prefix-$1" "/run/netns/$prefix-$1" "$root/lab/demo/connect.sh" "$(vip a)" >"$work/answers" || failed "the connections from $1 hang"
    sort "$work/answers" | uniq -c >"$spread"
    sed 's/^/   /' "$spread"
}
count_of() { awk -v c="^$1" '$2 ~ c { n += $1 } END { print n + 0 }' "$spread"; }
expect_spread() {
    local cluster
    [[ $(($(count_of b-) + $(count_of c-))) == 200 ]] || failed "not all of 200 connections were answered"
    for cluster in b c; do
        case " $* " in
            *" $cluster "*) [[ $(count_of $cluster-) -ge 40 ]] || failed "cluster $cluster got only $(count_of $cluster-) of 200 connections" ;;
            *) [[ $(count_of $cluster-) == 0 ]] || failed "cluster $cluster still got $(count_of $cluster-) connections" ;;
        esac
    done
}

say "200 connections from node1 to $(vip a):80, and 200 from node2"
connect_200 node1
expect_spread b c
connect_200 node2
expect_spread b c

say "The etcd of b is killed (-9): nothing is withdrawn, traffic goes on"
disown "${pid[etcd-b]}" # else bash reports its end
kill -9 "${pid[etcd-b]}"
until_true 30 "the daemon does not notice that the etcd of b is gone" not_ready b
in_ns a "$mesh_exe" status | sed 's/^/   /'
kernel_count 4 || failed "backends were withdrawn with the connection"
connect_200 node1
expect_spread b c

say "The etcd of b comes back; then a backend of b is deleted"
start_etcd b
until_true 20 "the etcd of b does not start again" healthy b
until_true 40 "the daemon does not find b again" ready b
gone=10.2.0.11
kernel_has $gone || failed "$gone is not in the kernel"
put b cilium/state/services/v1/b/default/echo "$(service_json b 2 10.2.0.10)"
since=$(date +%s%N)
until_true 5 "$gone does not leave the kernel" kernel_lacks $gone
ms=$((($(date +%s%N) - since) / 1000000))
del b "cilium/state/ip/v1/default/$gone"
note "$gone left the kernel of both nodes at most $ms ms after etcd had the change"
[[ $ms -lt 1000 ]] || failed "it took $ms ms; one second was promised"
ipcache_lacks() { local node; for node in "${agents[@]}"; do ! "$agent_exe" bpf ipcache list --bpf-map-prefix "${node}_" | grep -q "^$1/" || return 1; done; }
until_true 5 "$gone stays in the ipcache" ipcache_lacks $gone
connect_200 node2
expect_spread b c
[[ $(count_of b-2) == 0 ]] || failed "b-2 still gets connections"

say "The config of b is removed: its backends go at once"
rm "$work/clustermesh/b"
since=$(date +%s%N)
until_true 10 "the backends of b do not leave the kernel" kernel_lacks 10.2.0.10
note "gone from both kernels after $((($(date +%s%N) - since) / 1000000)) ms"
until_true 10 "b is still listed" unknown b
connect_200 node1
expect_spread c

say "The config of b is back, and so is its backend"
put b cilium/state/services/v1/b/default/echo "$(service_json b 2 10.2.0.10 10.2.0.11)"
put b "cilium/state/ip/v1/default/$gone" "$(ip_json $gone "${address[b]}" $((2 * 65536 + 1234)) echo-2)"
printf 'endpoints:\n- http://%s:2379\n' "${address[b]}" >"$work/clustermesh/b"
until_true 30 "b does not come back" ready b
until_true 10 "the backends of b do not come back" kernel_count 4
connect_200 node1
expect_spread b c
in_ns a "$mesh_exe" status
in_ns a curl -sf http://127.0.0.1:9964/v1/subscribers | jq -e 'length == 2 and all(.[]; (.nacks // 0) == 0)' >/dev/null \
    || failed "an agent could not apply a record: see the status above"

if [[ -n $once ]]; then
    echo "demo: ok"
    exit 0
fi

say "All of it stays up. Try, in another terminal as root:"
cat <<TEXT
   nsenter --net=/run/netns/$prefix-a $mesh_exe status --verbose
   $agent_exe status --socket $work/run/node1.sock
   $agent_exe bpf lb list --bpf-map-prefix node1_
   bpftool map dump pinned $map_dir/node1_cilium_lb4_services_v2
   nsenter --net=/run/netns/$prefix-b etcdctl --endpoints http://${address[b]}:2379 get --prefix --keys-only cilium/
   sh -c 'echo \$\$ > $cgroup/$prefix-node1/cgroup.procs; exec nsenter --net=/run/netns/$prefix-node1 lab/demo/connect.sh $(vip a) 80 20'
   rm $work/clustermesh/b
Logs: $work/*.log. Ctrl-C takes everything down.
TEXT
while :; do sleep 3600 & wait $! || true; done
