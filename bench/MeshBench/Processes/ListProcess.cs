namespace KvStoreMesh.MeshBench.Processes;

/// <summary>The least that reading all keys can cost: paged lists into a dictionary, in a process of its own.</summary>
internal sealed class ListProcess : ChildProcess
{
    private ListProcess(IEnumerable<string> arguments)
        : base("bare list", Programs.MeshBench, arguments, isConversing: true)
    {
    }

    public static ListProcess Start(IEnumerable<string> sources) => new(["list", .. sources.SelectMany(source => (string[])["--source", source])]);
}
