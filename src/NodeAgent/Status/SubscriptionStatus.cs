using System.Text.Json.Serialization;

namespace KvStoreMesh.NodeAgent.Status;

/// <summary>The connection to the daemon.</summary>
public sealed record SubscriptionStatus
{
    /// <summary><c>connecting</c>, <c>connected</c> or <c>backing-off</c>.</summary>
    public required string State { get; init; }

    /// <summary>There is a session.</summary>
    [JsonIgnore]
    public bool IsConnected => State == "connected";

    /// <summary>The server in use or tried last.</summary>
    public required string Server { get; init; }

    /// <summary>The session's number; 0 without one.</summary>
    public ulong Session { get; init; }

    /// <summary>New for each start of the daemon; empty without a session.</summary>
    public string ServerInstance { get; init; } = string.Empty;

    /// <summary>Everything up to it is in the datapath.</summary>
    public long AppliedSeq { get; init; }

    /// <summary>From the arrival of a frame to its being applied, the last one, ms.</summary>
    public double ApplyMs { get; init; }

    /// <summary>Since the last frame arrived, ms; heartbeats keep it below their interval. Null before the first.</summary>
    public double? SilentMs { get; init; }

    /// <summary>Sessions opened since the start.</summary>
    public int Sessions { get; init; }

    /// <summary>How often what was held of a cluster was not what the daemon's digest said, since the start: must be 0.</summary>
    public int Divergences { get; init; }

    /// <summary>Attempts that failed since the last session.</summary>
    public int Failures { get; init; }

    /// <summary>Why the last session or attempt ended; null if none did.</summary>
    public string? LastError { get; init; }
}
