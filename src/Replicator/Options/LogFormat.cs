namespace KvStoreMesh.Replicator.Options;

/// <summary>How log lines look.</summary>
internal enum LogFormat
{
    /// <summary>One line of text each.</summary>
    Text,

    /// <summary>One JSON object each.</summary>
    Json,
}
