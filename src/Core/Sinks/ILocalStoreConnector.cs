namespace KvStoreMesh.Core.Sinks;

/// <summary>Opens connections to the local etcd. Knows no retry: whoever asks decides when to ask again.</summary>
public interface ILocalStoreConnector
{
    /// <summary>Connects and proves that an etcd answers.</summary>
    /// <exception cref="StoreException">It could not be reached.</exception>
    Task<ILocalStore> ConnectAsync(CancellationToken cancellationToken);
}
