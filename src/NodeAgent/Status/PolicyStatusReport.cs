using KvStoreMesh.Bpf.Maps.Policy;
using KvStoreMesh.NodeAgent.Datapath;
using KvStoreMesh.NodeAgent.Endpoints;
using KvStoreMesh.NodeAgent.Identities;
using KvStoreMesh.NodeAgent.Policy;

namespace KvStoreMesh.NodeAgent.Status;

/// <summary>Copies what the policy commands show out of the live state. Called by the apply loop.</summary>
internal static class PolicyStatusReport
{
    public static PolicyStatus Make(PolicyEnforcer enforcer, IPolicyDatapath datapath) => new()
    {
        Mode = enforcer.Options.Mode.ToString().ToLowerInvariant(),
        DefaultsToLocalCluster = enforcer.Options.DefaultsToLocalCluster,
        PolicyFiles = enforcer.PolicyFiles,
        EndpointFiles = enforcer.EndpointFiles,
        DirectoryProblem = enforcer.DirectoryProblem,
        Frozen = enforcer.PolicyFiles.Any(file => file is { Problem: not null, HasLastGood: false }),
        Specs = [.. enforcer.Specs.Select(Spec)],
        Endpoints = enforcer.Endpoints.Count + enforcer.RefusedEndpoints.Count,
        ReadyEndpoints = enforcer.Endpoints.Count(record => StateOf(record, enforcer.IsFrozen) == "ready"),
        Traffic =
        [
            .. datapath.Counts().OrderBy(count => count.Key.Reason).ThenBy(count => count.Key.Direction).Select(count => new TrafficStatus(
                DropReasonText.Of(count.Key.Reason), count.Key.Direction.ToString().ToLowerInvariant(), count.Value.Packets, count.Value.Bytes)),
        ],
    };

    public static IReadOnlyList<EndpointStatus> Endpoints(PolicyEnforcer enforcer) =>
    [
        .. enforcer.Endpoints.Select(record => Endpoint(record, enforcer.IsFrozen))
            .Concat(enforcer.RefusedEndpoints.Select(refused => Refused(refused.Endpoint, refused.Problem)))
            .OrderBy(endpoint => endpoint.Id),
    ];

    public static IReadOnlyList<IdentityStatus> Identities(IdentityTable identities) =>
    [
        .. identities.All.OrderBy(identity => identity.Id).Select(identity => new IdentityStatus(identity.Id, LabelTexts.Of(identity.Labels))),
    ];

    private static EndpointStatus Endpoint(EndpointRecord record, bool isFrozen) => new()
    {
        Id = record.Number,
        Name = record.Spec.FullName,
        EnforcesIngress = record.Policy?.Enforces(PolicyDirection.Ingress) ?? false,
        EnforcesEgress = record.Policy?.Enforces(PolicyDirection.Egress) ?? false,
        Identity = record.Identity,
        Labels = LabelTexts.Of(record.Labels),
        Ips = Ips(record.Spec),
        Target = Target(record.Spec),
        State = StateOf(record, isFrozen),
        Problem = record.Problem,
        PolicyEntries = record.Writer.Known.Count,
        RetainedEntries = record.Writer.Retained,
    };

    private static EndpointStatus Refused(LocalEndpoint endpoint, string problem) => new()
    {
        Id = 0,
        Name = endpoint.FullName,
        EnforcesIngress = false,
        EnforcesEgress = false,
        Identity = 0,
        Labels = LabelTexts.Of(endpoint.Labels),
        Ips = Ips(endpoint),
        Target = Target(endpoint),
        State = "invalid",
        Problem = problem,
        PolicyEntries = 0,
    };

    private static string StateOf(EndpointRecord record, bool isFrozen) => record switch
    {
        { IsAttached: false } => "not-ready",
        { Writer.Pending: > 0 } => isFrozen ? "restoring" : "not-ready",
        _ => "ready",
    };

    private static PolicySpecStatus Spec(PolicySpec spec) => new(
        spec.Origin.File,
        spec.Origin.Policy,
        spec.Origin.Path,
        spec.Subject.ToString(),
        spec.EnforcesIngress,
        spec.EnforcesEgress,
        [.. spec.Rules.Select(PolicyTrace.Describe)]);

    private static IReadOnlyList<string> Ips(LocalEndpoint endpoint) => [.. endpoint.Ips.Select(ip => ip.AddressText)];

    private static string Target(LocalEndpoint endpoint) => endpoint.Interface is { } name ? $"interface {name}" : $"cgroup {endpoint.Cgroup}";
}
