using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.Core.Cache;

/// <summary>
/// What is different in a cluster since a reader stood at some seq: of each key that changed the latest state, so that the
/// reader, once it has applied all of it, holds the cluster as of <see cref="MeshClusterView.Seq"/>.
/// </summary>
/// <param name="View">The cluster and where it stood.</param>
/// <param name="Changes">Puts in the order of the resources, then deletions in the reverse order.</param>
/// <param name="IsNewEpoch">The reader's epoch is another one: it has to be told before.</param>
public sealed record ClusterDiff(MeshClusterView View, IReadOnlyList<MeshChange> Changes, bool IsNewEpoch)
{
    /// <summary>
    /// The wire bytes of <c>Delta.records</c> fields without seqs, in pieces of about so many bytes, each with at least one
    /// record. Encoded while they are taken: a reader that stops holds references, not bytes.
    /// </summary>
    public IEnumerable<ReadOnlyMemory<byte>> Chunks(int bytes)
    {
        for (var from = 0; from < Changes.Count;)
        {
            var (to, size) = (from, 0);
            for (; to < Changes.Count; to++)
            {
                var next = new RecordEncoding(0, View.Index, Changes[to]).Size;
                if (to > from && size + next > bytes)
                {
                    break;
                }

                size += next;
            }

            var chunk = new byte[size];
            var written = 0;
            for (; from < to; from++)
            {
                var record = new RecordEncoding(0, View.Index, Changes[from]);
                record.WriteTo(chunk.AsSpan(written));
                written += record.Size;
            }

            yield return chunk;
        }
    }
}
