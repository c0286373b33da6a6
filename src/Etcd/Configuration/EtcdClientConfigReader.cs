using System.Net;
using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.Etcd.Configuration;

/// <summary>Turns the YAML text into an <see cref="EtcdClientConfig"/> and refuses what contradicts itself.</summary>
internal sealed class EtcdClientConfigReader(string path)
{
    private readonly List<(EtcdEndpoint Endpoint, int Line)> _endpoints = [];
    private readonly Dictionary<string, IReadOnlyList<IPAddress>> _aliases = new(StringComparer.OrdinalIgnoreCase);
    private ConfiguredFile? _trustedCaFile;
    private ConfiguredFile? _certFile;
    private ConfiguredFile? _keyFile;
    private (bool Value, int Line) _insecureTransport;
    private bool _insecureSkipTlsVerify;
    private string? _username;
    private string? _password;
    private TimeSpan? _keepAliveTime;
    private TimeSpan? _keepAliveTimeout;

    public EtcdClientConfig Read(string text)
    {
        if (text.Length > EtcdClientConfig.MaxLength)
        {
            throw Error($"{path}: longer than {EtcdClientConfig.MaxLength} characters: this is not an etcd client configuration");
        }

        return YamlReader.Read(path, text, ReadDocument);
    }

    private static SourceException Error(string message) => new(SourcePhase.Configuration, message);

    private EtcdClientConfig ReadDocument(YamlReader yaml)
    {
        if (!yaml.TryBeginDocument())
        {
            throw Error($"{path}: empty: it must name at least one etcd under 'endpoints:'");
        }

        yaml.ReadMapping("the configuration", (key, line) => ReadKey(yaml, key, line));
        Check();
        return new EtcdClientConfig
        {
            Path = path,
            Endpoints = [.. _endpoints.Select(e => e.Endpoint)],
            TrustedCaFile = _trustedCaFile,
            CertFile = _certFile,
            KeyFile = _keyFile,
            InsecureSkipTlsVerify = _insecureSkipTlsVerify,
            Username = _username,
            Password = _password,
            HostAliases = _aliases,
            KeepAliveTime = _keepAliveTime,
            KeepAliveTimeout = _keepAliveTimeout,
        };
    }

    private void ReadKey(YamlReader yaml, string key, int line)
    {
        switch (key)
        {
            case "endpoints":
                yaml.ReadSequence(key, EtcdClientConfig.MaxEndpoints, () => ReadEndpoint(yaml, key));
                break;
            case "trusted-ca-file":
                _trustedCaFile = ReadFile(yaml, key, line);
                break;
            case "cert-file":
                _certFile = ReadFile(yaml, key, line);
                break;
            case "key-file":
                _keyFile = ReadFile(yaml, key, line);
                break;
            case "insecure-transport":
                _insecureTransport = (yaml.ReadBoolean(key), line);
                break;
            case "insecure-skip-tls-verify":
                _insecureSkipTlsVerify = yaml.ReadBoolean(key);
                break;
            case "username":
                _username = yaml.ReadText(key);
                break;
            case "password":
                _password = yaml.ReadText(key);
                break;
            case "dial-keep-alive-time":
                _keepAliveTime = yaml.ReadNanoseconds(key);
                break;
            case "dial-keep-alive-timeout":
                _keepAliveTimeout = yaml.ReadNanoseconds(key);
                break;
            case "cilium-host-aliases":
                yaml.ReadSequence(key, EtcdClientConfig.MaxAliases, () => ReadAlias(yaml, key));
                break;
            default:
                yaml.Skip("a value");
                break;
        }
    }

    private void ReadEndpoint(YamlReader yaml, string key)
    {
        var line = yaml.Line;
        var text = yaml.ReadText(key) ?? throw yaml.Error(line, key, "has an empty item");
        if (!EtcdEndpoint.TryParse(text.Trim(), out var endpoint, out var error))
        {
            throw yaml.Error(line, key, $"has an item that {error}");
        }

        _endpoints.Add((endpoint, line));
    }

    private void ReadAlias(YamlReader yaml, string key)
    {
        var line = yaml.Line;
        string? host = null;
        var addresses = new List<IPAddress>();
        yaml.ReadMapping($"an item of {key}", (name, _) =>
        {
            switch (name)
            {
                case "hostname":
                    host = yaml.ReadText($"{key}.hostname");
                    break;
                case "ips":
                    yaml.ReadSequence($"{key}.ips", EtcdClientConfig.MaxAliases, () => addresses.Add(yaml.ReadAddress($"{key}.ips")));
                    break;
                default:
                    yaml.Skip("a value");
                    break;
            }
        });
        if (host is null)
        {
            throw yaml.Error(line, key, "has an item without 'hostname:'");
        }

        if (addresses.Count == 0)
        {
            throw yaml.Error(line, key, $"has no address for {host}: list at least one under 'ips:'");
        }

        if (!_aliases.TryAdd(host, addresses))
        {
            throw yaml.Error(line, key, $"has {host} twice: put all its addresses into one item");
        }
    }

    private static ConfiguredFile? ReadFile(YamlReader yaml, string key, int line) =>
        yaml.ReadText(key) is { } file ? new ConfiguredFile(key, file, line) : null;

    private void Check()
    {
        if (_endpoints.Count == 0)
        {
            throw Error($"{path}: no endpoints: list at least one URL under 'endpoints:', for example '- https://etcd.example:2379'");
        }

        var (first, _) = _endpoints[0];
        foreach (var (endpoint, line) in _endpoints)
        {
            if (endpoint.IsTls != first.IsTls)
            {
                throw Error($"{path}:{line}: endpoints mix http and https: use one of them");
            }
        }

        if (_insecureTransport.Value && first.IsTls)
        {
            throw Error($"{path}:{_insecureTransport.Line}: insecure-transport is true, but {first} uses TLS: remove it or write http://");
        }

        var file = _certFile ?? _keyFile ?? _trustedCaFile;
        if (file is not null && !first.IsTls)
        {
            throw Error($"{path}:{file.Line}: {file.Key} is set, but {first} does not use TLS: write https://, or remove {file.Key}");
        }

        if (_certFile is null != _keyFile is null)
        {
            var missing = _certFile is null ? "cert-file" : "key-file";
            throw Error($"{path}:{file!.Line}: {(_certFile ?? _keyFile)!.Key} is set without {missing}: a client certificate needs both");
        }

        if (_username is null != _password is null)
        {
            throw Error($"{path}: username and password must be set together");
        }
    }
}
