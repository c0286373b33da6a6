using KvStoreMesh.NodeAgent.Kubernetes;
using KvStoreMesh.NodeAgent.Manifests;
using KvStoreMesh.NodeAgent.Services;

namespace KvStoreMesh.NodeAgent.Tests.Kubernetes;

/// <summary>From manifest files to services.</summary>
public sealed class KubernetesServicesTests
{
    private const string Service = """
        apiVersion: v1
        kind: Service
        metadata:
          name: echo
          namespace: test
          annotations: {service.cilium.io/global: "true", io.cilium/service-affinity: local}
        spec:
          clusterIP: 10.0.0.1
          clusterIPs: [10.0.0.1, "fd00::1"]
          sessionAffinity: ClientIP
          sessionAffinityConfig: {clientIP: {timeoutSeconds: 60}}
          ports:
          - {name: http, port: 80, targetPort: 8080}
          - {name: dns, port: 53, protocol: UDP}
        """;

    private const string Slices = """
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {name: echo-4, namespace: test, labels: {kubernetes.io/service-name: echo}}
        addressType: IPv4
        endpoints:
        - {addresses: [10.1.0.1], conditions: {ready: true}}
        - {addresses: [10.1.0.2], conditions: {ready: false, serving: true, terminating: true}}
        - {addresses: [10.1.0.3], conditions: {ready: false, serving: false, terminating: true}}
        - {addresses: [10.1.0.4], conditions: {ready: false, serving: false, terminating: false}, nodeName: n1}
        ports: [{name: http, port: 8080, protocol: TCP}]
        ---
        kind: Deployment
        metadata: {name: whatever}
        ---
        kind: EndpointSlice
        metadata: {name: echo-6, namespace: test, labels: {kubernetes.io/service-name: echo}}
        addressType: IPv6
        endpoints: [{addresses: ["fd00::2"]}]
        ports: [{name: http, port: 8080}, {name: dns, port: 5353, protocol: UDP}]
        """;

    private readonly ServiceTable _table = new(null);
    private readonly KubernetesServices _services = new();

    [Fact]
    public void A_service_and_its_slices_become_frontends_with_backends_in_their_states()
    {
        Read(("a.yaml", Service), ("b.yaml", Slices));
        Assert.Empty(_services.Problems);
        var frontend = _table.Find(Some.Addr("10.0.0.1:80"))!;
        Assert.Equal(60u, frontend.AffinitySeconds);
        Assert.Equal(
            [
                ("10.1.0.1:8080/TCP", BackendState.Active), ("10.1.0.2:8080/TCP", BackendState.Terminating),
                ("10.1.0.3:8080/TCP", BackendState.TerminatingNotServing), ("10.1.0.4:8080/TCP", BackendState.Maintenance),
            ],
            frontend.Backends.Select(backend => ($"{backend.Address}", backend.State)));
        Assert.Equal(["[fd00::2]:8080/TCP"], Backends("[fd00::1]:80"));
        Assert.Equal(["[fd00::2]:5353/UDP"], Backends("[fd00::1]:53/UDP"));
        Assert.Empty(Backends("10.0.0.1:53/UDP"));
        Assert.Equal(ServiceAffinity.Local, _services.Services["test/echo"].Affinity);
    }

    [Fact]
    public void A_list_as_kubectl_writes_it_is_read_too()
    {
        var indented = string.Join('\n', Service.Split('\n').Select(line => "  " + line));
        Read(("all.yaml", $"kind: List\nitems:\n-{indented[1..]}\n"));
        Assert.Empty(_services.Problems);
        Assert.Single(_services.Services);
    }

    [Fact]
    public void What_a_broken_file_held_before_stays_and_the_problem_names_file_line_and_field()
    {
        Read(("a.yaml", Service), ("b.yaml", Slices));
        Read(("a.yaml", Service.Replace("port: 53", "port: 99999", StringComparison.Ordinal)), ("b.yaml", Slices));
        var problem = Assert.Single(_services.Problems);
        Assert.Contains("a.yaml: line 14: spec.ports[1].port must be a number from 1 to 65535", problem, StringComparison.Ordinal);
        Assert.Contains("what it held before stays in force", problem, StringComparison.Ordinal);
        Assert.Equal(4, Backends("10.0.0.1:80").Length);
        Assert.False(_services.IsIncomplete);

        Read(("b.yaml", Slices));
        Assert.Empty(_services.Problems);
        Assert.Empty(_table.Frontends);
    }

    [Theory]
    [InlineData("kind: Service\nmetadata: {name: x}", "spec is missing")]
    [InlineData("kind: Service\nmetadata: {name: x}\nspec: {clusterIP: 10.0.0}", "spec.clusterIPs has '10.0.0', which is no IP address")]
    [InlineData("kind: Service\nmetadata: {name: x}\nspec: {sessionAffinity: Cookie}", "spec.sessionAffinity must be None or ClientIP")]
    [InlineData("kind: Service\nmetadata: {name: x}\nspec: {ports: [{port: 1, protocol: tcp}]}", "spec.ports[0].protocol must be TCP, UDP or SCTP")]
    [InlineData("kind: EndpointSlice\nmetadata: {name: x}", "addressType must be IPv4, IPv6 or FQDN")]
    [InlineData("kind: EndpointSlice\nmetadata: {name: x}\naddressType: IPv4\nendpoints: [{addresses: [\"fd00::1\"]}]", "is not of the slice's addressType")]
    [InlineData("metadata: {name: x}", "kind is missing")]
    [InlineData("kind: [", "is no valid YAML")]
    public void A_file_that_cannot_be_is_refused_by_line_and_field(string text, string expected)
    {
        Read(("x.yaml", text));
        Assert.Contains(expected, Assert.Single(_services.Problems), StringComparison.Ordinal);
        Assert.True(_services.IsIncomplete);
    }

    [Fact]
    public void Of_a_service_in_two_files_the_first_counts_and_the_second_is_told()
    {
        Read(("a.yaml", Service), ("b.yaml", Service.Replace("10.0.0.1", "10.0.0.9", StringComparison.Ordinal)));
        Assert.Contains("b.yaml: Service test/echo stands in a.yaml too", Assert.Single(_services.Problems), StringComparison.Ordinal);
        Assert.NotNull(_table.Find(Some.Addr("10.0.0.1:80")));
        Assert.Null(_table.Find(Some.Addr("10.0.0.9:80")));
    }

    private void Read(params (string Name, string Text)[] files) =>
        _services.Apply(new ManifestReading([.. files.Select(file => new ManifestFile(file.Name, file.Text, null))], null), _table);

    private string[] Backends(string frontend) => [.. _table.Find(Some.Addr(frontend))!.Backends.Select(backend => $"{backend}")];
}
