using System.Net;

namespace KvStoreMesh.Bpf.Tests.SocketLb;

/// <summary>A backend of a test's service. An id is never given to two endpoints.</summary>
internal sealed record TestBackend(uint Id, IPEndPoint EndPoint);
