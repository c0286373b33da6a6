/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The maps of policy enforcement. ipcache, policy map and metrics have Cilium's layouts (bpf/lib/eps.h, bpf/lib/policy.h,
 * bpf/lib/metrics.h), and those of Maps/IpCache and Maps/Policy; conntrack and the ring of drops are our own.
 */
#pragma once

#include "packet.h"

struct ipcache_key {
    __u32 prefix_length; /* 32 + bits of the address */
    __u16 cluster_id;
    __u8 pad;
    __u8 family; /* 1 IPv4, 2 IPv6 */
    __be32 address[4];
};

struct remote_endpoint_info {
    __u32 identity;
    __be32 tunnel_endpoint[4];
    __u16 pad;
    __u8 key;
    __u8 flags;
};

struct policy_key {
    __u32 prefix_length; /* 40 identity and direction, 48 and protocol, up to 64 and port */
    __u32 identity;      /* of the remote; 0: any */
    __u8 egress;
    __u8 protocol;
    __be16 port;
};

struct policy_entry {
    __be16 proxy_port;
    __u8 deny_and_prefix; /* bit 0 deny, bits 3-7 prefix_length - 40 */
    __u8 auth;
    __u32 precedence;
    __u32 cookie;
};

struct metrics_key {
    __u8 reason; /* 0 forwarded, else why it was dropped */
    __u8 direction;
    __u16 line;
    __u8 file;
    __u8 reserved[3];
};

struct metrics_value {
    __u64 packets;
    __u64 bytes;
};

/* A flow as its endpoint sees it. */
struct ct_key {
    __be32 local[4];
    __be32 remote[4];
    __be16 local_port;
    __be16 remote_port;
    __u16 endpoint;
    __u8 protocol;
    __u8 direction; /* in which it began; IPv6 adds CT_IPV6 */
};

struct ct_entry {
    __u64 expires; /* ns since boot */
    __u32 closing; /* CT_CLOSING_* */
    __u32 pad;
};

struct drop_event {
    __u64 time; /* ns since boot */
    __be32 local[4];
    __be32 remote[4];
    __be16 local_port;
    __be16 remote_port;
    __u16 endpoint;
    __u8 protocol;
    __u8 direction;
    __u32 identity;
    __u8 reason;
    __u8 tcp_flags;
    __u8 icmp_type;
    __u8 ipv6;
    __u32 length;
    __u32 ifindex;
};

_Static_assert(sizeof(struct ipcache_key) == 24, "ipcache_key");
_Static_assert(sizeof(struct remote_endpoint_info) == 24, "remote_endpoint_info");
_Static_assert(sizeof(struct policy_key) == 12, "policy_key");
_Static_assert(sizeof(struct policy_entry) == 12, "policy_entry");
_Static_assert(sizeof(struct metrics_key) == 8, "metrics_key");
_Static_assert(sizeof(struct metrics_value) == 16, "metrics_value");
_Static_assert(sizeof(struct ct_key) == 40, "ct_key");
_Static_assert(sizeof(struct ct_entry) == 16, "ct_entry");
_Static_assert(sizeof(struct drop_event) == 64, "drop_event");

#define INGRESS 1
#define EGRESS 2
#define CT_IPV6 0x80

#define CT_CLOSING_FORWARD 1
#define CT_CLOSING_REPLY 2
#define CT_RESET 4
#define CT_CLOSED 3

/* Cilium's defaults of bpf-ct-timeout-*. */
#define SECONDS 1000000000ULL
#define CT_LIFETIME_TCP (8000 * SECONDS)
#define CT_LIFETIME_SYN (60 * SECONDS)
#define CT_LIFETIME_CLOSING (10 * SECONDS)
#define CT_LIFETIME_ANY (60 * SECONDS)

#define IDENTITY_WORLD 2
#define IDENTITY_WORLD_IPV4 9
#define IDENTITY_WORLD_IPV6 10

#define POLICY_FULL_PREFIX 64
#define POLICY_DENY 0x01

/* Counted instead of dropped: the ring of drops had no room for an event. */
#define EVENT_LOST 255

struct {
    __uint(type, BPF_MAP_TYPE_LPM_TRIE);
    __type(key, struct ipcache_key);
    __type(value, struct remote_endpoint_info);
    __uint(max_entries, 512000);
    __uint(map_flags, BPF_F_NO_PREALLOC | BPF_F_RDONLY_PROG);
} cilium_ipcache_v2 SEC(".maps");

/* Each endpoint's programs are loaded with its own: cilium_policy_v2_<endpoint>. */
struct {
    __uint(type, BPF_MAP_TYPE_LPM_TRIE);
    __type(key, struct policy_key);
    __type(value, struct policy_entry);
    __uint(max_entries, 16384);
    __uint(map_flags, BPF_F_NO_PREALLOC | BPF_F_RDONLY_PROG);
} cilium_policy_v2 SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_HASH);
    __type(key, struct metrics_key);
    __type(value, struct metrics_value);
    __uint(max_entries, 1024);
} cilium_metrics SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_LRU_HASH);
    __type(key, struct ct_key);
    __type(value, struct ct_entry);
    __uint(max_entries, 65536);
} kvstoremesh_ct SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    __uint(max_entries, 262144);
} kvstoremesh_drops SEC(".maps");
