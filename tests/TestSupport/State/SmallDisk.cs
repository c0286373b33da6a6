using System.Diagnostics;

namespace KvStoreMesh.TestSupport.State;

/// <summary>A file system in memory of a given size, which can become full, larger or read-only. Disposing unmounts it.</summary>
public sealed class SmallDisk : IDisposable
{
    /// <summary>Mounts it.</summary>
    public SmallDisk(int megabytes) => Mount("-t", "tmpfs", "-o", $"size={megabytes}m", "tmpfs", Path);

    /// <summary>Where.</summary>
    public string Path { get; } = Directory.CreateTempSubdirectory("kvstoremesh-disk-").FullName;

    /// <summary>Gives it another size.</summary>
    public void Resize(int megabytes) => Mount("-o", $"remount,size={megabytes}m", Path);

    /// <summary>Makes it read-only.</summary>
    public void Seal() => Mount("-o", "remount,ro", Path);

    /// <inheritdoc />
    public void Dispose()
    {
        // Lazily: what is still open goes with its last user.
        Run("umount", "-l", Path);
        Directory.Delete(Path);
    }

    private static void Mount(params string[] arguments) => Run(["mount", .. arguments]);

    private static void Run(params string[] command)
    {
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{string.Join(' ', command)}: {error}");
        }
    }
}
