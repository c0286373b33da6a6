using System.Text;
using KvStoreMesh.Bpf.Maps.Policy;
using KvStoreMesh.NodeAgent.Datapath;
using KvStoreMesh.NodeAgent.Monitor;
using Microsoft.AspNetCore.Http;

namespace KvStoreMesh.NodeAgent.Tests.Monitor;

public sealed class DropMonitorTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Every_listener_is_told_each_drop_in_a_line()
    {
        var datapath = new Drops();
        var monitor = new DropMonitor(datapath, TimeProvider.System);
        using var stop = new CancellationTokenSource();
        var running = monitor.RunAsync(stop.Token);
        var listeners = Enumerable.Range(0, 2).Select(_ => new Body()).ToList();
        Task[] streams = [.. listeners.Select(body => monitor.StreamAsync(body.Response, stop.Token))];

        datapath.Add(new byte[64]);
        datapath.Add(new byte[64]);
        foreach (var body in listeners)
        {
            await body.HasLines(2).WaitAsync(Patience);
            Assert.Contains("\"reason\":\"Forwarded\"", body.Text, StringComparison.Ordinal);
        }

        await stop.CancelAsync();
        await Task.WhenAll(streams).WaitAsync(Patience);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.WaitAsync(Patience));
    }

    [Fact]
    public async Task More_listeners_than_there_is_room_for_are_refused()
    {
        var monitor = new DropMonitor(null, TimeProvider.System);
        using var stop = new CancellationTokenSource();
        List<Task> streams = [.. Enumerable.Range(0, 16).Select(_ => monitor.StreamAsync(new Body().Response, stop.Token))];
        var refused = new Body();

        await monitor.StreamAsync(refused.Response, stop.Token).WaitAsync(Patience);

        Assert.Equal(400, refused.Response.StatusCode);
        await stop.CancelAsync();
        await Task.WhenAll(streams).WaitAsync(Patience);
    }

    private sealed class Drops : IPolicyDatapath
    {
        private readonly System.Collections.Concurrent.BlockingCollection<DropEvent> _drops = [];

        public void Add(byte[] bytes) => _drops.Add(System.Runtime.InteropServices.MemoryMarshal.Read<DropEvent>(bytes));

        public IReadOnlyList<DropEvent> TakeDrops(TimeSpan wait) => _drops.TryTake(out var dropped, wait) ? [dropped] : [];

        public IReadOnlyDictionary<ushort, string> Owners() => new Dictionary<ushort, string>();

        public IPolicyMap Open(ushort endpoint) => throw new NotSupportedException();

        public void Attach(ushort endpoint, string owner, string? device, string? cgroup) => throw new NotSupportedException();

        public bool IsAttached(ushort endpoint, string? device, string? cgroup) => false;

        public void Remove(ushort endpoint) => throw new NotSupportedException();

        public IReadOnlyDictionary<MetricsKey, MetricsValue> Counts() => new Dictionary<MetricsKey, MetricsValue>();
    }

    private sealed class Body : Stream
    {
        private readonly Lock _lock = new();
        private readonly StringBuilder _text = new();
        private readonly TaskCompletionSource _two = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Body()
        {
            var context = new DefaultHttpContext();
            context.Response.Body = this;
            Response = context.Response;
        }

        public HttpResponse Response { get; }

        public string Text
        {
            get
            {
                lock (_lock)
                {
                    return _text.ToString();
                }
            }
        }

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public Task HasLines(int count)
        {
            Assert.Equal(2, count);
            return _two.Task;
        }

        public override void Write(byte[] buffer, int offset, int count)
        {
            lock (_lock)
            {
                _text.Append(Encoding.UTF8.GetString(buffer, offset, count));
                if (_text.ToString().Count(c => c == '\n') >= 2)
                {
                    _two.TrySetResult();
                }
            }
        }

        public override void Flush()
        {
            return;
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
