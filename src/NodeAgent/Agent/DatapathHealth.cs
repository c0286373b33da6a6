namespace KvStoreMesh.NodeAgent.Agent;

/// <summary>Whether the datapath is as it should be, and what failed last.</summary>
internal sealed class DatapathHealth
{
    /// <summary>What keeps the datapath from being as it should be; null if nothing.</summary>
    public string? Error { get; private set; }

    /// <summary>Why nothing is steered although the maps are as they should be; null if it is.</summary>
    public string? Attachment { get; set; }

    /// <summary>What failed last, recovered from or not; null if nothing ever did.</summary>
    public string? LastError { get; private set; }

    /// <summary>Failed attempts since the start.</summary>
    public long Failures { get; private set; }

    /// <summary>Takes note of a failure.</summary>
    public void Fail(string error)
    {
        (Error, LastError) = (error, error);
        Failures++;
    }

    /// <summary>All is as it should be.</summary>
    public void Recover() => Error = null;
}
