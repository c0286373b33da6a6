using KvStoreMesh.Etcd;
using KvStoreMesh.TestSupport.Etcd;
using KvStoreMesh.TestSupport.Sources;

namespace KvStoreMesh.Integration.Resuming;

/// <summary>
/// Every way in which an etcd is known to hide a change from a client that goes on where it stood. Where a client by etcd's own rule
/// (the revision behind the last one seen) would be deceived, the test shows that too.
/// </summary>
public sealed class ResumeTrapTests
{
    public static TheoryData<string> Etcds => [.. EtcdBinary.Versions];

    [EtcdTheory]
    [MemberData(nameof(Etcds))]
    public async Task A_healthy_reconnection_costs_no_list(string version)
    {
        await using var run = await StartAsync(version, "echo", "web");
        var (lists, epoch) = (run.Lists, run.Position.Epoch);
        await run.DisconnectAsync();
        await run.Writer.DeleteAsync(ReplicaRun.Service("echo"));
        await run.Writer.PutAsync(ReplicaRun.Service("new"), "v");
        run.Network.Open();
        await run.EqualAsync();
        Assert.Equal((lists, epoch), (run.Lists, run.Position.Epoch));
        Assert.Equal((1L, 4L), (await run.Etcd.CountWatchStreamsAsync(), await run.Etcd.CountWatchesAsync()));
    }

    [EtcdTheory]
    [MemberData(nameof(Etcds))]
    public async Task A_deletion_at_the_compacted_revision_is_not_lost(string version)
    {
        await using var run = await StartAsync(version, "echo", "web");
        var last = await run.Writer.PutAsync(ReplicaRun.Service("web"), "last");
        await run.EqualAsync();
        await run.DisconnectAsync();
        var deletion = await run.Writer.DeleteAsync(ReplicaRun.Service("echo"));
        await run.Writer.CompactAsync(deletion);

        // The client's rule: behind the last event that was seen. Servers before 3.4.34 and 3.5.16 accept it, and say nothing of the deletion.
        var seen = await run.SeenByOtherClientAsync(last + 1);
        Assert.Equal(await run.Etcd.LosesDeletionsAsync(), seen.All(change => change.ModRevision != deletion));

        run.Network.Open();
        await run.EqualAsync();
    }

    [EtcdTheory]
    [MemberData(nameof(Etcds))]
    public async Task A_deletion_that_was_seen_and_then_compacted_away_costs_a_list_and_no_epoch(string version)
    {
        await using var run = await StartAsync(version, "echo", "web");
        var deletion = await run.Writer.DeleteAsync(ReplicaRun.Service("echo"));
        await run.EqualAsync();
        var epoch = run.Position.Epoch;
        await run.DisconnectAsync();
        await run.Writer.CompactAsync(deletion);
        run.Network.Open();
        await run.EqualAsync();
        await run.Writer.PutAsync(ReplicaRun.Service("next"), "v");
        await run.EqualAsync();
        Assert.Equal(epoch, run.Position.Epoch);
    }

