using CsCheck;
using KvStoreMesh.Core.Sources;
using KvStoreMesh.Etcd.Configuration;

namespace KvStoreMesh.Etcd.Tests.Configuration;

public sealed class EtcdClientConfigTests
{
    private const string Secret = "s3cr3t-pa55";

    [Fact]
    public void Reads_what_Cilium_writes()
    {
        var config = EtcdClientConfig.Parse("cluster2", """
            endpoints:
            - https://cluster2.mesh.cilium.io:2379
            trusted-ca-file: /var/lib/cilium/clustermesh/common-etcd-client-ca.crt
            key-file: /var/lib/cilium/clustermesh/common-etcd-client.key
            cert-file: /var/lib/cilium/clustermesh/common-etcd-client.crt
            cilium-host-aliases:
            - hostname: cluster2.mesh.cilium.io
              ips:
                - 172.18.255.1
                - fd00::1
            """);
        Assert.Equal([new EtcdEndpoint("cluster2.mesh.cilium.io", 2379, true)], config.Endpoints);
        Assert.Equal(new ConfiguredFile("trusted-ca-file", "/var/lib/cilium/clustermesh/common-etcd-client-ca.crt", 3), config.TrustedCaFile);
        Assert.Equal("/var/lib/cilium/clustermesh/common-etcd-client.crt", config.CertFile?.Path);
        Assert.Equal("/var/lib/cilium/clustermesh/common-etcd-client.key", config.KeyFile?.Path);
        Assert.Equal(["172.18.255.1", "fd00::1"], config.HostAliases["cluster2.mesh.cilium.io"].Select(a => a.ToString()));
    }

