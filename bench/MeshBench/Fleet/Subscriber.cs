using System.Diagnostics;
using System.Net;
using KvStoreMesh.MeshBench.Wire;

namespace KvStoreMesh.MeshBench.Fleet;

/// <summary>One reader on a connection of its own. Its content survives its connections.</summary>
internal abstract class Subscriber : IMessageReader
{
    protected Subscriber(SubscriberCounters counters) => (Counters, Content) = (counters, new SubscriberContent(counters.Keys));

    public SubscriberContent Content { get; }

    public GrpcStream? Stream { get; private set; }

    /// <summary>It holds all there was when it connected, and follows.</summary>
    public bool IsReady { get; protected set; }

    /// <summary>The highest revision it was told.</summary>
    public long Revision { get; protected set; }

    /// <summary>When it next has something to say by itself; <see cref="long.MaxValue"/> = nothing.</summary>
    public long DueAt { get; protected set; } = long.MaxValue;

    /// <summary>It was told to stand still.</summary>
    public bool IsStopped { get; set; }

    protected SubscriberCounters Counters { get; }

    protected abstract string Path { get; }

    public void Connect(IPEndPoint server)
    {
        IsReady = false;
        Stream?.Dispose();
        Stream = new GrpcStream(server, Path, this);
        Begin(Stream);
    }

    /// <summary>Closes the connection and keeps the content.</summary>
    public void Disconnect()
    {
        Stream?.Dispose();
        (Stream, IsReady, DueAt) = (null, false, long.MaxValue);
    }

    /// <summary>Says what is due.</summary>
    public virtual void OnDue()
    {
    }

    public void OnMessage(ReadOnlySpan<byte> message)
    {
        Counters.Messages++;
        Counters.Bytes += message.Length;
        Take(message);
    }

    protected abstract void Begin(GrpcStream stream);

    protected abstract void Take(ReadOnlySpan<byte> message);

    /// <summary>Takes one change that came by itself.</summary>
    protected void Deliver(in RecordNote note, long now)
    {
        Revision = Math.Max(Revision, note.Revision);
        if (note.Key < 0)
        {
            return;
        }

        Counters.Deliveries++;
        Counters.LastArrival = now;
        if (!Content.Apply(note))
        {
            Counters.Duplicated++;
        }

        if (note.Written != 0)
        {
            Counters.Lag.Add((now - note.Written) / (Stopwatch.Frequency / 1_000_000));
        }
    }
}
