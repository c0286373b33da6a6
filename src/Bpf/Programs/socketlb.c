/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Load balancing at the socket: a connect() or sendto() to a cluster IP is sent to one of its backends, and the
 * application goes on seeing the cluster IP. The semantics are those of Cilium's bpf/bpf_sock.c for ClusterIP
 * services without session affinity. Sockets of AF_INET6 that talk to ::ffff:a.b.c.d go the same way: that is what
 * runtimes with dual-mode sockets do by default.
 *
 * No loops and no pointer arithmetic: the programs must pass the verifier with CAP_BPF and CAP_NET_ADMIN alone.
 */
#include "lb4.h"

char program_license[] SEC("license") = "Dual BSD/GPL";

static __always_inline int is_balanced(__u32 protocol)
{
    return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP;
}

/*
 * Remembers which frontend this socket believes it talks to. Proceeding without it would show the application
 * answers from an address it never sent to, so a failure refuses the call.
 */
static __always_inline int remember(__u64 cookie, const struct lb4_backend *backend, __be32 vip, __be16 vport,
                                    __be16 rev_nat_index)
{
    struct lb4_reverse_sk_key key = {};
    struct lb4_reverse_sk entry = {}, *known;

    key.cookie = cookie;
    key.address = backend->address;
    key.port = backend->port;
    entry.address = vip;
    entry.port = vport;
    entry.rev_nat_index = rev_nat_index;

    known = map_lookup_elem(&cilium_lb4_reverse_sk, &key);
    if (known && known->address == vip && known->port == vport && known->rev_nat_index == rev_nat_index)
        return 0;
    return map_update_elem(&cilium_lb4_reverse_sk, &key, &entry, BPF_ANY) ? -ENOMEM : 0;
}

/*
 * Replaces a frontend by one of its backends. Returns 0, also when there is nothing to translate, or a negative errno.
 * TCP picks anew for every connection; UDP picks by socket, so that a flow stays where it is.
 */
static __always_inline int forward(struct bpf_sock_addr *ctx, __be32 *address, __be16 *port)
{
    struct lb4_key key = {};
    struct lb4_backend backend = {};
    __be16 rev_nat_index = 0;
    __u64 cookie;
    int err;

    if (!is_balanced(ctx->protocol))
        return 0;

    key.address = *address;
    key.dport = *port;
    key.proto = (__u8)ctx->protocol;
    cookie = get_socket_cookie(ctx);

    switch (lb4_select(&key, ctx->protocol == IPPROTO_TCP ? get_prandom_u32() : (__u32)cookie, &backend, &rev_nat_index)) {
    case LB4_NO_SERVICE:
        return 0;
    case LB4_NO_BACKEND:
    case LB4_TORN:
        return -EHOSTUNREACH;
    case LB4_SELECTED:
        break;
    }

    err = remember(cookie, &backend, *address, *port, rev_nat_index);
    if (err)
        return err;
    *address = backend.address;
    *port = backend.port;
    return 0;
}

/*
 * Replaces a backend by the frontend this socket used. An entry whose frontend is gone, has no backends or is
 * another service by now is stale: it is deleted, and the address stays what it is.
 */
static __always_inline void reverse(struct bpf_sock_addr *ctx, __be32 *address, __be16 *port)
{
    struct lb4_reverse_sk_key key = {};
    struct lb4_key frontend = {};
    struct lb4_reverse_sk *entry;
    struct lb4_service *master;

    if (!is_balanced(ctx->protocol))
        return;

    key.cookie = get_socket_cookie(ctx);
    key.address = *address;
    key.port = *port;
    entry = map_lookup_elem(&cilium_lb4_reverse_sk, &key);
    if (!entry)
        return;

    frontend.address = entry->address;
    frontend.dport = entry->port;
    frontend.proto = (__u8)ctx->protocol;
    master = lb4_lookup_master(&frontend);
    if (!master || master->rev_nat_index != entry->rev_nat_index || master->count == 0) {
        map_delete_elem(&cilium_lb4_reverse_sk, &key);
        return;
    }
    *address = entry->address;
    *port = entry->port;
}

