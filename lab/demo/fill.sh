# Sourced by demo.sh: what Cilium's exporter writes into the etcd of a cluster, key by key and byte for byte.
# Needs a function `put CLUSTER KEY VALUE`.

vip() { case $1 in a) echo 10.96.0.10 ;; b) echo 10.97.0.10 ;; c) echo 10.98.0.10 ;; esac; }

# service_json CLUSTER ID BACKEND_IP…: the global service default/echo as this cluster exports it.
service_json() {
    local cluster=$1 id=$2 backends='' ip
    shift 2
    for ip in "$@"; do backends+="\"$ip\":{\"http\":{\"Protocol\":\"TCP\",\"Port\":8080}},"; done
    printf '{"cluster":"%s","namespace":"default","name":"echo","frontends":{"%s":{"http":{"Protocol":"TCP","Port":80}}},"backends":{%s},"labels":{},"selector":{"name":"echo"},"includeExternal":true,"shared":true,"clusterID":%s}' \
        "$cluster" "$(vip "$cluster")" "${backends%,}" "$id"
}

# node_json CLUSTER ID NODE NODE_IP POD_CIDR_BASE
node_json() {
    printf '{"Name":"%s","Cluster":"%s","IPAddresses":[{"Type":"InternalIP","IP":"%s"},{"Type":"CiliumInternalIP","IP":"%s"}],"IPv4AllocCIDR":{"IP":"%s","Mask":"////AA=="},"IPv4SecondaryAllocCIDRs":null,"IPv6AllocCIDR":null,"IPv6SecondaryAllocCIDRs":null,"IPv4HealthIP":"%s","IPv6HealthIP":"","IPv4IngressIP":"","IPv6IngressIP":"","ClusterID":%s,"Source":"custom-resource","EncryptionKey":0,"Labels":{"kubernetes.io/hostname":"%s"},"Annotations":null,"WireguardPubKey":"","BootID":""}' \
        "$3" "$1" "$4" "${5%.*}.1" "$5" "${5%.*}.254" "$2" "$3"
}

# ip_json IP HOST_IP IDENTITY POD
ip_json() {
    printf '{"IP":"%s","Mask":null,"HostIP":"%s","ID":%s,"Key":0,"Metadata":"","K8sNamespace":"default","K8sPodName":"%s","K8sServiceAccount":"default","NamedPorts":[{"Name":"http","Port":8080,"Protocol":"TCP"}]}' \
        "$1" "$2" "$3" "$4"
}

# fill CLUSTER ID NODE_IP [BACKEND_IP…]
fill() {
    local cluster=$1 id=$2 node_ip=$3 n=0 ip resource
    shift 3
    local identity=$((id * 65536 + 1234)) now
    now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
    put "$cluster" "cilium/.heartbeat" "$now"
    put "$cluster" "cilium/cluster-config/$cluster" \
        "{\"id\":$id,\"capabilities\":{\"syncedCanaries\":true,\"maxConnectedClusters\":255,\"serviceExportsEnabled\":false}}"
    put "$cluster" "cilium/state/nodes/v1/$cluster/$cluster-worker" "$(node_json "$cluster" "$id" "$cluster-worker" "$node_ip" "10.$id.0.0")"
    put "$cluster" "cilium/state/identities/v1/id/$identity" \
        "k8s:app=echo;k8s:io.cilium.k8s.policy.cluster=$cluster;k8s:io.cilium.k8s.policy.serviceaccount=default;k8s:io.kubernetes.pod.namespace=default;"
    for ip in "$@"; do
        n=$((n + 1))
        put "$cluster" "cilium/state/ip/v1/default/$ip" "$(ip_json "$ip" "$node_ip" "$identity" "echo-$n")"
    done
    put "$cluster" "cilium/state/services/v1/$cluster/default/echo" "$(service_json "$cluster" "$id" "$@")"
    for resource in nodes identities ip services endpointslices serviceexports; do
        put "$cluster" "cilium/synced/$cluster/cilium/state/$resource/v1" "$now"
    done
}
