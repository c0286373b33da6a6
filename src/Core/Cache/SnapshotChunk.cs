using System.IO.Compression;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.Core.Cache;

/// <summary>
/// A part of a cluster's snapshot: encoded and compressed by the first reader that wants it, then shared by all of them, for as long
/// as none of its keys changes.
/// </summary>
/// <remarks>
/// The compressed form is kept, the plain one only as long as somebody sends it: a quiet mesh costs what it compresses to,
/// once. Brotli at its fastest: see DESIGN.md for what it was measured against. Any thread.
/// </remarks>
public sealed class SnapshotChunk
{
    private const int Quality = 1;
    private const int Window = 18;

    // Below it the frame around it costs as much as is saved.
    private const int WorthCompressing = 1024;

    private readonly Lock _gate = new();
    private readonly uint _cluster;
    private MeshChange[]? _source;
    private byte[]? _compressed;
    private WeakReference<byte[]>? _plain;
    private byte[]? _small;

    internal SnapshotChunk(uint cluster, ResourceKind kind, MeshChange[] source, int bytes)
    {
        (_cluster, Kind, _source, Records, Bytes) = (cluster, kind, source, source.Length, bytes);
    }

    /// <summary>The resource: a chunk holds one only, so that a reader that does not want it can be spared it.</summary>
    public ResourceKind Kind { get; }

    /// <summary>Records in it.</summary>
    public int Records { get; }

    /// <summary>Bytes uncompressed.</summary>
    public int Bytes { get; }

    /// <summary>The wire bytes of <c>Delta.records</c> fields. The records have no seq.</summary>
    public ReadOnlyMemory<byte> Plain
    {
        get
        {
            lock (_gate)
            {
                return Encode();
            }
        }
    }

    /// <summary>The same, compressed with Brotli; null if that does not make it smaller.</summary>
    public ReadOnlyMemory<byte>? Compressed
    {
        get
        {
            lock (_gate)
            {
                if (_compressed is null && _small is null)
                {
                    Encode();
                }

                // Cast, because a bare null would become an empty memory.
                return _compressed is { } compressed ? compressed : (ReadOnlyMemory<byte>?)null;
            }
        }
    }

    private byte[] Encode()
    {
        if (_small is { } small)
        {
            return small;
        }

        if (_plain is not null && _plain.TryGetTarget(out var plain))
        {
            return plain;
        }

        plain = new byte[Bytes];
        if (_compressed is { } compressed)
        {
            if (!BrotliDecoder.TryDecompress(compressed, plain, out var restored) || restored != Bytes)
            {
                throw new InvalidOperationException("a chunk that was compressed here cannot be read back");
            }

            _plain = new(plain);
            return plain;
        }

        var written = 0;
        foreach (var change in _source!)
        {
            var record = new RecordEncoding(0, _cluster, change);
            record.WriteTo(plain.AsSpan(written));
            written += record.Size;
        }

        // The values belong to the cache again.
        _source = null;
        var target = new byte[plain.Length];
        if (plain.Length >= WorthCompressing
            && BrotliEncoder.TryCompress(plain, target, out var size, Quality, Window)
            && size < plain.Length - (plain.Length / 8))
        {
            (_compressed, _plain) = (target[..size], new(plain));
        }
        else
        {
            _small = plain;
        }

        return plain;
    }
}
