/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Reads addresses and ports off a packet, for programs of tcx (which see the Ethernet header) and of cgroup_skb (which do
 * not). By bpf_skb_load_bytes and not through packet pointers, whose arithmetic needs CAP_PERFMON.
 */
#pragma once

#include "kernel.h"

#define ETH_HLEN 14
#define ETH_P_IP 0x0800
#define ETH_P_IPV6 0x86dd

#define IPPROTO_HOPOPTS 0
#define IPPROTO_ICMP 1
#define IPPROTO_ROUTING 43
#define IPPROTO_FRAGMENT 44
#define IPPROTO_AH 51
#define IPPROTO_ICMPV6 58
#define IPPROTO_DSTOPTS 60
#define IPPROTO_SCTP 132

#define TCP_FIN 0x01
#define TCP_SYN 0x02
#define TCP_RST 0x04
#define TCP_ACK 0x10

/* Why a packet is dropped; Cilium's numbers (bpf/lib/drop_reasons.h), positive. */
#define DROP_POLICY 133
#define DROP_INVALID 134
#define DROP_CT_CREATE_FAILED 155
#define DROP_INVALID_EXTHDR 156
#define DROP_FRAG_NOSUPPORT 157
#define DROP_POLICY_DENY 181

struct ipv4_header {
    __u8 version_ihl;
    __u8 tos;
    __be16 total_length;
    __be16 id;
    __be16 fragment;
    __u8 ttl;
    __u8 protocol;
    __be16 checksum;
    __be32 source;
    __be32 destination;
};

struct ipv6_header {
    __be32 version_flow;
    __be16 payload_length;
    __u8 next_header;
    __u8 hop_limit;
    __be32 source[4];
    __be32 destination[4];
};

/* What matters of a packet. IPv4 addresses are in the first word, the others are zero. */
struct packet {
    __be32 source[4];
    __be32 destination[4];
    __be16 source_port; /* of an echo request or reply: its identifier, in both */
    __be16 destination_port;
    __u32 l4; /* offset of the transport header */
    __u8 ipv6;
    __u8 protocol;
    __u8 fragment; /* not the first one: there is no transport header */
    __u8 tcp_flags;
    __u8 icmp_type;
};

static __always_inline void copy_address(__be32 *to, const __be32 *from)
{
    to[0] = from[0];
    to[1] = from[1];
    to[2] = from[2];
    to[3] = from[3];
}

static __always_inline int same_address(const __be32 *a, const __be32 *b)
{
    return a[0] == b[0] && a[1] == b[1] && a[2] == b[2] && a[3] == b[3];
}

static __always_inline int read_ipv4(struct __sk_buff *skb, __u32 offset, struct packet *packet)
{
    struct ipv4_header header;

    if (skb_load_bytes(skb, offset, &header, sizeof(header)))
        return DROP_INVALID;
    packet->source[0] = header.source;
    packet->destination[0] = header.destination;
    packet->protocol = header.protocol;
    packet->fragment = (header.fragment & be16(0x1fff)) != 0;
    packet->l4 = offset + (header.version_ihl & 0xf) * 4;
    return 0;
}

static __always_inline int is_extension(__u8 protocol)
{
    return protocol == IPPROTO_HOPOPTS || protocol == IPPROTO_ROUTING || protocol == IPPROTO_FRAGMENT ||
           protocol == IPPROTO_AH || protocol == IPPROTO_DSTOPTS;
}

/* Steps over one extension header, if there is one. */
static __always_inline int skip_extension(struct __sk_buff *skb, struct packet *packet)
{
    __u8 header[4];

    if (!is_extension(packet->protocol) || packet->fragment)
        return 0;
    if (skb_load_bytes(skb, packet->l4, header, sizeof(header)))
        return DROP_INVALID;
    if (packet->protocol == IPPROTO_FRAGMENT) {
        packet->fragment = header[2] != 0 || (header[3] & 0xf8) != 0;
        packet->l4 += 8;
    } else if (packet->protocol == IPPROTO_AH) {
        packet->l4 += (header[1] + 2) * 4;
    } else {
        packet->l4 += (header[1] + 1) * 8;
    }
    packet->protocol = header[0];
    return 0;
}

static __always_inline int read_ipv6(struct __sk_buff *skb, __u32 offset, struct packet *packet)
{
    struct ipv6_header header;

    if (skb_load_bytes(skb, offset, &header, sizeof(header)))
        return DROP_INVALID;
    copy_address(packet->source, header.source);
    copy_address(packet->destination, header.destination);
    packet->ipv6 = 1;
    packet->protocol = header.next_header;
    packet->l4 = offset + sizeof(header);
    return 0;
}

/* Four extension headers are as many as Cilium takes. */
static __always_inline int skip_extensions(struct __sk_buff *skb, struct packet *packet)
{
    if (skip_extension(skb, packet) || skip_extension(skb, packet) || skip_extension(skb, packet) ||
        skip_extension(skb, packet))
        return DROP_INVALID;
    return is_extension(packet->protocol) && !packet->fragment ? DROP_INVALID_EXTHDR : 0;
}

static __always_inline int is_echo(const struct packet *packet)
{
    return packet->ipv6 ? packet->icmp_type == 128 || packet->icmp_type == 129
                        : packet->icmp_type == 8 || packet->icmp_type == 0;
}

static __always_inline int is_icmp(const struct packet *packet)
{
    return packet->protocol == (packet->ipv6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP);
}

/* Ports, flags, types; of a later fragment and of other protocols there are none. */
static __always_inline int read_l4(struct __sk_buff *skb, struct packet *packet)
{
    __be16 words[3];

    if (packet->fragment)
        return 0;
    if (is_icmp(packet)) {
        if (skb_load_bytes(skb, packet->l4, words, sizeof(words)))
            return DROP_INVALID;
        packet->icmp_type = (__u8)words[0];
        if (is_echo(packet)) {
            packet->source_port = words[2];
            packet->destination_port = words[2];
        }
        return 0;
    }
    if (packet->protocol != IPPROTO_TCP && packet->protocol != IPPROTO_UDP && packet->protocol != IPPROTO_SCTP)
        return 0;
    if (skb_load_bytes(skb, packet->l4, words, 4))
        return DROP_INVALID;
    packet->source_port = words[0];
    packet->destination_port = words[1];
    if (packet->protocol == IPPROTO_TCP && skb_load_bytes(skb, packet->l4 + 13, &packet->tcp_flags, 1))
        return DROP_INVALID;
    return 0;
}

/* Neighbour discovery, which IPv6 cannot do without. */
static __always_inline int is_neighbour_discovery(const struct packet *packet)
{
    return packet->ipv6 && is_icmp(packet) && packet->icmp_type >= 133 && packet->icmp_type <= 137;
}

/* An ICMP message that quotes the packet it complains about. */
static __always_inline int is_icmp_error(const struct packet *packet)
{
    if (!is_icmp(packet) || packet->fragment)
        return 0;
    return packet->ipv6 ? packet->icmp_type >= 1 && packet->icmp_type <= 4
                        : packet->icmp_type == 3 || packet->icmp_type == 11 || packet->icmp_type == 12;
}
