namespace KvStoreMesh.NodeAgent.Services;

/// <summary>
/// What the annotations of a Kubernetes Service say about ClusterMesh, in the names of today and of old; where both stand, those
/// of today win (Cilium: pkg/annotation/clustermesh.go).
/// </summary>
/// <param name="IsGlobal">The service takes backends of other clusters.</param>
/// <param name="IsShared">The cluster offers its backends to others.</param>
/// <param name="Affinity">Which side is preferred.</param>
/// <param name="Problem">An annotation that was ignored, and why; null if none was.</param>
public sealed record ServiceAnnotations(bool IsGlobal, bool IsShared, ServiceAffinity Affinity, string? Problem)
{
    private const string Global = "service.cilium.io/global";
    private const string OldGlobal = "io.cilium/global-service";
    private const string Shared = "service.cilium.io/shared";
    private const string OldShared = "io.cilium/shared-service";
    private const string AffinityName = "service.cilium.io/affinity";
    private const string OldAffinity = "io.cilium/service-affinity";

    /// <summary>Reads them. Only <c>true</c>, in any case, is true.</summary>
    public static ServiceAnnotations Read(IReadOnlyDictionary<string, string> annotations)
    {
        ArgumentNullException.ThrowIfNull(annotations);
        var isGlobal = IsTrue(Get(Global, OldGlobal) ?? "false");
        var affinity = ServiceAffinity.None;
        string? problem = null;
        if (isGlobal && Get(AffinityName, OldAffinity) is { Length: > 0 } text && !TryParse(text, out affinity))
        {
            problem = $"annotation {(annotations.ContainsKey(AffinityName) ? AffinityName : OldAffinity)}: '{text}' is none of local, remote, none; ignored";
        }

        return new(isGlobal, isGlobal && IsTrue(Get(Shared, OldShared) ?? "true"), affinity, problem);

        string? Get(string name, string oldName) => annotations.GetValueOrDefault(name) ?? annotations.GetValueOrDefault(oldName);
    }

    private static bool IsTrue(string text) => text.Equals("true", StringComparison.OrdinalIgnoreCase);

    private static bool TryParse(string text, out ServiceAffinity affinity)
    {
        (affinity, var known) = text.ToUpperInvariant() switch
        {
            "LOCAL" => (ServiceAffinity.Local, true),
            "REMOTE" => (ServiceAffinity.Remote, true),
            "NONE" => (ServiceAffinity.None, true),
            _ => (ServiceAffinity.None, false),
        };
        return known;
    }
}
