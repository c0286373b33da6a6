using KvStoreMesh.Actors.RemoteClusters;
using KvStoreMesh.Actors.Tests.Support;
using KvStoreMesh.Core.Sources;
using KvStoreMesh.TestSupport.Sources;

namespace KvStoreMesh.Actors.Tests.RemoteClusters;

public sealed class SourceSessionTests
{
    private readonly FakeSource _source = new(TimeProvider.System);

    [Fact]
    public async Task Closing_ends_the_watch_and_the_connection_and_fails_what_is_pending()
    {
        var session = await WatchingAsync();
        var pending = session.ReadWatchAsync();

        await session.CloseAsync();

        Assert.Equal((0, 0), (_source.OpenConnections, _source.OpenStreams));
        await Assert.ThrowsAnyAsync<Exception>(() => pending);
    }

    [Fact]
    public async Task Closing_cancels_a_connection_that_hangs()
    {
        _source.Connects.Close();
        var session = new SourceSession(_source, Some.Definition("ape"));
        var connecting = session.ConnectAsync();

        await session.CloseAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting);
    }

    [Fact]
    public async Task A_connection_that_comes_after_the_end_is_disposed()
    {
        var connector = new HeldConnector(_source);
        var session = new SourceSession(connector, Some.Definition("ape"));
        var connecting = session.ConnectAsync();
        await session.CloseAsync();
        Assert.Equal(1, _source.OpenConnections);

        connector.ReleaseOne();

        await Assert.ThrowsAsync<OperationCanceledException>(() => connecting);
        Assert.Equal(0, _source.OpenConnections);
    }

    [Fact]
    public async Task The_end_is_one_task_however_often_it_is_asked_for()
    {
        var session = await WatchingAsync();

        Assert.Same(session.CloseAsync(), session.CloseAsync());
        await session.CloseAsync();
    }

    [Fact]
    public async Task Closing_the_watch_keeps_the_connection()
    {
        var session = await WatchingAsync();

        Assert.True((await session.CloseWatchAsync()).WasOpen);
        Assert.False((await session.CloseWatchAsync()).WasOpen);

        Assert.Equal((1, 0), (_source.OpenConnections, _source.OpenStreams));
        await session.CloseAsync();
    }

    [Fact]
    public async Task An_adapter_that_throws_at_once_looks_like_one_that_throws_later()
    {
        var session = new SourceSession(new ThrowingConnector(), Some.Definition("ape"));

        await Assert.ThrowsAsync<SourceException>(session.ConnectAsync);
        await session.CloseAsync();
    }

    private async Task<SourceSession> WatchingAsync()
    {
        var session = new SourceSession(_source, Some.Definition("ape"));
        await session.ConnectAsync();
        await session.OpenWatchAsync([new(SourceRange.Prefix("cilium/"), 2)]);
        Assert.Equal(1, _source.OpenStreams);
        return session;
    }

    private sealed class ThrowingConnector : ISourceConnector
    {
        public Task<ISourceConnection> ConnectAsync(SourceDefinition definition, CancellationToken cancellationToken) =>
            throw new SourceException(SourcePhase.Configuration, "no such file");
    }
}
