namespace KvStoreMesh.NodeAgent.Status;

/// <summary>What the policy of one of the two says.</summary>
/// <param name="IsAllowed">It lets the traffic pass.</param>
/// <param name="Reason">Why, in a line.</param>
/// <param name="Rules">Every rule of the endpoint's policies in this direction that is about the traffic, and what it says.</param>
/// <param name="Specs">The specs that apply to the endpoint and enforce this direction.</param>
/// <param name="Map">What the endpoint's policy map in the datapath says; null if it is no local endpoint.</param>
public sealed record TraceSideStatus(bool IsAllowed, string Reason, IReadOnlyList<string> Rules, IReadOnlyList<string> Specs, string? Map);
