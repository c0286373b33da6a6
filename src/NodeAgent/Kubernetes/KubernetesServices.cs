using KvStoreMesh.NodeAgent.Manifests;
using KvStoreMesh.NodeAgent.Services;

namespace KvStoreMesh.NodeAgent.Kubernetes;

/// <summary>
/// The own cluster's services as a directory of manifests has them: a Service with the EndpointSlices that name it. Of a Service that
/// stands in two files the first file's counts. Not thread-safe: owned by the apply loop.
/// </summary>
public sealed class KubernetesServices
{
    private readonly ManifestSet<KubernetesObject> _manifests = new(KubernetesManifests.Parse);
    private Dictionary<string, LocalService> _services = new(StringComparer.Ordinal);

    /// <summary>Something may be missing: the directory has not been read, or a file has never been usable.</summary>
    public bool IsIncomplete => _manifests.IsIncomplete;

    /// <summary>The services in force by name.</summary>
    public IReadOnlyDictionary<string, LocalService> Services => _services;

    /// <summary>What is wrong, one line each that names the file or the service; empty if nothing is.</summary>
    public IReadOnlyList<string> Problems { get; private set; } = [];

    /// <summary>Takes what the directory holds, and gives the table what changed.</summary>
    public void Apply(ManifestReading reading, ServiceTable table)
    {
        ArgumentNullException.ThrowIfNull(table);
        _manifests.Apply(reading);
        List<string> problems = [.. _manifests.Problem is { } problem ? (string[])[problem] : []];
        problems.AddRange(_manifests.Files.Where(file => file.Problem is not null).Select(file =>
            $"{file.File}: {file.Problem}; {(file.HasLastGood ? "what it held before stays in force" : "nothing of it is in force")}"));
        var (before, after) = (_services, Join(problems));
        (_services, Problems) = (after, problems);
        foreach (var name in before.Keys.Where(name => !after.ContainsKey(name)))
        {
            table.RemoveManifest(name);
        }

        Fill(table);
    }

    /// <summary>Gives a table everything.</summary>
    public void Fill(ServiceTable table)
    {
        ArgumentNullException.ThrowIfNull(table);
        foreach (var service in _services.Values)
        {
            table.SetManifest(service);
        }
    }

    private Dictionary<string, LocalService> Join(List<string> problems)
    {
        var slices = _manifests.Items.Select(item => item.Item).OfType<EndpointSliceManifest>()
            .ToLookup(slice => $"{slice.Namespace}/{slice.Service}", StringComparer.Ordinal);
        Dictionary<string, LocalService> services = new(StringComparer.Ordinal);
        foreach (var (file, item) in _manifests.Items)
        {
            if (item is not ServiceManifest service)
            {
                continue;
            }

            var name = $"{service.Namespace}/{service.Name}";
            if (!services.TryAdd(name, Join(file, name, service, slices[name])))
            {
                problems.Add($"{file}: Service {name} stands in {services[name].Source} too, which counts");
            }
            else if (service.Annotations.Problem is { } ignored)
            {
                problems.Add($"{file}: Service {name}: {ignored}");
            }
        }

        return services;
    }

    private static LocalService Join(string file, string name, ServiceManifest service, IEnumerable<EndpointSliceManifest> slices) => new()
    {
        Name = name,
        Frontends =
        [
            .. from ip in service.ClusterIps
               from port in service.Ports
               select new ServicePort(L3n4Addr.From(ip, port.Port, port.Protocol), port.Name),
        ],
        Backends =
        [
            .. from slice in slices
               from endpoint in slice.Endpoints
               from address in endpoint.Addresses
               from port in slice.Ports
               group (port.Name, endpoint) by L3n4Addr.From(address, port.Port, port.Protocol) into offer
               select new BackendOffer(
                   offer.Key,
                   [.. offer.Select(port => port.Name).Where(portName => portName.Length > 0).Distinct()],
                   offer.Min(port => port.endpoint.State),
                   offer.First().endpoint.NodeName),
        ],
        IsGlobal = service.Annotations.IsGlobal,
        IsShared = service.Annotations.IsShared,
        Affinity = service.Annotations.Affinity,
        AffinitySeconds = service.AffinitySeconds,
        IsNodeLocal = service.IsNodeLocal,
        Source = file,
    };
}
