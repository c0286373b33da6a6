namespace KvStoreMesh.Bpf.Syscalls;

/// <summary>A refused bpf(2) call. The message is one line: operation, target, errno by name, and the way out in words.</summary>
public sealed class BpfException : IOException
{
    private BpfException(string message, string operation, string target, int errno)
        : base(message) => (Operation, Target, ErrorNumber) = (operation, target, errno);

    /// <summary>What was tried, as a verb phrase: <c>update entries of</c>, <c>pin</c>, <c>load program</c>.</summary>
    public string Operation { get; }

    /// <summary>The map or program name, or the path, it was tried on.</summary>
    public string Target { get; }

    /// <summary>The errno, positive.</summary>
    public int ErrorNumber { get; }

    /// <summary>The errno by name, <c>EPERM</c> for example.</summary>
    public string ErrorName => Errno.NameOf(ErrorNumber);

    /// <summary>For a batch: how many of the given entries took effect before the refusal. 0 for everything else.</summary>
    public int Completed { get; internal init; }

    /// <summary>What the verifier wrote about a refused program; null for everything else.</summary>
    public string? VerifierLog { get; internal init; }

    /// <summary>The map has no room for another entry (hash maps say E2BIG, LPM tries ENOSPC).</summary>
    public bool IsMapFull => ErrorNumber is Errno.E2BIG or Errno.ENOSPC;

    internal static BpfException For(BpfCommand command, string operation, string target, int errno, int completed = 0) =>
        new(Describe(operation, target, errno, ErrnoAdvice.For(command, errno)), operation, target, errno) { Completed = completed };

    /// <summary>For calls beside bpf(2) (mount, open, statfs), which bring their own advice.</summary>
    internal static BpfException For(string operation, string target, int errno, string? advice) =>
        new(Describe(operation, target, errno, advice), operation, target, errno);

    internal static BpfException Refused(string program, int errno, string log)
    {
        string verdict = LastLine(log) is { Length: > 0 } line ? $"the verifier says: {line}" : ErrnoAdvice.For(BpfCommand.ProgramLoad, errno) ?? "";
        return new BpfException(Describe("load program", program, errno, verdict), "load program", program, errno) { VerifierLog = log };
    }

    private static string Describe(string operation, string target, int errno, string? advice) =>
        $"cannot {operation} {target}: {Errno.NameOf(errno)}" + (advice is null ? "" : $": {advice}");

    // The log ends with statistics ("processed 12 insns ..."); the reason stands in the line before them.
    private static string? LastLine(string log) => log
        .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .LastOrDefault(line => !line.StartsWith("processed ", StringComparison.Ordinal));
}