    [Fact]
    public void Reads_every_key_the_Go_client_knows_and_ignores_the_others()
    {
        var config = EtcdClientConfig.Parse("f", $$"""
            # comment
            "endpoints": [ "http://[::1]:2379/", 'http://10.0.0.1:12379' ]
            insecure-transport: yes
            insecure-skip-tls-verify: false
            username: mesh
            password: "{{Secret}}"
            dial-timeout: 5000000000
            dial-keep-alive-time: 20000000000
            dial-keep-alive-timeout: 0
            ca-file: /not/used
            reject-old-cluster: { nested: [ 1, { deeper: [] } ] }
            trusted-ca-file: ""
            cert-file:
            key-file: ~
            """);
        Assert.Equal(["http://[::1]:2379", "http://10.0.0.1:12379"], config.Endpoints.Select(e => e.ToString()));
        Assert.Equal("::1", config.Endpoints[0].Host);
        Assert.Equal(("mesh", Secret), (config.Username, config.Password));
        Assert.Equal(TimeSpan.FromSeconds(20), config.KeepAliveTime);
        Assert.Null(config.KeepAliveTimeout);
        Assert.Null(config.TrustedCaFile);
        Assert.Null(config.CertFile);
        Assert.False(config.IsTls);
        Assert.DoesNotContain(Secret, config.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "f: empty: ")]
    [InlineData("# only a comment\n", "f: empty: ")]
    [InlineData("just text", "f:1: the configuration must be a mapping")]
    [InlineData("- a\n- b", "f:1: the configuration must be a mapping")]
    [InlineData("endpoints: []", "f: no endpoints: ")]
    [InlineData("endpoints:", "f: no endpoints: ")]
    [InlineData("username: a\npassword: b", "f: no endpoints: ")]
    [InlineData("endpoints: https://a:2379", "f:1: endpoints must be a list")]
    [InlineData("endpoints:\n- {a: b}", "f:2: endpoints must be one value")]
    [InlineData("endpoints:\n-", "f:2: endpoints has an empty item")]
    [InlineData("endpoints:\n- a:2379", "f:2: endpoints has an item that is not a URL")]
    [InlineData("endpoints:\n- unix:///var/run/etcd", "f:2: endpoints has an item that is not a URL")]
    [InlineData("endpoints:\n- https://a", "f:2: endpoints has an item that has no port")]
    [InlineData("endpoints:\n- https://[::1]", "f:2: endpoints has an item that has no port")]
    [InlineData("endpoints:\n- https://a:0", "f:2: endpoints has an item that has no valid port")]
    [InlineData("endpoints:\n- https://a:99999", "f:2: endpoints has an item that has no valid port")]
    [InlineData("endpoints:\n- https://a:2379/path", "f:2: endpoints has an item that has no valid port")]
    [InlineData("endpoints:\n- https://a b:2379", "f:2: endpoints has an item that has no valid host")]
    [InlineData("endpoints:\n- https://:2379", "f:2: endpoints has an item that has no valid host")]
    [InlineData("endpoints:\n- https://me:s3cr3t-pa55@a:2379", "f:2: endpoints has an item that must not hold a user")]
    [InlineData("endpoints:\n- https://a:1\n- http://a:1", "f:3: endpoints mix http and https")]
    [InlineData("endpoints:\n\t- https://a:2379", "not valid YAML")]
    [InlineData("endpoints: [https://a:1\npassword: s3cr3t-pa55", "not valid YAML")]
    [InlineData("password: \"s3cr3t-pa55", "not valid YAML")]
    [InlineData("password: s3cr3t-pa55: s3cr3t-pa55", "f:1: not valid YAML")]
    [InlineData("password: *s3cr3t-pa55", "f:1: password must be one value")]
    [InlineData("endpoints: [https://a:1]\npassword: [s3cr3t-pa55]", "f:2: password must be one value")]
    [InlineData("endpoints: [https://a:1]\npassword: s3cr3t-pa55", "f: username and password must be set together")]
    [InlineData("endpoints: [https://a:1]\nusername: me", "f: username and password must be set together")]
    [InlineData("endpoints: [https://a:1]\nendpoints: [https://a:1]", "f:2: the configuration has a key that stands in it twice")]
    [InlineData("[a]: b", "f:1: the configuration has a key that is not plain text")]
    [InlineData("endpoints: [http://a:1]\ntrusted-ca-file: ca", "f:2: trusted-ca-file is set, but http://a:1 does not use TLS")]
    [InlineData("endpoints: [http://a:1]\nkey-file: k\ncert-file: c", "f:3: cert-file is set, but http://a:1 does not use TLS")]
    [InlineData("endpoints: [https://a:1]\ninsecure-transport: true", "f:2: insecure-transport is true, but https://a:1 uses TLS")]
    [InlineData("endpoints: [https://a:1]\ncert-file: c", "f:2: cert-file is set without key-file")]
    [InlineData("endpoints: [https://a:1]\nkey-file: k", "f:2: key-file is set without cert-file")]
    [InlineData("insecure-transport: maybe", "f:1: insecure-transport must be true or false")]
    [InlineData("dial-keep-alive-time: 15s", "f:1: dial-keep-alive-time must be a number of nanoseconds")]
    [InlineData("dial-keep-alive-time: -1", "f:1: dial-keep-alive-time must be a number of nanoseconds")]
    [InlineData("cilium-host-aliases:\n- hostname: a", "f:2: cilium-host-aliases has no address for a")]
    [InlineData("cilium-host-aliases:\n- ips: [1.1.1.1]", "f:2: cilium-host-aliases has an item without 'hostname:'")]
    [InlineData("cilium-host-aliases:\n- {hostname: a, ips: [b]}", "f:2: cilium-host-aliases.ips must be an IP address")]
    [InlineData("cilium-host-aliases:\n- {hostname: a, ips: [::1]}\n- {hostname: a, ips: [::1]}", "f:3: cilium-host-aliases has a twice")]
    [InlineData("cilium-host-aliases:\n- a", "f:2: an item of cilium-host-aliases must be a mapping")]
    public void Refuses_with_one_line_that_names_the_place_and_no_secret(string text, string expected)
    {
        var e = Assert.Throws<SourceException>(() => EtcdClientConfig.Parse("f", text));
        Assert.Equal(SourcePhase.Configuration, e.Phase);
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
        Assert.DoesNotContain(Secret, e.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_what_is_too_large_or_too_deep_without_reading_it_all()
    {
        string[] texts =
        [
            new('a', EtcdClientConfig.MaxLength + 1),
            "x: " + new string('[', 60_000),
            "endpoints:\n" + string.Concat(Enumerable.Repeat("- https://a:1\n", EtcdClientConfig.MaxEndpoints + 1)),
        ];
        Assert.All(texts, text => Assert.Equal(
            SourcePhase.Configuration, Assert.Throws<SourceException>(() => EtcdClientConfig.Parse("f", text)).Phase));
    }

    [Fact]
    public void Any_text_is_read_or_refused_with_one_line()
    {
        string[] fragments =
        [
            "endpoints", "password", "cilium-host-aliases", "hostname", "ips", ":", " ", "\n", "- ", "[", "]", "{", "}", "\t", "'", "\"",
            "&a", "*a", "!!x", "|", ">", "?", "%", "---", "...", "https://a:1", "true", "\0", "\ud800", "é", ",", "#", "<<",
        ];
        Gen.Int[0, fragments.Length - 1].Select(i => fragments[i]).Array[0, 40].Select(string.Concat).Sample(
            text =>
            {
                try
                {
                    return EtcdClientConfig.Parse("f", text).Endpoints.Count > 0;
                }
                catch (SourceException e)
                {
                    return e.Phase == SourcePhase.Configuration && !e.Message.Contains('\n', StringComparison.Ordinal);
                }
            },
            iter: 20_000);
    }
}
