/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Policy at an endpoint: by tcx on the host's side of its interface, or by cgroup_skb on its cgroup. The semantics are those
 * of Cilium's bpf/bpf_lxc.c: replies of allowed flows pass, everything else is asked of the endpoint's policy map, both
 * under the remote's identity and under none, and the higher precedence decides.
 *
 * No loops and no pointer arithmetic: the programs must pass the verifier with CAP_BPF and CAP_NET_ADMIN alone.
 */
#include "policy.h"

char program_license[] SEC("license") = "Dual BSD/GPL";

/* The loader puts the endpoint's id in place of this number. */
static __always_inline __u16 endpoint_id(void)
{
    __u64 id;

    asm volatile("%0 = 0x6b766d6570696400 ll" : "=r"(id));
    return (__u16)id;
}

static __always_inline void count(__u8 reason, __u8 direction, __u32 bytes)
{
    struct metrics_key key = {};
    struct metrics_value first = {}, *known;

    key.reason = reason;
    key.direction = direction;
    known = map_lookup_elem(&cilium_metrics, &key);
    if (known) {
        known->packets += 1;
        known->bytes += bytes;
        return;
    }
    first.packets = 1;
    first.bytes = bytes;
    map_update_elem(&cilium_metrics, &key, &first, BPF_ANY);
}

static __always_inline void report(struct __sk_buff *skb, const struct ct_key *flow, const struct packet *packet,
                                   __u32 identity, __u8 reason, __u8 direction)
{
    struct drop_event event = {};

    event.time = ktime_get_ns();
    copy_address(event.local, flow->local);
    copy_address(event.remote, flow->remote);
    event.local_port = flow->local_port;
    event.remote_port = flow->remote_port;
    event.endpoint = flow->endpoint;
    event.protocol = packet->protocol;
    event.direction = direction;
    event.identity = identity;
    event.reason = reason;
    event.tcp_flags = packet->tcp_flags;
    event.icmp_type = packet->icmp_type;
    event.ipv6 = packet->ipv6;
    event.length = skb->len;
    event.ifindex = skb->ifindex;
    if (ringbuf_output(&kvstoremesh_drops, &event, sizeof(event), 0))
        count(EVENT_LOST, direction, 0);
}

static __always_inline __u32 identity_of(const __be32 *address, __u8 ipv6)
{
    struct ipcache_key key = {};
    struct remote_endpoint_info *info;
    __u32 identity = IDENTITY_WORLD;

    key.prefix_length = ipv6 ? 160 : 64;
    key.family = ipv6 ? 2 : 1;
    copy_address(key.address, address);
    info = map_lookup_elem(&cilium_ipcache_v2, &key);
    if (info)
        identity = info->identity;
    /* Policy tells the families of the world apart, rows of remote pod CIDRs do not. */
    if (identity == IDENTITY_WORLD)
        identity = ipv6 ? IDENTITY_WORLD_IPV6 : IDENTITY_WORLD_IPV4;
    return identity;
}

/* 0, or why not. No entry has the precedence 0. */
static __always_inline int policy_verdict(__u32 identity, __u8 egress, __u8 protocol, __be16 port, __u8 fragment)
{
    struct policy_key key = {};
    struct policy_entry *entry;
    __u32 precedence = 0;
    __u8 chosen = 0;

    key.prefix_length = POLICY_FULL_PREFIX;
    key.identity = identity;
    key.egress = egress;
    key.protocol = protocol;
    key.port = port;
    entry = map_lookup_elem(&cilium_policy_v2, &key);
    if (entry) {
        precedence = entry->precedence;
        chosen = entry->deny_and_prefix;
    }
    key.identity = 0;
    entry = map_lookup_elem(&cilium_policy_v2, &key);
    if (entry && (entry->precedence > precedence ||
                  (entry->precedence == precedence && entry->deny_and_prefix >> 3 > chosen >> 3))) {
        precedence = entry->precedence;
        chosen = entry->deny_and_prefix;
    }

    if (precedence == 0)
        return fragment ? DROP_FRAG_NOSUPPORT : DROP_POLICY;
    return chosen & POLICY_DENY ? DROP_POLICY_DENY : 0;
}

