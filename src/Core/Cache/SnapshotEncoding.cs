using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.Core.Cache;

/// <summary>Cuts records into chunks of about the same size and encodes them.</summary>
internal static class SnapshotEncoding
{
    public static IReadOnlyList<ReadOnlyMemory<byte>> Encode(uint cluster, IReadOnlyList<MeshChange> records, int chunkBytes)
    {
        var chunks = new List<ReadOnlyMemory<byte>>();
        var chunk = new List<RecordEncoding>();
        var size = 0;
        foreach (var change in records)
        {
            var record = new RecordEncoding(0, cluster, change);
            if (chunk.Count > 0 && size + record.Size > chunkBytes)
            {
                Close();
            }

            chunk.Add(record);
            size += record.Size;
        }

        if (chunk.Count > 0)
        {
            Close();
        }

        return chunks;

        void Close()
        {
            var bytes = new byte[size];
            var written = 0;
            foreach (var record in chunk)
            {
                record.WriteTo(bytes.AsSpan(written));
                written += record.Size;
            }

            chunks.Add(bytes);
            chunk.Clear();
            size = 0;
        }
    }
}
