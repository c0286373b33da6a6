namespace KvStoreMesh.TestSupport.Etcd;

/// <summary>The installed etcd.</summary>
public static class EtcdBinary
{
    private const string NewerVariable = "KVSTOREMESH_ETCD_35";
    private const string Installed = "installed";
    private const string Newer = "3.5";
    private const string Missing = "etcd is not installed: apt-get install etcd-server";

    /// <summary>Null if tests with etcd are to run.</summary>
    public static string? SkipReason { get; } =
        Find() is null && Environment.GetEnvironmentVariable("CI") != "true" ? Missing : null;

    /// <summary>The program's path.</summary>
    public static string Path => Find() ?? throw new InvalidOperationException(Missing);

    /// <summary>
    /// The etcds that traps are tested at: the installed one, and a newer one if <c>KVSTOREMESH_ETCD_35</c> names the folder of its programs.
    /// </summary>
    public static IReadOnlyList<string> Versions { get; } =
        Environment.GetEnvironmentVariable(NewerVariable) is { Length: > 0 } ? [Installed, Newer] : [Installed];

    /// <summary>The program of one of <see cref="Versions"/>.</summary>
    public static string PathOf(string version) => version == Installed
        ? Path
        : System.IO.Path.Combine(Environment.GetEnvironmentVariable(NewerVariable)!, "etcd");

    private static string? Find() => (Environment.GetEnvironmentVariable("PATH") ?? string.Empty)
        .Split(':', StringSplitOptions.RemoveEmptyEntries)
        .Select(folder => System.IO.Path.Combine(folder, "etcd"))
        .FirstOrDefault(File.Exists);
}