static __always_inline struct ct_entry *ct_lookup(const struct ct_key *key)
{
    struct ct_entry *entry = map_lookup_elem(&kvstoremesh_ct, key);

    return entry && entry->expires > ktime_get_ns() ? entry : (struct ct_entry *)0;
}

static __always_inline __u64 lifetime(const struct packet *packet, __u32 closing)
{
    if (packet->protocol != IPPROTO_TCP)
        return CT_LIFETIME_ANY;
    if ((closing & CT_CLOSED) == CT_CLOSED || (closing & CT_RESET))
        return CT_LIFETIME_CLOSING;
    return packet->tcp_flags & TCP_SYN ? CT_LIFETIME_SYN : CT_LIFETIME_TCP;
}

static __always_inline void ct_refresh(struct ct_entry *entry, const struct packet *packet, __u32 side)
{
    __u64 expires;

    if (packet->tcp_flags & TCP_FIN)
        entry->closing |= side;
    if (packet->tcp_flags & TCP_RST)
        entry->closing |= CT_RESET;
    expires = ktime_get_ns() + lifetime(packet, entry->closing);
    /* Not with every packet: the other processor's cache has the line, too. */
    if (expires > entry->expires + SECONDS || expires < entry->expires)
        entry->expires = expires;
}

/* 0, or why not. */
static __always_inline int ct_begin(const struct ct_key *flow, const struct packet *packet)
{
    struct ct_entry fresh = {}, *known = ct_lookup(flow);

    if (known && !(packet->tcp_flags & TCP_SYN)) {
        ct_refresh(known, packet, CT_CLOSING_FORWARD);
        return 0;
    }
    fresh.expires = ktime_get_ns() + lifetime(packet, 0);
    return map_update_elem(&kvstoremesh_ct, flow, &fresh, BPF_ANY) ? DROP_CT_CREATE_FAILED : 0;
}

/* An ICMP error about a packet of a known flow, whoever began it. */
static __always_inline int is_related(struct __sk_buff *skb, const struct packet *error, const struct ct_key *outer,
                                      __u8 direction)
{
    struct packet quoted = {};
    struct ct_key flow = {};
    __be16 ports[3];

    if (error->ipv6 ? read_ipv6(skb, error->l4 + 8, &quoted) : read_ipv4(skb, error->l4 + 8, &quoted))
        return 0;
    /* A quotation may end after 8 bytes of the transport header. */
    if (skb_load_bytes(skb, quoted.l4, ports, sizeof(ports)))
        return 0;
    quoted.source_port = ports[0];
    quoted.destination_port = ports[1];
    if (is_icmp(&quoted)) {
        quoted.source_port = ports[2];
        quoted.destination_port = ports[2];
    }

    flow.endpoint = outer->endpoint;
    flow.protocol = quoted.protocol;
    /* What comes in complains about what this endpoint sent, and the other way round. */
    if (direction == INGRESS) {
        copy_address(flow.local, quoted.source);
        copy_address(flow.remote, quoted.destination);
        flow.local_port = quoted.source_port;
        flow.remote_port = quoted.destination_port;
    } else {
        copy_address(flow.local, quoted.destination);
        copy_address(flow.remote, quoted.source);
        flow.local_port = quoted.destination_port;
        flow.remote_port = quoted.source_port;
    }
    flow.direction = (error->ipv6 ? CT_IPV6 : 0) | EGRESS;
    if (ct_lookup(&flow))
        return 1;
    flow.direction = (error->ipv6 ? CT_IPV6 : 0) | INGRESS;
    return ct_lookup(&flow) != (struct ct_entry *)0;
}

/* Inside the endpoint: its loopback, and its own address. */
static __always_inline int is_inside(const struct packet *packet)
{
    if (same_address(packet->source, packet->destination))
        return 1;
    return packet->ipv6 ? 0 : (packet->source[0] & 0xff) == 127 && (packet->destination[0] & 0xff) == 127;
}

