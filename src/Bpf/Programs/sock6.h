/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Translation of a socket's IPv6 peer, forth and back; sock4.h is the same for the other family. */
#pragma once

#include "lb6.h"

/*
 * Remembers which frontend this socket believes it talks to. Proceeding without it would show the application
 * answers from an address it never sent to, so a failure refuses the call.
 */
static __always_inline int sock6_remember(__u64 cookie, const struct lb6_backend *backend, const struct v6addr *vip,
                                          __be16 vport, __be16 rev_nat_index)
{
    struct lb6_reverse_sk_key key = {};
    struct lb6_reverse_sk entry = {}, *known;

    key.cookie = cookie;
    key.address = backend->address;
    key.port = backend->port;
    entry.address = *vip;
    entry.port = vport;
    entry.rev_nat_index = rev_nat_index;

    known = map_lookup_elem(&cilium_lb6_reverse_sk, &key);
    if (known && known->address.word[0] == vip->word[0] && known->address.word[1] == vip->word[1] &&
        known->address.word[2] == vip->word[2] && known->address.word[3] == vip->word[3] &&
        known->port == vport && known->rev_nat_index == rev_nat_index)
        return 0;
    return map_update_elem(&cilium_lb6_reverse_sk, &key, &entry, BPF_ANY) ? -ENOMEM : 0;
}

/*
 * Replaces a frontend by one of its backends. Returns 0, also when there is nothing to translate, or a negative errno.
 * TCP picks anew for every connection; UDP picks by socket, so that a flow stays where it is.
 */
static __always_inline int sock6_forward(struct bpf_sock_addr *ctx, struct v6addr *address, __be16 *port)
{
    struct lb6_choice choice = {};
    struct lb6_key key = {};
    __u64 cookie;
    int err;

    if (!is_balanced(ctx->protocol))
        return 0;

    key.address = *address;
    key.dport = *port;
    key.proto = (__u8)ctx->protocol;
    cookie = get_socket_cookie(ctx);

    switch (lb6_select(&key, ctx->protocol == IPPROTO_TCP ? get_prandom_u32() : (__u32)cookie, &choice)) {
    case LB_NO_SERVICE:
        return 0;
    case LB_NO_BACKEND:
    case LB_TORN:
        return -EHOSTUNREACH;
    case LB_SELECTED:
        break;
    }
    if (choice.timeout)
        lb6_stick(get_netns_cookie(ctx), &choice);

    err = sock6_remember(cookie, &choice.backend, address, *port, choice.rev_nat_index);
    if (err)
        return err;
    *address = choice.backend.address;
    *port = choice.backend.port;
    return 0;
}

/*
 * Replaces a backend by the frontend this socket used. An entry whose frontend is gone, has no backends or is
 * another service by now is stale: it is deleted, and the address stays what it is.
 */
static __always_inline void sock6_reverse(struct bpf_sock_addr *ctx, struct v6addr *address, __be16 *port)
{
    struct lb6_reverse_sk_key key = {};
    struct lb6_key frontend = {};
    struct lb6_reverse_sk *entry;
    struct lb_service *master;

    if (!is_balanced(ctx->protocol))
        return;

    key.cookie = get_socket_cookie(ctx);
    key.address = *address;
    key.port = *port;
    entry = map_lookup_elem(&cilium_lb6_reverse_sk, &key);
    if (!entry)
        return;

    frontend.address = entry->address;
    frontend.dport = entry->port;
    frontend.proto = (__u8)ctx->protocol;
    master = lb6_lookup_master(&frontend);
    if (!master || master->rev_nat_index != entry->rev_nat_index || master->count == 0) {
        map_delete_elem(&cilium_lb6_reverse_sk, &key);
        return;
    }
    *address = entry->address;
    *port = entry->port;
}
