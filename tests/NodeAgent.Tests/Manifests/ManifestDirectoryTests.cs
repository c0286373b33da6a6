using KvStoreMesh.NodeAgent.Manifests;

namespace KvStoreMesh.NodeAgent.Tests.Manifests;

public sealed class ManifestDirectoryTests : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("manifests").FullName;

    public void Dispose() => Directory.Delete(_path, recursive: true);

    [Fact]
    public void Files_that_come_change_and_go_are_told_and_a_removal_only_at_the_second_look()
    {
        var directory = new ManifestDirectory(_path);
        Assert.Empty(directory.Look()!.Files);
        Assert.Null(directory.Look());

        Write("b.yaml", "1");
        Write("a.yml", "2");
        Write("notes.txt", "3");
        Write(".hidden.yaml", "4");
        Assert.Equal(["a.yml 2", "b.yaml 1"], directory.Look()!.Files.Select(file => $"{file.Name} {file.Text}"));
        Assert.Null(directory.Look());

        Write("b.yaml", "longer");
        Assert.Equal("longer", directory.Look()!.Files[1].Text);

        File.Delete(Path.Combine(_path, "b.yaml"));
        Assert.Null(directory.Look());
        Assert.Equal(["a.yml"], directory.Look()!.Files.Select(file => file.Name));
    }

    [Fact]
    public void A_file_that_is_back_at_the_second_look_was_never_gone()
    {
        var directory = new ManifestDirectory(_path);
        Write("a.yaml", "1");
        directory.Look();
        File.Delete(Path.Combine(_path, "a.yaml"));
        Assert.Null(directory.Look());
        Write("a.yaml", "1");
        Assert.Null(directory.Look());
        Assert.Null(directory.Look());
    }

    [Fact]
    public void A_directory_that_cannot_be_read_changes_nothing_and_says_so()
    {
        Write("a.yaml", "1");
        var directory = new ManifestDirectory(_path);
        directory.Look();
        var aside = _path + "-aside";
        Directory.Move(_path, aside);
        try
        {
            var reading = directory.Look();
            Assert.Contains("cannot be read", reading!.Problem, StringComparison.Ordinal);
            Assert.Single(reading.Files);
        }
        finally
        {
            Directory.Move(aside, _path);
        }

        Assert.Null(directory.Look()!.Problem);
    }

    [Fact]
    public void What_is_too_large_or_a_pipe_is_told_without_being_read()
    {
        Write("big.yaml", new string('x', (1 << 20) + 1));
        TestSupport.Kernel.Command.Run("mkfifo", Path.Combine(_path, "pipe.yaml"));

        var files = new ManifestDirectory(_path).Look()!.Files;

        Assert.Contains("at most 1048576", files[0].Failure, StringComparison.Ordinal);
        Assert.Equal(string.Empty, files[1].Text);
    }

    [Fact]
    public void A_turned_link_is_noticed()
    {
        Directory.CreateDirectory(Path.Combine(_path, "v1"));
        Directory.CreateDirectory(Path.Combine(_path, "v2"));
        Write("v1/a.yaml", "1");
        Write("v2/a.yaml", "2");
        var link = Path.Combine(_path, "..data");
        Directory.CreateSymbolicLink(link, Path.Combine(_path, "v1"));
        File.CreateSymbolicLink(Path.Combine(_path, "a.yaml"), Path.Combine(link, "a.yaml"));
        var directory = new ManifestDirectory(_path);
        Assert.Equal("1", Assert.Single(directory.Look()!.Files).Text);

        Directory.Delete(link);
        Directory.CreateSymbolicLink(link, Path.Combine(_path, "v2"));
        Assert.Equal("2", Assert.Single(directory.Look()!.Files).Text);
    }

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_path, name), text);
}
