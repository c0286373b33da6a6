namespace KvStoreMesh.Replicator.Options;

/// <summary>An option has a value that is not accepted. The message is one line that names the option and the rule.</summary>
internal sealed class OptionException : Exception
{
    /// <summary>Creates the exception.</summary>
    public OptionException(string option, string rule)
        : base($"{option}: {rule}")
    {
    }
}
