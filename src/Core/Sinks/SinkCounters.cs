namespace KvStoreMesh.Core.Sinks;

/// <summary>What the sink has done since it started.</summary>
internal sealed class SinkCounters
{
    public long Written { get; set; }

    public long Deleted { get; set; }

    public long Transactions { get; set; }

    public long Revocations { get; set; }

    public long Failures { get; set; }

    public long HistoriesLost { get; set; }

    public string? LastError { get; set; }

    public DateTimeOffset? LastErrorAt { get; set; }

    public void Count(SinkWrite write)
    {
        if (write.Value is null)
        {
            Deleted++;
        }
        else
        {
            Written++;
        }
    }
}
