using System.Security.Cryptography;
using KvStoreMesh.Actors.Persistence;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Sources;
using KvStoreMesh.Replicator.State;
using KvStoreMesh.TestSupport.State;
using Microsoft.Data.Sqlite;

namespace KvStoreMesh.Replicator.Tests.State;

/// <summary>What can happen to a database file and its disk: one clear line, never a wrong value, and it goes on.</summary>
public sealed class SqliteFailureTests : IDisposable
{
    private const int KeysPerCluster = 400;

    private readonly string _directory = Directory.CreateTempSubdirectory("kvstoremesh-state-").FullName;
    private readonly List<string> _notices = [];

    private string FilePath => Path.Combine(_directory, "state.db");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("this is no database at all, only a text of some length, longer than a header of one hundred bytes, so that it is read")]
    [InlineData("short")]
    public async Task What_is_no_database_is_kept_beside_a_new_one_and_said_in_one_line(string content)
    {
        await File.WriteAllTextAsync(FilePath, content);
        await using var store = await OpenAsync(_directory);
        Assert.Empty((await store.LoadAsync(default)).Clusters);
        await store.WriteAsync([Write("ape")], default);

        var notice = Assert.Single(_notices);
        Assert.Contains(FilePath, notice, StringComparison.Ordinal);
        Assert.Contains("state.db.damaged", notice, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', notice);
        Assert.Equal(content, await File.ReadAllTextAsync(FilePath + ".damaged"));
    }

    [Fact]
    public async Task An_empty_file_is_a_new_database()
    {
        await File.WriteAllBytesAsync(FilePath, []);
        await using var store = await OpenAsync(_directory);
        Assert.Empty((await store.LoadAsync(default)).Clusters);
        Assert.Empty(_notices);
    }

    [Theory]
    [InlineData("CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1);", "another program")]
    [InlineData("PRAGMA application_id = 77;", "another program")]
    [InlineData("PRAGMA application_id = 0x4B56534D; PRAGMA user_version = 99; CREATE TABLE kvstoremesh_clusters (x);", "later kvstoremesh")]
    public async Task A_database_that_is_not_ours_is_left_as_it_is(string content, string reason)
    {
        using (var theirs = new SqliteConnection($"Data Source={FilePath};Pooling=False"))
        {
            theirs.Open();
            SqliteStateFile.Run(theirs, content);
        }

        var before = SHA256.HashData(await File.ReadAllBytesAsync(FilePath));
        var refusal = await Assert.ThrowsAsync<EntryStoreException>(() => OpenAsync(_directory));
        Assert.Equal(EntryStoreFault.Foreign, refusal.Fault);
        Assert.Contains(FilePath, refusal.Message, StringComparison.Ordinal);
        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
        Assert.Equal(before, SHA256.HashData(await File.ReadAllBytesAsync(FilePath)));
        Assert.Empty(_notices);
    }

    [Fact]
    public async Task However_the_file_is_damaged_nothing_is_restored_that_was_not_stored_and_it_can_be_written_again()
    {
        await StoreAsync(_directory, "ape", "bee", "cat");
        var whole = await File.ReadAllBytesAsync(FilePath);
        var random = new Random(4);
        var (restored, refused) = (0, 0);
        for (var i = 0; i < 60; i++)
        {
            byte[] broken = [.. whole];
            switch (i % 3)
            {
                case 0:
                    broken = broken[..random.Next(1, whole.Length)];
                    break;
                case 1:
                    random.NextBytes(broken.AsSpan(random.Next(whole.Length - 9000), random.Next(1, 9000)));
                    break;
                default:
                    broken[random.Next(whole.Length)] ^= (byte)(1 << random.Next(8));
                    break;
            }

            foreach (var file in Directory.GetFiles(_directory))
            {
                File.Delete(file);
            }

            await File.WriteAllBytesAsync(FilePath, broken);
            try
            {
                await using var store = await OpenAsync(_directory);
                var mesh = await store.LoadAsync(default);
                restored += mesh.Clusters.Count(Restores);
                refused += 3 - mesh.Clusters.Count;
                await store.WriteAsync([.. mesh.Clusters.Select(cluster => Write(cluster.Cluster.Value)), Write("dog")], default);
            }
            catch (EntryStoreException error) when (error.Fault != EntryStoreFault.Unavailable)
            {
                // A flag in the header makes it somebody else's; a page that only writes meet is found by the write, and set aside.
                refused++;
            }

            await using var again = await TryOpenAsync();
            if (again is not null)
            {
                await again.WriteAsync([Write("dog")], default);
                Assert.Contains((await again.LoadAsync(default)).Clusters, cluster => cluster.Cluster.Value == "dog" && Restores(cluster));
            }
        }

        Assert.InRange(restored, 20, int.MaxValue);
        Assert.InRange(refused, 20, int.MaxValue);
    }

    [Fact]
    public async Task A_file_that_is_cut_to_its_half_gives_what_can_be_read_and_says_what_cannot()
    {
        await StoreAsync(_directory, "ape", "bee", "cat");
        using (var file = new FileStream(FilePath, FileMode.Open))
        {
            file.SetLength(file.Length / 2);
        }

        await using var store = await OpenAsync(_directory);
        var mesh = await store.LoadAsync(default);
        Assert.All(mesh.Clusters, cluster => Assert.True(Restores(cluster)));
        Assert.InRange(mesh.Clusters.Count, 0, 2);
        Assert.Contains("state.db", Assert.Single(_notices), StringComparison.Ordinal);
    }

    [MountFact]
    public async Task A_full_disk_fails_the_write_whole_and_is_used_again_when_there_is_space()
    {
        using var disk = new SmallDisk(1);
        await using var store = await OpenAsync(disk.Path);
        await store.WriteAsync([Write("ape", valueBytes: 100)], default);
        var full = await Assert.ThrowsAsync<EntryStoreException>(() => store.WriteAsync([Write("bee", valueBytes: 4000)], default));
        Assert.Equal(EntryStoreFault.Unavailable, full.Fault);
        Assert.Contains("full", full.Message, StringComparison.Ordinal);
        Assert.Contains(disk.Path, full.Message, StringComparison.Ordinal);
        Assert.Equal("ape", Assert.Single((await store.LoadAsync(default)).Clusters).Cluster.Value);

        disk.Resize(16);
        await store.WriteAsync([Write("bee", valueBytes: 4000)], default);
        Assert.Equal(2, (await store.LoadAsync(default)).Clusters.Count(Restores));
        Assert.Empty(_notices);
    }

    [MountFact]
    public async Task A_read_only_directory_is_refused_in_one_line_that_names_it()
    {
        using var disk = new SmallDisk(4);
        await StoreAsync(disk.Path, "ape");
        disk.Seal();
        var refusal = await Assert.ThrowsAsync<EntryStoreException>(() => OpenAsync(disk.Path));
        Assert.Equal(EntryStoreFault.Unavailable, refusal.Fault);
        Assert.Contains(disk.Path, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("writable", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refusal.Message);
    }

    private static bool Restores(StoredCluster stored)
    {
        try
        {
            var delta = new SourceReplica(stored.Cluster, new Random(1)).Restore(CheckpointFormat.Read(stored.Cluster, stored.Checkpoint), stored.Entries, 0);
            var expected = Write(stored.Cluster.Value).Changes.ToDictionary(change => change.Key, change => Convert.ToBase64String(change.Value!));
            if (expected.Count == delta.Changes.Count - 1 && stored.Entries[0].Value!.Length == 40)
            {
                Assert.All(delta.Changes.Skip(1), change => Assert.Equal(expected[change.Key], Convert.ToBase64String(change.Value!)));
            }

            return true;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    private async Task StoreAsync(string directory, params string[] clusters)
    {
        await using var store = await OpenAsync(directory);
        await store.WriteAsync([.. clusters.Select(cluster => Write(cluster))], default);
    }

    private Task<IEntryStore> OpenAsync(string directory) => new SqliteEntryStoreConnector(directory).OpenAsync(_notices.Add, default);

    private async Task<IEntryStore?> TryOpenAsync()
    {
        try
        {
            return await OpenAsync(_directory);
        }
        catch (EntryStoreException error) when (error.Fault == EntryStoreFault.Foreign)
        {
            return null;
        }
    }

    private static ClusterWrite Write(string cluster, int valueBytes = 40)
    {
        var name = ClusterName.Parse(cluster);
        var random = new Random(cluster[0]);
        List<MeshChange> entries = [.. Enumerable.Range(0, KeysPerCluster).Select(i =>
        {
            var value = new byte[valueBytes];
            random.NextBytes(value);
            return new MeshChange(new(ResourceKind.Services, $"default/service-{i}"), value, i + 2, i + 2);
        })];
        var sum = entries.Aggregate(0UL, (sum, entry) => sum + SourceFingerprint.Of(entry.Key, entry.Value, entry.Revision, entry.CreateRevision));
        var epoch = new SourceEpoch(7);
        var checkpoint = new SourceCheckpoint(
            name, 1, new(epoch, 500, sum), 500, new(CiliumKeys.ClusterConfig(name), """{"id":3}"""u8.ToArray(), 1, 1),
            [.. Enum.GetValues<ResourceKind>().Where(kind => kind != ResourceKind.ClusterConfig).Select(kind => new ResourceCheckpoint(kind, epoch, 500, true, null))]);
        return new(name, true, entries, CheckpointFormat.Write(checkpoint), DateTimeOffset.UnixEpoch);
    }
}
