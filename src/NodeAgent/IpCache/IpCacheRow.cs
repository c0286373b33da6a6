namespace KvStoreMesh.NodeAgent.IpCache;

/// <summary>One row that a value asks for.</summary>
/// <param name="Prefix">The key.</param>
/// <param name="Source">What stands behind it.</param>
/// <param name="Entry">The value.</param>
internal readonly record struct IpCacheRow(IpPrefix Prefix, IpCacheSource Source, IpCacheEntry Entry);
