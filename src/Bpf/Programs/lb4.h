/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* The IPv4 load-balancing maps and how a backend is chosen by them; lb6.h is the same for the other family. */
#pragma once

#include "lb.h"

struct lb4_key {
    __be32 address;
    __be16 dport;
    __u16 backend_slot; /* 0: the master */
    __u8 proto;
    __u8 scope;
    __u8 pad[2];
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

struct lb4_affinity_key {
    __u64 netns_cookie;
    __be16 rev_nat_index;
    __u8 flags;
    __u8 pad1;
    __u32 pad2;
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
_Static_assert(sizeof(struct lb4_backend) == 12, "lb4_backend");
_Static_assert(sizeof(struct lb4_affinity_key) == 16, "lb4_affinity_key");
_Static_assert(sizeof(struct lb4_reverse_sk_key) == 16, "lb4_reverse_sk_key");
_Static_assert(sizeof(struct lb4_reverse_sk) == 8, "lb4_reverse_sk");

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __type(key, struct lb4_key);
    __type(value, struct lb_service);
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
    __type(key, struct lb4_affinity_key);
    __type(value, struct lb_affinity);
    __uint(max_entries, 65536);
} cilium_lb4_affinity SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_LRU_HASH);
    __type(key, struct lb4_reverse_sk_key);
    __type(value, struct lb4_reverse_sk);
    __uint(max_entries, 262144);
} cilium_lb4_reverse_sk SEC(".maps");

/* The master of a frontend for traffic from inside the cluster; leaves the scope it was found under in the key. */
static __always_inline struct lb_service *lb4_lookup_master(struct lb4_key *key)
{
    struct lb_service *service;

    key->backend_slot = 0;
    key->scope = 0;
    service = map_lookup_elem(&cilium_lb4_services_v2, key);
    if (service && (service->flags2 & SVC_FLAG2_TWO_SCOPES)) {
        key->scope = LB_SCOPE_INTERNAL;
        service = map_lookup_elem(&cilium_lb4_services_v2, key);
    }
    return service;
}

/* What a choice leads to. */
struct lb4_choice {
    struct lb4_backend backend;
    __u32 backend_id;
    __u32 timeout; /* of the service's session affinity in seconds, 0 without */
    __be16 rev_nat_index;
};

/* One reading of master, slot and backend. */
static __always_inline enum lb_verdict lb4_select_once(struct lb4_key *key, __u32 hash, struct lb4_choice *choice)
{
    struct lb_service *master, *slot;
    struct lb4_backend *backend;
    __u16 count;

    master = lb4_lookup_master(key);
    if (!master || lb_is_elsewhere(master))
        return LB_NO_SERVICE;
    count = master->count;
    if (count == 0)
        return LB_NO_BACKEND;
    choice->rev_nat_index = master->rev_nat_index;
    choice->timeout = master->flags & SVC_FLAG_AFFINITY ? master->backend_id & AFFINITY_TIMEOUT_MASK : 0;

    key->backend_slot = (__u16)(hash % count + 1);
    slot = map_lookup_elem(&cilium_lb4_services_v2, key);
    if (!slot)
        return LB_TORN;
    choice->backend_id = slot->backend_id;
    backend = map_lookup_elem(&cilium_lb4_backends_v3, &choice->backend_id);
    if (!backend)
        return LB_TORN;
    choice->backend.address = backend->address;
    choice->backend.port = backend->port;
    return LB_SELECTED;
}

/*
 * Session affinity: the backend this client had last takes the place of the chosen one, if it may still be had; a choice that
 * no longer holds is forgotten. The client is a network namespace, that is a pod, as in Cilium.
 */
static __always_inline void lb4_stick(__u64 netns_cookie, struct lb4_choice *choice)
{
    struct lb4_affinity_key client = {};
    struct lb_affinity entry = {};
    struct lb_affinity *remembered;
    struct lb4_backend *backend;
    __u32 backend_id;

    client.netns_cookie = netns_cookie;
    client.rev_nat_index = choice->rev_nat_index;
    client.flags = AFFINITY_BY_NETNS;
    remembered = map_lookup_elem(&cilium_lb4_affinity, &client);
    if (remembered) {
        backend_id = lb_affinity_backend(remembered, choice->timeout, choice->rev_nat_index);
        backend = map_lookup_elem(&cilium_lb4_backends_v3, &backend_id);
        if (backend) {
            choice->backend.address = backend->address;
            choice->backend.port = backend->port;
            choice->backend_id = backend_id;
        }
    }

    entry.last_used = ktime_get_ns() / NSEC_PER_SEC;
    entry.backend_id = choice->backend_id;
    map_update_elem(&cilium_lb4_affinity, &client, &entry, BPF_ANY);
}

/*
 * The agent writes backends, then slots, then the count, and shrinks the other way round; a reader that had the
 * old count may still find its slot or backend gone. It then reads the frontend again. Written out and not a loop:
 * verifying a loop needs CAP_PERFMON, which the agent does not ask for.
 */
static __always_inline enum lb_verdict lb4_select(struct lb4_key *key, __u32 hash, struct lb4_choice *choice)
{
    enum lb_verdict verdict = lb4_select_once(key, hash, choice);

    if (verdict == LB_TORN)
        verdict = lb4_select_once(key, hash, choice);
    if (verdict == LB_TORN)
        verdict = lb4_select_once(key, hash, choice);
    if (verdict == LB_TORN)
        verdict = lb4_select_once(key, hash, choice);
    return verdict;
}
