/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The part of the kernel's interface that the programs use, so that building them
 * needs no header of the machine: contexts, helpers and numbers of linux/bpf.h.
 */
#pragma once

typedef unsigned char __u8;
typedef unsigned short __u16;
typedef unsigned int __u32;
typedef unsigned long long __u64;
typedef __u16 __be16;
typedef __u32 __be32;

#define SEC(name) __attribute__((section(name), used))
#define __always_inline inline __attribute__((always_inline))

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the programs are built for little endian (-target bpfel)"
#endif
#define be16(x) ((__be16)__builtin_bswap16(x))
#define be32(x) ((__be32)__builtin_bswap32(x))

/* Map declarations in the style of libbpf: only their types say something. */
#define __uint(name, value) int (*name)[value]
#define __type(name, type) type *name

#define BPF_MAP_TYPE_HASH 1
#define BPF_MAP_TYPE_PERCPU_HASH 5
#define BPF_MAP_TYPE_LRU_HASH 9
#define BPF_MAP_TYPE_LPM_TRIE 11
#define BPF_MAP_TYPE_RINGBUF 27
#define BPF_F_NO_PREALLOC 0x1
#define BPF_F_RDONLY_PROG 0x80
#define BPF_ANY 0

#define IPPROTO_TCP 6
#define IPPROTO_UDP 17
#define AF_INET6 10

#define ENOMEM 12
#define EHOSTUNREACH 113

/* Verdicts of cgroup programs. */
#define SYS_REJECT 0
#define SYS_PROCEED 1

/* Verdicts of cgroup_skb programs. */
#define SKB_DROP 0
#define SKB_PASS 1

/* Verdicts of tcx programs; NEXT asks the programs after this one. */
#define TCX_NEXT -1
#define TCX_DROP 2

/* struct __sk_buff, up to the interface; protocol in network order. */
struct __sk_buff {
    __u32 len;
    __u32 pkt_type;
    __u32 mark;
    __u32 queue_mapping;
    __u32 protocol;
    __u32 vlan_present;
    __u32 vlan_tci;
    __u32 vlan_proto;
    __u32 priority;
    __u32 ingress_ifindex;
    __u32 ifindex;
};

/* struct bpf_sock_addr; addresses and ports in network order. */
struct bpf_sock_addr {
    __u32 user_family;
    __be32 user_ip4;
    __be32 user_ip6[4];
    __u32 user_port; /* the lower 16 bits */
    __u32 family;
    __u32 type;
    __u32 protocol;
    __be32 msg_src_ip4;
    __be32 msg_src_ip6[4];
};

/* struct bpf_sock, up to the peer's address. */
struct bpf_sock {
    __u32 bound_dev_if;
    __u32 family;
    __u32 type;
    __u32 protocol;
    __u32 mark;
    __u32 priority;
    __be32 src_ip4;
    __be32 src_ip6[4];
    __u32 src_port;
    __be16 dst_port;
    __u16 : 16;
    __be32 dst_ip4;
    __be32 dst_ip6[4];
};

static void *(*const map_lookup_elem)(const void *map, const void *key) = (void *)1;
static long (*const map_update_elem)(const void *map, const void *key, const void *value, __u64 flags) = (void *)2;
static long (*const map_delete_elem)(const void *map, const void *key) = (void *)3;
static __u64 (*const ktime_get_ns)(void) = (void *)5;
static __u32 (*const get_prandom_u32)(void) = (void *)7;
static long (*const skb_load_bytes)(const void *skb, __u32 offset, void *to, __u32 len) = (void *)26;
static __u64 (*const get_socket_cookie)(void *ctx) = (void *)46;
static __u64 (*const get_netns_cookie)(void *ctx) = (void *)122;
static long (*const ringbuf_output)(void *ringbuf, void *data, __u64 size, __u64 flags) = (void *)130;
static int (*const set_retval)(int retval) = (void *)187;
