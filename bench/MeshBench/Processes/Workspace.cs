using System.Diagnostics;

namespace KvStoreMesh.MeshBench.Processes;

/// <summary>A folder for the run's files, in memory where there is such a file system; gone with the run.</summary>
internal sealed class Workspace : IDisposable
{
    private readonly string _folder;
    private int _next;

    public Workspace()
    {
        var memory = Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath();
        _folder = Path.Combine(memory, $"meshbench-{Environment.ProcessId}-{Guid.NewGuid():n}");
        Directory.CreateDirectory(_folder);
        AppDomain.CurrentDomain.ProcessExit += Delete;
    }

    /// <summary>A new folder.</summary>
    public string Folder(string name)
    {
        var path = Path.Combine(_folder, $"{name}-{Interlocked.Increment(ref _next)}");
        Directory.CreateDirectory(path);
        return path;
    }

    /// <summary>Writes an etcd client configuration and returns its path.</summary>
    public string EtcdConfig(string url) => Write(Folder("config"), "etcd.yaml", $"endpoints:\n- {url}\n");

    /// <summary>Writes a file and returns its path.</summary>
    public static string Write(string folder, string name, string text)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= Delete;
        Delete(null, EventArgs.Empty);
    }

    private void Delete(object? sender, EventArgs e)
    {
        try
        {
            Directory.Delete(_folder, recursive: true);
        }
        catch (IOException)
        {
            Debug.WriteLine($"{_folder} is in use");
        }
    }
}
