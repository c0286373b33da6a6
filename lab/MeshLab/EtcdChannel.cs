using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Grpc.Net.Client;

namespace KvStoreMesh.MeshLab;

/// <summary>A connection to a cluster's etcd as one of its users.</summary>
internal static class EtcdChannel
{
    /// <summary>Opens one.</summary>
    public static GrpcChannel Open(string directory, string cluster, string user)
    {
        var handler = new SocketsHttpHandler
        {
            SslOptions =
            {
                ClientCertificateContext = SslStreamCertificateContext.Create(LabCertificates.Read(directory, user), null, offline: true),
                CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    RevocationMode = X509RevocationMode.NoCheck,
                    CustomTrustStore = { X509CertificateLoader.LoadCertificateFromFile(Path.Combine(directory, "ca.crt")) },
                },
            },
        };
        return GrpcChannel.ForAddress($"https://etcd-{cluster}:2379", new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = true });
    }
}
