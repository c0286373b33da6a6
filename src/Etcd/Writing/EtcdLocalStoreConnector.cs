using KvStoreMesh.Core.Sinks;
using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.Etcd.Writing;

/// <summary>Connects to the local etcd as its etcd client configuration says, the file read anew for each attempt.</summary>
/// <param name="configPath">The file (YAML, the etcd Go client's keys).</param>
/// <param name="connector">Dials, authenticates and names what fails.</param>
/// <param name="options">Times and limits.</param>
public sealed class EtcdLocalStoreConnector(string configPath, EtcdSourceConnector connector, EtcdSourceOptions options) : ILocalStoreConnector
{
    /// <inheritdoc />
    public async Task<ILocalStore> ConnectAsync(CancellationToken cancellationToken)
    {
        try
        {
            var text = await File.ReadAllTextAsync(configPath, cancellationToken);
            return await connector.ConnectAsync<ILocalStore>(
                configPath, text, (rpc, material) => new EtcdLocalStore(rpc, material, options), cancellationToken);
        }
        catch (SourceException e)
        {
            throw new StoreException(StoreFailure.Unavailable, e.Message, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StoreException(
                StoreFailure.Unavailable, $"{configPath}: the local etcd's client configuration cannot be read: {e.Message}", e);
        }
    }
}
