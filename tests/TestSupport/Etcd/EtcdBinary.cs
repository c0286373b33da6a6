namespace KvStoreMesh.TestSupport.Etcd;

/// <summary>The installed etcd.</summary>
public static class EtcdBinary
{
    private const string Missing = "etcd is not installed: apt-get install etcd-server";

    /// <summary>Null if tests with etcd are to run.</summary>
    public static string? SkipReason { get; } =
        Find() is null && Environment.GetEnvironmentVariable("CI") != "true" ? Missing : null;

    /// <summary>The program's path.</summary>
    public static string Path => Find() ?? throw new InvalidOperationException(Missing);

    private static string? Find() => (Environment.GetEnvironmentVariable("PATH") ?? string.Empty)
        .Split(':', StringSplitOptions.RemoveEmptyEntries)
        .Select(folder => System.IO.Path.Combine(folder, "etcd"))
        .FirstOrDefault(File.Exists);
}
