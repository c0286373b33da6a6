using KvStoreMesh.TestSupport.Kernel;

namespace KvStoreMesh.Bpf.Tests.Elf;

public sealed class CommittedObjectTests
{
    [ClangFact]
    public void The_committed_objects_are_what_their_sources_build_to()
    {
        string output = Command.Run("sh", Path.Combine(RepositoryRoot(), "src/Bpf/Programs/build.sh"), "--check");

        Assert.Empty(output);
    }

    private static string RepositoryRoot()
    {
        DirectoryInfo? directory = new(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "KvStoreMesh.sln")))
        {
            directory = directory.Parent;
        }

        return directory?.FullName ?? throw new InvalidOperationException("the tests do not run from within the repository");
    }
}