static __always_inline int forward4(struct bpf_sock_addr *ctx)
{
    __be32 address = ctx->user_ip4;
    __be16 port = (__be16)ctx->user_port;
    int err = forward(ctx, &address, &port);

    if (err) {
        set_retval(err);
        return SYS_REJECT;
    }
    ctx->user_ip4 = address;
    ctx->user_port = port;
    return SYS_PROCEED;
}

static __always_inline int reverse4(struct bpf_sock_addr *ctx)
{
    __be32 address = ctx->user_ip4;
    __be16 port = (__be16)ctx->user_port;

    reverse(ctx, &address, &port);
    ctx->user_ip4 = address;
    ctx->user_port = port;
    return SYS_PROCEED;
}

static __always_inline int is_v4_mapped(const struct bpf_sock_addr *ctx)
{
    return ctx->user_ip6[0] == 0 && ctx->user_ip6[1] == 0 && ctx->user_ip6[2] == be32(0xffff);
}

static __always_inline int forward6(struct bpf_sock_addr *ctx)
{
    __be32 address = ctx->user_ip6[3];
    __be16 port = (__be16)ctx->user_port;
    int err;

    if (!is_v4_mapped(ctx))
        return SYS_PROCEED;

    err = forward(ctx, &address, &port);
    if (err) {
        set_retval(err);
        return SYS_REJECT;
    }
    ctx->user_ip6[3] = address;
    ctx->user_port = port;
    return SYS_PROCEED;
}

static __always_inline int reverse6(struct bpf_sock_addr *ctx)
{
    __be32 address = ctx->user_ip6[3];
    __be16 port = (__be16)ctx->user_port;

    if (!is_v4_mapped(ctx))
        return SYS_PROCEED;

    reverse(ctx, &address, &port);
    ctx->user_ip6[3] = address;
    ctx->user_port = port;
    return SYS_PROCEED;
}

SEC("cgroup/connect4")
int cil_sock4_connect(struct bpf_sock_addr *ctx)
{
    return forward4(ctx);
}

SEC("cgroup/sendmsg4")
int cil_sock4_sendmsg(struct bpf_sock_addr *ctx)
{
    return forward4(ctx);
}

SEC("cgroup/recvmsg4")
int cil_sock4_recvmsg(struct bpf_sock_addr *ctx)
{
    return reverse4(ctx);
}

SEC("cgroup/getpeername4")
int cil_sock4_getpeername(struct bpf_sock_addr *ctx)
{
    return reverse4(ctx);
}

SEC("cgroup/connect6")
int cil_sock6_connect(struct bpf_sock_addr *ctx)
{
    return forward6(ctx);
}

SEC("cgroup/sendmsg6")
int cil_sock6_sendmsg(struct bpf_sock_addr *ctx)
{
    return forward6(ctx);
}

SEC("cgroup/recvmsg6")
int cil_sock6_recvmsg(struct bpf_sock_addr *ctx)
{
    return reverse6(ctx);
}

SEC("cgroup/getpeername6")
int cil_sock6_getpeername(struct bpf_sock_addr *ctx)
{
    return reverse6(ctx);
}

/*
 * A closing socket takes its entry along. The kernel keeps the peer's IPv4 address here for both families. An
 * unconnected UDP socket has no peer; what it left is evicted by the LRU.
 */
SEC("cgroup/sock_release")
int cil_sock_release(struct bpf_sock *ctx)
{
    struct lb4_reverse_sk_key key = {};

    if (!is_balanced(ctx->protocol))
        return SYS_PROCEED;

    key.cookie = get_socket_cookie(ctx);
    key.address = ctx->dst_ip4;
    key.port = ctx->dst_port;
    map_delete_elem(&cilium_lb4_reverse_sk, &key);
    return SYS_PROCEED;
}
