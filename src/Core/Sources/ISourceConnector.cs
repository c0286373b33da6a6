namespace KvStoreMesh.Core.Sources;

/// <summary>Opens connections to sources. Knows no retry: whoever asks decides when to ask again.</summary>
public interface ISourceConnector
{
    /// <summary>
    /// Connects and proves that an etcd answers: on return a first linearizable read has succeeded and the cluster ID is known.
    /// </summary>
    /// <exception cref="SourceException">With the phase that failed.</exception>
    Task<ISourceConnection> ConnectAsync(SourceDefinition definition, CancellationToken cancellationToken);
}
