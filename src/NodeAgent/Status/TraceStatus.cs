namespace KvStoreMesh.NodeAgent.Status;

/// <summary>Whether traffic would pass, and why.</summary>
/// <param name="Source">Who sends.</param>
/// <param name="Destination">Who gets it.</param>
/// <param name="Traffic"><c>8080/TCP</c>.</param>
/// <param name="Egress">What the sender's policy says.</param>
/// <param name="Ingress">What the receiver's policy says.</param>
/// <param name="Verdict"><c>ALLOWED</c> or <c>DENIED</c>.</param>
public sealed record TraceStatus(string Source, string Destination, string Traffic, TraceSideStatus Egress, TraceSideStatus Ingress, string Verdict);
