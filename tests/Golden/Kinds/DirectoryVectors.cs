using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Replicator.ClusterConfigs;

namespace KvStoreMesh.Golden.Kinds;

/// <summary>What changes in the directory of configurations, on a real one.</summary>
internal sealed partial class DirectoryVectors(GoldenCase golden)
{
    private const string Content1 = "endpoints:\n- https://cluster1.cilium-etcd.cilium.svc:2379\n";
    private const string Content2 = "endpoints:\n- https://cluster1.cilium-etcd.cilium.svc:2380\n";
    private static readonly TimeSpan Confirmation = TimeSpan.FromSeconds(1);

    private readonly ConfigDirectoryScan _scan = new(ClusterName.Parse("own"), Confirmation);
    private string _directory = "";
    private TimeSpan _now;
    private int _swaps;

    public void Events() => InDirectory(() =>
    {
        foreach (var step in golden.Expect.GetProperty("events").EnumerateArray())
        {
            var text = step.GetProperty("op").GetString()!;
            Do(text);
            var first = Look();
            _now += Confirmation;
            var second = first.LookAgain ? Look() : first;

            // We do not tell a new file from a changed one: both are connected to anew.
            Assert.Equal(
                Names(step, "add").Concat(Names(step, "changed")).Order(), first.Configured.Select(source => source.Cluster.Value).Order());
            Assert.Equal(Names(step, "remove").Order(), second.Removed.Select(cluster => cluster.Value).Order());
        }
    });

    public void IsConfig() => InDirectory(() =>
    {
        foreach (var item in golden.Expect.GetProperty("is_config").EnumerateArray())
        {
            Directory.Delete(_directory, recursive: true);
            Directory.CreateDirectory(_directory);
            if (item.TryGetProperty("directory", out _))
            {
                Directory.CreateDirectory(In("cluster1"));
            }
            else
            {
                File.WriteAllText(In("cluster1"), item.GetProperty("content").GetString());
            }

            var found = new ConfigDirectoryScan(ClusterName.Parse("own"), Confirmation)
                .Look(ConfigFiles.ReadDirectory(_directory, 4096, out var failure), failure, TimeSpan.Zero);
            Assert.Equal(item.GetProperty("config").GetBoolean() ? 1 : 0, found.Configured.Length);
        }
    });

    public void OwnFileIsIgnored() => InDirectory(() =>
    {
        File.WriteAllText(In("own"), Content1);
        Assert.Empty(Look().Configured);
    });

    private void Do(string text)
    {
        var words = ClusterNames().Matches(text).Select(match => match.Value).Distinct().ToArray();
        switch (text.Split(' ')[0])
        {
            case "files":
                File.WriteAllText(In(words[0]), Content1);
                Swap(words[1], Content1);
                File.CreateSymbolicLink(In(words[1]), Path.Combine("..data", words[1]));
                break;
            case "remove" when words.Length == 0:
                Array.ForEach(Directory.GetFiles(_directory).Where(file => !Path.GetFileName(file).StartsWith('.')).ToArray(), File.Delete);
                break;
            case "remove":
                Array.ForEach(words, name => File.Delete(In(name)));
                break;
            case "create":
                File.WriteAllText(In(words[0]), Content1);
                break;
            case "rename":
                File.Move(In(words[0]), In(words[1]));
                break;
            case "touch":
                File.SetLastWriteTimeUtc(In(words[0]), new DateTime(2030, 1, 1, 0, 0, 0, DateTimeKind.Utc));
                break;
            case "kubelet":
                Swap("cluster2", Content2);
                break;
            case "swap":
                Swap("cluster2", Content1);
                break;
            default:
                throw new InvalidDataException($"{golden.File}: the event '{text}' is unknown");
        }
    }

    // As kubelet: a new directory, a new link beside the old one, renamed over it, the old directory removed.
    private void Swap(string name, string content)
    {
        var data = $"..data-{++_swaps}";
        Directory.CreateDirectory(In(data));
        File.WriteAllText(Path.Combine(_directory, data, name), content);
        File.CreateSymbolicLink(In("..data_tmp"), data);
        Assert.Equal(0, Rename(In("..data_tmp"), In("..data")));
        if (_swaps > 1)
        {
            Directory.Delete(In($"..data-{_swaps - 1}"), recursive: true);
        }
    }

    private ConfigDirectoryDiff Look() => _scan.Look(ConfigFiles.ReadDirectory(_directory, 4096, out var failure), failure, _now);

    private string In(string name) => Path.Combine(_directory, name);

    private void InDirectory(Action run)
    {
        _directory = Directory.CreateTempSubdirectory("kvstoremesh-golden-").FullName;
        try
        {
            run();
        }
        finally
        {
            Directory.Delete(_directory, recursive: true);
        }
    }

    private static IEnumerable<string> Names(JsonElement step, string list) =>
        step.TryGetProperty(list, out var names) ? names.EnumerateArray().Select(name => name.GetString()!) : [];

    // File.Move follows the link, which leads to a directory.
    [LibraryImport("libc", EntryPoint = "rename", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Rename(string from, string to);

    [GeneratedRegex("cluster[0-9]+")]
    private static partial Regex ClusterNames();
}
