namespace KvStoreMesh.Replicator.Troubleshoot;

/// <summary>What one step found.</summary>
/// <param name="Severity">How much it matters.</param>
/// <param name="Step">The step: configuration, dns, tcp, tls, auth, config, id, permission, canaries, heartbeat, podcidr, lag.</param>
/// <param name="Text">One line.</param>
/// <param name="WayOut">What to do; null if nothing has to be done, or the text says it.</param>
internal sealed record Finding(Severity Severity, string Step, string Text, string? WayOut = null)
{
    /// <summary>As it should be.</summary>
    public static Finding Fine(string step, string text) => new(Severity.Fine, step, text);

    /// <summary>Worth knowing.</summary>
    public static Finding Note(string step, string text) => new(Severity.Note, step, text);

    /// <summary>Works, but not for long or not as meant.</summary>
    public static Finding Warning(string step, string text, string wayOut) => new(Severity.Warning, step, text, wayOut);

    /// <summary>Does not work.</summary>
    public static Finding Error(string step, string text, string? wayOut = null) => new(Severity.Error, step, text, wayOut);
}
