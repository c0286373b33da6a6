/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * What the load-balancing maps of both families share. Layouts are Cilium's (bpf/lib/common.h, bpf/lib/lb.h) and those
 * of Maps/LoadBalancer; the maps themselves are created by the agent.
 */
#pragma once

#include "kernel.h"

struct lb_service {
    __u32 backend_id; /* in a slot; in the master the affinity timeout in seconds, 24 bits, below the algorithm */
    __u16 count;      /* in the master: slots 1..count take new connections */
    __be16 rev_nat_index;
    __u8 flags;
    __u8 flags2;
    __u16 qcount;
};

struct lb_affinity {
    __u64 last_used; /* seconds of the monotonic clock */
    __u32 backend_id;
    __u32 pad;
};

struct lb_affinity_match {
    __u32 backend_id;
    __be16 rev_nat_index;
    __u16 pad;
};

_Static_assert(sizeof(struct lb_service) == 12, "lb_service");
_Static_assert(sizeof(struct lb_affinity) == 16, "lb_affinity");
_Static_assert(sizeof(struct lb_affinity_match) == 8, "lb_affinity_match");

#define SVC_FLAG_EXTERNAL_IP 0x01
#define SVC_FLAG_HOSTPORT 0x08
#define SVC_FLAG_AFFINITY 0x10
#define SVC_FLAG2_L7_LOADBALANCER 0x04
#define SVC_FLAG2_TWO_SCOPES 0x20
#define LB_SCOPE_INTERNAL 1
#define AFFINITY_TIMEOUT_MASK 0xffffff
#define AFFINITY_BY_NETNS 0x1
#define NSEC_PER_SEC 1000000000ULL

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __type(key, struct lb_affinity_match);
    __type(value, __u8);
    __uint(max_entries, 65536);
    __uint(map_flags, BPF_F_NO_PREALLOC | BPF_F_RDONLY_PROG);
} cilium_lb_affinity_match SEC(".maps");

enum lb_verdict {
    LB_SELECTED,   /* the backend is set */
    LB_NO_SERVICE, /* not a frontend of ours to translate */
    LB_NO_BACKEND, /* the master counts no backend */
    LB_TORN,       /* the slot or its backend is gone: the service is being rewritten */
};

static __always_inline int is_balanced(__u32 protocol)
{
    return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP;
}

/* Valid only for addresses of this host, or the business of a proxy. */
static __always_inline int lb_is_elsewhere(const struct lb_service *master)
{
    return (master->flags & (SVC_FLAG_EXTERNAL_IP | SVC_FLAG_HOSTPORT)) || (master->flags2 & SVC_FLAG2_L7_LOADBALANCER);
}

/*
 * The backend that a remembered choice still leads to, 0 for none: it must be fresh, and the agent must say by a match
 * entry that the backend takes connections of this service.
 */
static __always_inline __u32 lb_affinity_backend(const struct lb_affinity *remembered, __u32 timeout, __be16 rev_nat_index)
{
    struct lb_affinity_match match = {};

    if (remembered->last_used + timeout <= ktime_get_ns() / NSEC_PER_SEC)
        return 0;
    match.backend_id = remembered->backend_id;
    match.rev_nat_index = rev_nat_index;
    return map_lookup_elem(&cilium_lb_affinity_match, &match) ? match.backend_id : 0;
}
