namespace KvStoreMesh.NodeAgent.Subscription;

/// <summary>Where the daemons are and how to talk to them.</summary>
public sealed record SubscriptionOptions
{
    /// <summary>The daemons' addresses, tried in turn.</summary>
    public required IReadOnlyList<Uri> Servers { get; init; }

    /// <summary>This node.</summary>
    public required string NodeName { get; init; }

    /// <summary>PEM files for TLS; null: plain HTTP/2.</summary>
    public ClientTlsFiles? Tls { get; init; }

    /// <summary>The wanted time between heartbeats.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Without any frame for so many heartbeats the session is given up.</summary>
    public int MissedHeartbeats { get; init; } = 3;

    /// <summary>How long connecting and the daemon's first frame may take.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The first ceiling of the wait between attempts.</summary>
    public TimeSpan FirstBackoff { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The highest ceiling of the wait between attempts.</summary>
    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest silence borne, whatever heartbeat the daemon names.</summary>
    public TimeSpan MaxSilence { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The longest a daemon that says GoAway can keep the agent away.</summary>
    public TimeSpan MaxReconnectAfter { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Bytes the daemon may send ahead of the acknowledgements.</summary>
    public int ReceiveBudgetBytes { get; init; } = 4 << 20;

    /// <summary>The frame size asked for. A single value may exceed it.</summary>
    public int FrameBytes { get; init; } = 256 << 10;

    /// <summary>The largest frame taken; a larger one ends the session.</summary>
    public int MaxFrameBytes { get; init; } = 16 << 20;

    /// <summary>Records after which an ack is sent at once.</summary>
    public int AckRecords { get; init; } = 1000;

    /// <summary>How long an ack may wait for more.</summary>
    public TimeSpan AckDelay { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Nacks of one session; further refused values are only shown in status.</summary>
    public int MaxNacks { get; init; } = 100;

    /// <summary>What a session may make the agent hold.</summary>
    public AssemblerLimits Limits { get; init; } = new();
}