/* Whether the packet may pass: 0, or why not. */
static __always_inline int judge(struct __sk_buff *skb, struct packet *packet, struct ct_key *flow, __u32 *identity,
                                 __u8 direction)
{
    struct ct_entry *reply;
    __be16 port;
    int reason;

    flow->endpoint = endpoint_id();
    flow->protocol = packet->protocol;
    if (direction == INGRESS) {
        copy_address(flow->local, packet->destination);
        copy_address(flow->remote, packet->source);
        flow->local_port = packet->destination_port;
        flow->remote_port = packet->source_port;
    } else {
        copy_address(flow->local, packet->source);
        copy_address(flow->remote, packet->destination);
        flow->local_port = packet->source_port;
        flow->remote_port = packet->destination_port;
    }

    /* The first packet of a TCP connection answers nothing, whatever flow had its ports before. */
    if (!(packet->protocol == IPPROTO_TCP && (packet->tcp_flags & (TCP_SYN | TCP_ACK)) == TCP_SYN)) {
        flow->direction = (packet->ipv6 ? CT_IPV6 : 0) | (direction == INGRESS ? EGRESS : INGRESS);
        reply = ct_lookup(flow);
        if (reply) {
            ct_refresh(reply, packet, CT_CLOSING_REPLY);
            return 0;
        }
    }
    if (is_icmp_error(packet) && is_related(skb, packet, flow, direction))
        return 0;

    *identity = identity_of(flow->remote, packet->ipv6);
    port = is_icmp(packet) ? be16(packet->icmp_type) : packet->destination_port;
    flow->direction = (packet->ipv6 ? CT_IPV6 : 0) | direction;
    reason = policy_verdict(*identity, direction == EGRESS, packet->protocol, port, packet->fragment);
    if (!reason)
        return packet->fragment ? 0 : ct_begin(flow, packet);
    /* A flow that is no longer allowed gets no replies either. */
    map_delete_elem(&kvstoremesh_ct, flow);
    return reason;
}

/* 0: let it pass. */
static __always_inline int police(struct __sk_buff *skb, __u32 l3, __u8 direction)
{
    struct packet packet = {};
    struct ct_key flow = {};
    __u32 identity = 0;
    int reason;

    if (skb->protocol == be16(ETH_P_IP))
        reason = read_ipv4(skb, l3, &packet);
    else if (skb->protocol == be16(ETH_P_IPV6))
        reason = read_ipv6(skb, l3, &packet);
    else
        return 0;
    if (!reason && packet.ipv6)
        reason = skip_extensions(skb, &packet);
    if (!reason)
        reason = read_l4(skb, &packet);
    if (!reason) {
        if (is_inside(&packet) || is_neighbour_discovery(&packet))
            return 0;
        reason = judge(skb, &packet, &flow, &identity, direction);
    }

    count((__u8)reason, direction, skb->len);
    if (reason)
        report(skb, &flow, &packet, identity, (__u8)reason, direction);
    return reason;
}

/* On the host's side of the endpoint's interface, what comes in is what the endpoint sends. */
SEC("tcx/ingress")
int cil_from_container(struct __sk_buff *skb)
{
    return police(skb, ETH_HLEN, EGRESS) ? TCX_DROP : TCX_NEXT;
}

SEC("tcx/egress")
int cil_to_container(struct __sk_buff *skb)
{
    return police(skb, ETH_HLEN, INGRESS) ? TCX_DROP : TCX_NEXT;
}

SEC("cgroup_skb/egress")
int cil_skb_egress(struct __sk_buff *skb)
{
    return police(skb, 0, EGRESS) ? SKB_DROP : SKB_PASS;
}

SEC("cgroup_skb/ingress")
int cil_skb_ingress(struct __sk_buff *skb)
{
    return police(skb, 0, INGRESS) ? SKB_DROP : SKB_PASS;
}
