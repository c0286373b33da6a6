/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The IPv4 load-balancing maps. Layouts are Cilium's (bpf/lib/common.h, bpf/lib/sock.h)
 * and those of Maps/LoadBalancer; the maps themselves are created by the agent.
 */
#pragma once

#include "kernel.h"

struct lb4_key {
    __be32 address;
    __be16 dport;
    __u16 backend_slot; /* 0: the master */
    __u8 proto;
    __u8 scope;
    __u8 pad[2];
};

struct lb4_service {
    __u32 backend_id; /* in a slot */
    __u16 count;      /* in the master: slots 1..count take new connections */
    __be16 rev_nat_index;
    __u8 flags;
    __u8 flags2;
    __u16 qcount;
};

struct lb4_backend {
    __be32 address;
    __be16 port;
    __u8 proto;
    __u8 flags;
    __u16 cluster_id;
    __u8 zone;
    __u8 pad;
};

struct lb4_reverse_sk_key {
    __u64 cookie;
    __be32 address;
    __be16 port;
    __u16 pad;
};

struct lb4_reverse_sk {
    __be32 address;
    __be16 port;
    __be16 rev_nat_index;
};

_Static_assert(sizeof(struct lb4_key) == 12, "lb4_key");
_Static_assert(sizeof(struct lb4_service) == 12, "lb4_service");
_Static_assert(sizeof(struct lb4_backend) == 12, "lb4_backend");
_Static_assert(sizeof(struct lb4_reverse_sk_key) == 16, "lb4_reverse_sk_key");
_Static_assert(sizeof(struct lb4_reverse_sk) == 8, "lb4_reverse_sk");

#define SVC_FLAG_EXTERNAL_IP 0x01
#define SVC_FLAG_HOSTPORT 0x08
#define SVC_FLAG2_L7_LOADBALANCER 0x04
#define SVC_FLAG2_TWO_SCOPES 0x20
#define LB_SCOPE_INTERNAL 1

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __type(key, struct lb4_key);
    __type(value, struct lb4_service);
    __uint(max_entries, 65536);
    __uint(map_flags, BPF_F_NO_PREALLOC | BPF_F_RDONLY_PROG);
} cilium_lb4_services_v2 SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __type(key, __u32);
    __type(value, struct lb4_backend);
    __uint(max_entries, 65536);
    __uint(map_flags, BPF_F_NO_PREALLOC);
} cilium_lb4_backends_v3 SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_LRU_HASH);
    __type(key, struct lb4_reverse_sk_key);
    __type(value, struct lb4_reverse_sk);
    __uint(max_entries, 262144);
} cilium_lb4_reverse_sk SEC(".maps");

/* The master of a frontend for traffic from inside the cluster; leaves the scope it was found under in the key. */
static __always_inline struct lb4_service *lb4_lookup_master(struct lb4_key *key)
{
    struct lb4_service *service;

    key->backend_slot = 0;
    key->scope = 0;
    service = map_lookup_elem(&cilium_lb4_services_v2, key);
    if (service && (service->flags2 & SVC_FLAG2_TWO_SCOPES)) {
        key->scope = LB_SCOPE_INTERNAL;
        service = map_lookup_elem(&cilium_lb4_services_v2, key);
    }
    return service;
}

enum lb4_verdict {
    LB4_SELECTED,   /* *backend and *rev_nat_index are set */
    LB4_NO_SERVICE, /* not a frontend of ours to translate */
    LB4_NO_BACKEND, /* the master counts no backend */
    LB4_TORN,       /* the slot or its backend is gone: the service is being rewritten */
};

/* One reading of master, slot and backend. */
static __always_inline enum lb4_verdict lb4_select_once(struct lb4_key *key, __u32 hash, struct lb4_backend *chosen,
                                                        __be16 *rev_nat_index)
{
    struct lb4_service *master, *slot;
    struct lb4_backend *backend;
    __u32 backend_id;
    __u16 count;

    master = lb4_lookup_master(key);
    if (!master)
        return LB4_NO_SERVICE;
    /* Valid only for addresses of this host, or the business of a proxy. */
    if ((master->flags & (SVC_FLAG_EXTERNAL_IP | SVC_FLAG_HOSTPORT)) || (master->flags2 & SVC_FLAG2_L7_LOADBALANCER))
        return LB4_NO_SERVICE;

    count = master->count;
    if (count == 0)
        return LB4_NO_BACKEND;
    *rev_nat_index = master->rev_nat_index;

    key->backend_slot = (__u16)(hash % count + 1);
    slot = map_lookup_elem(&cilium_lb4_services_v2, key);
    if (!slot)
        return LB4_TORN;

    backend_id = slot->backend_id;
    backend = map_lookup_elem(&cilium_lb4_backends_v3, &backend_id);
    if (!backend)
        return LB4_TORN;

    chosen->address = backend->address;
    chosen->port = backend->port;
    return LB4_SELECTED;
}

/*
 * The agent writes backends, then slots, then the count, and shrinks the other way round; a reader that had the
 * old count may still find its slot or backend gone. It then reads the frontend again. Written out and not a loop:
 * verifying a loop needs CAP_PERFMON, which the agent does not ask for.
 */
static __always_inline enum lb4_verdict lb4_select(struct lb4_key *key, __u32 hash, struct lb4_backend *chosen,
                                                   __be16 *rev_nat_index)
{
    enum lb4_verdict verdict = lb4_select_once(key, hash, chosen, rev_nat_index);

    if (verdict == LB4_TORN)
        verdict = lb4_select_once(key, hash, chosen, rev_nat_index);
    if (verdict == LB4_TORN)
        verdict = lb4_select_once(key, hash, chosen, rev_nat_index);
    if (verdict == LB4_TORN)
        verdict = lb4_select_once(key, hash, chosen, rev_nat_index);
    return verdict;
}