    [EtcdTheory]
    [MemberData(nameof(Etcds))]
    public async Task A_backlog_that_is_cut_in_its_middle_again_and_again_is_complete(string version)
    {
        await using var run = await StartAsync(version, "echo");
        await run.DisconnectAsync();
        for (var i = 0; i < 3_000; i += 100)
        {
            // Single revisions, as the header of each answer to a backlog is far ahead of its events.
            await Task.WhenAll(Enumerable.Range(i, 100).Select(n => n % 3 == 0
                ? run.Writer.DeleteAsync(ReplicaRun.Service($"s{(n / 2) % 200}"))
                : run.Writer.PutAsync(ReplicaRun.Service($"s{n % 200}"), $"{n}")));
        }

        run.Network.Open();
        var random = new Random(3);
        for (var cut = 0; cut < 8; cut++)
        {
            var passed = run.Network.Passed;
            await ReplicaRun.UntilAsync(() => run.Network.Passed > passed || run.Status is { IsReady: true }, "connected again");
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(60)), TimeProvider.System, CancellationToken.None);
            run.Network.Cut();
        }

        await run.EqualAsync();
    }

    [EtcdTheory]
    [MemberData(nameof(Etcds))]
    public async Task A_wiped_etcd_with_equal_ids_is_found_out_even_if_it_has_overtaken_its_predecessor(string version)
    {
        await using var run = await StartAsync(version, "echo", "web");
        var (id, epoch, last) = (run.Status!.EtcdClusterId, run.Position.Epoch, run.Position.Revision);
        await run.DisconnectAsync();
        await run.ReplaceAsync(backup: null);
        await run.ExportAsync("other");
        for (var revision = 0L; revision < last + 3;)
        {
            revision = await run.Writer.PutAsync("elsewhere", "busy");
        }

        // The client's rule: accepted, and what the new one wrote before is passed by.
        Assert.Single(await run.SeenByOtherClientAsync(last + 1));

        run.Network.Open();
        await run.EqualAsync();
        Assert.Equal(id, run.Status.EtcdClusterId);
        Assert.NotEqual(epoch, run.Position.Epoch);
    }

    [EtcdTheory]
    [MemberData(nameof(Etcds))]
    public async Task A_wiped_etcd_that_is_behind_is_not_watched_in_the_future(string version)
    {
        await using var run = await StartAsync(version, [.. Enumerable.Range(0, 40).Select(i => $"s{i}")]);
        var epoch = run.Position.Epoch;
        await run.DisconnectAsync();
        await run.ReplaceAsync(backup: null);
        await run.ExportAsync("s1");
        run.Network.Open();
        await run.EqualAsync();
        Assert.NotEqual(epoch, run.Position.Epoch);
    }

    [EtcdTheory]
    [MemberData(nameof(Etcds))]
    public async Task A_restored_backup_is_found_out_when_it_forks_and_followed_when_it_does_not(string version)
    {
        await using var run = await StartAsync(version, "echo", "web");
        await run.DisconnectAsync();
        run.Writer.Dispose();
        var backup = await run.Etcd.BackUpAsync();
        await run.ReplaceAsync(backup);
        run.Network.Open();
        await run.EqualAsync();

        var epoch = run.Position.Epoch;
        var last = await run.Writer.PutAsync(ReplicaRun.Service("web"), "of the old history");
        await run.Writer.PutAsync(ReplicaRun.Service("lost"), "of the old history");
        await run.EqualAsync();
        await run.DisconnectAsync();
        await run.ReplaceAsync(backup);
        for (var revision = 0L; revision < last + 4;)
        {
            revision = await run.Writer.PutAsync(ReplicaRun.Service("other"), "of the new history");
        }

        run.Network.Open();
        await run.EqualAsync();
        Assert.NotEqual(epoch, run.Position.Epoch);
    }

    [EtcdTheory]
    [MemberData(nameof(Etcds))]
    public async Task A_compaction_in_the_middle_of_a_list_starts_it_anew(string version)
    {
        await using var run = await ReplicaRun.StartAsync(
            EtcdBinary.PathOf(version), new EtcdSourceOptions { FirstPageKeys = 20, MaxPageKeys = 20 }, [.. Enumerable.Range(0, 200).Select(i => $"s{i}")]);
        await run.DisconnectAsync();
        await run.Writer.WriteAsync(SourceWrite.Put(ReplicaRun.Service("s0"), "new"));
        await run.Writer.CompactAsync(await run.Writer.DeleteAsync(ReplicaRun.Service("s1")));
        var lists = run.Lists;
        run.Network.Open();
        await ReplicaRun.UntilAsync(() => run.Lists > lists, "a list has begun");
        for (var i = 0; i < 3; i++)
        {
            await run.Writer.CompactAsync(await run.Writer.DeleteAsync(ReplicaRun.Service($"s{10 + i}")));
        }

        await run.EqualAsync();
    }

    private static Task<ReplicaRun> StartAsync(string version, params string[] services) =>
        ReplicaRun.StartAsync(EtcdBinary.PathOf(version), null, services);
}
