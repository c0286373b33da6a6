/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Load balancing at the socket: a connect() or sendto() to a cluster IP is sent to one of its backends, and the
 * application goes on seeing the cluster IP. The semantics are those of Cilium's bpf/bpf_sock.c for ClusterIP
 * services. Sockets of AF_INET6 that talk to ::ffff:a.b.c.d go the IPv4 way: that is what runtimes with dual-mode
 * sockets do by default. SCTP has no hook here, in Cilium neither: its services are in the maps for those who read them.
 *
 * No loops and no pointer arithmetic: the programs must pass the verifier with CAP_BPF and CAP_NET_ADMIN alone.
 */
#include "sock4.h"
#include "sock6.h"

char program_license[] SEC("license") = "Dual BSD/GPL";

static __always_inline int refuse(int err)
{
    set_retval(err);
    return SYS_REJECT;
}

static __always_inline int forward4(struct bpf_sock_addr *ctx)
{
    __be32 address = ctx->user_ip4;
    __be16 port = (__be16)ctx->user_port;
    int err = sock4_forward(ctx, &address, &port);

    if (err)
        return refuse(err);
    ctx->user_ip4 = address;
    ctx->user_port = port;
    return SYS_PROCEED;
}

static __always_inline int reverse4(struct bpf_sock_addr *ctx)
{
    __be32 address = ctx->user_ip4;
    __be16 port = (__be16)ctx->user_port;

    sock4_reverse(ctx, &address, &port);
    ctx->user_ip4 = address;
    ctx->user_port = port;
    return SYS_PROCEED;
}

static __always_inline int is_v4_mapped(const struct v6addr *address)
{
    return address->word[0] == 0 && address->word[1] == 0 && address->word[2] == be32(0xffff);
}

/* The context takes and gives single words only. */
static __always_inline void read6(const struct bpf_sock_addr *ctx, struct v6addr *address)
{
    address->word[0] = ctx->user_ip6[0];
    address->word[1] = ctx->user_ip6[1];
    address->word[2] = ctx->user_ip6[2];
    address->word[3] = ctx->user_ip6[3];
}

static __always_inline void write6(struct bpf_sock_addr *ctx, const struct v6addr *address)
{
    ctx->user_ip6[0] = address->word[0];
    ctx->user_ip6[1] = address->word[1];
    ctx->user_ip6[2] = address->word[2];
    ctx->user_ip6[3] = address->word[3];
}

static __always_inline int forward6(struct bpf_sock_addr *ctx)
{
    struct v6addr address;
    __be16 port = (__be16)ctx->user_port;
    int err;

    read6(ctx, &address);
    err = is_v4_mapped(&address) ? sock4_forward(ctx, &address.word[3], &port) : sock6_forward(ctx, &address, &port);
    if (err)
        return refuse(err);
    write6(ctx, &address);
    ctx->user_port = port;
    return SYS_PROCEED;
}

static __always_inline int reverse6(struct bpf_sock_addr *ctx)
{
    struct v6addr address;
    __be16 port = (__be16)ctx->user_port;

    read6(ctx, &address);
    if (is_v4_mapped(&address))
        sock4_reverse(ctx, &address.word[3], &port);
    else
        sock6_reverse(ctx, &address, &port);
    write6(ctx, &address);
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
 * A closing socket takes its entry along. The kernel keeps the peer's IPv4 address in its field for sockets of AF_INET6
 * too, zero if it had none. An unconnected UDP socket has no peer; what it left is evicted by the LRU.
 */
SEC("cgroup/sock_release")
int cil_sock_release(struct bpf_sock *ctx)
{
    struct lb4_reverse_sk_key key4 = {};
    struct lb6_reverse_sk_key key6 = {};

    if (!is_balanced(ctx->protocol))
        return SYS_PROCEED;

    key4.address = ctx->dst_ip4;
    if (key4.address) {
        key4.cookie = get_socket_cookie(ctx);
        key4.port = ctx->dst_port;
        map_delete_elem(&cilium_lb4_reverse_sk, &key4);
    } else if (ctx->family == AF_INET6) {
        key6.cookie = get_socket_cookie(ctx);
        key6.address.word[0] = ctx->dst_ip6[0];
        key6.address.word[1] = ctx->dst_ip6[1];
        key6.address.word[2] = ctx->dst_ip6[2];
        key6.address.word[3] = ctx->dst_ip6[3];
        key6.port = ctx->dst_port;
        map_delete_elem(&cilium_lb6_reverse_sk, &key6);
    }
    return SYS_PROCEED;
}
