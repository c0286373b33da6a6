namespace KvStoreMesh.Core.Resources;

/// <summary>A transport port as Cilium writes it.</summary>
/// <param name="Protocol"><c>TCP</c>, <c>UDP</c>, <c>SCTP</c>, <c>ANY</c> or <c>NONE</c>; any other text is kept as written, and is of no use.</param>
/// <param name="Port">0 to 65535.</param>
public readonly record struct L4Port(string Protocol, ushort Port);
