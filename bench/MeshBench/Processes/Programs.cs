namespace KvStoreMesh.MeshBench.Processes;

/// <summary>Where the programs are that a run starts.</summary>
internal static class Programs
{
    /// <summary>This program itself, for mocks and subscribers.</summary>
    public static string MeshBench => Path.Combine(AppContext.BaseDirectory, "MeshBench");

    /// <summary>The daemon, built beside this program.</summary>
    public static string Daemon { get; set; } = Sibling("KvStoreMesh.Replicator", "kvstoremesh");

    /// <summary>The node agent, built beside this program.</summary>
    public static string NodeAgent { get; set; } = Sibling("KvStoreMesh.NodeAgent", "node-agent");

    /// <summary>The installed etcd.</summary>
    /// <exception cref="BenchException">There is none.</exception>
    public static string Etcd => (Environment.GetEnvironmentVariable("PATH") ?? string.Empty)
        .Split(':', StringSplitOptions.RemoveEmptyEntries)
        .Select(folder => Path.Combine(folder, "etcd"))
        .FirstOrDefault(File.Exists) ?? throw new BenchException("etcd is not installed: apt-get install etcd-server");

    // artifacts/bin/<project>/<configuration>/
    private static string Sibling(string project, string program)
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory);
        return Path.Combine(configuration.Parent!.Parent!.FullName, project, configuration.Name, program);
    }
}
