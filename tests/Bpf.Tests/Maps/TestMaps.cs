using System.Buffers.Binary;
using System.Net;
using KvStoreMesh.Bpf.Maps;
using KvStoreMesh.Bpf.Maps.IpCache;

namespace KvStoreMesh.Bpf.Tests.Maps;

internal static class TestMaps
{
    public static BpfMapSpec<uint, ulong> Hash(uint entries) => new("test_hash", BpfMapType.Hash, entries, BpfMapFlags.NoPreallocation);

    public static BpfMapSpec<IpCacheKey, RemoteEndpointInfo> Trie(uint entries) =>
        new("test_trie", BpfMapType.LpmTrie, entries, BpfMapFlags.NoPreallocation);

    public static IpCacheKey Ip(uint number)
    {
        byte[] bytes = [10, 0, 0, 0];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, 0x0a000000 + number);
        return new(new IPAddress(bytes));
    }
}
