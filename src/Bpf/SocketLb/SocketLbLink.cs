using KvStoreMesh.Bpf.Links;

namespace KvStoreMesh.Bpf.SocketLb;

/// <summary>An attached program.</summary>
/// <param name="Program">Its name, <c>cil_sock4_connect</c> for example.</param>
/// <param name="PinPath">Where its link is pinned.</param>
/// <param name="Origin">How it came about.</param>
public sealed record SocketLbLink(string Program, string PinPath, LinkOrigin Origin);
