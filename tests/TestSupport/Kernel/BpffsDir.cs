namespace KvStoreMesh.TestSupport.Kernel;

/// <summary>A directory of its own in the bpffs, to be used as if it were the root. Its pins go with it, and with them unused maps and links.</summary>
public sealed class BpffsDir : IDisposable
{
    public BpffsDir()
    {
        Path = System.IO.Path.Combine(KernelPrerequisites.Demand().BpfFsRoot, UniqueName.Next());
        Directory.CreateDirectory(Path);
    }

    public string Path { get; }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
