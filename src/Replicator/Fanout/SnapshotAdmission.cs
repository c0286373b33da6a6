namespace KvStoreMesh.Replicator.Fanout;

/// <summary>
/// How many subscribers are brought up to date at the same time, in the order in which they asked. A place is a lease, and so is a
/// turn: whoever takes nothing for a moment, inside or at the head of the queue, goes on when it can, but keeps nobody waiting.
/// </summary>
/// <remarks>Called by all shards.</remarks>
internal sealed class SnapshotAdmission(int places, TimeSpan lease, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<object, long> _inside = [];
    private readonly LinkedList<(object Who, long Asked)> _waiting = new();
    private readonly Dictionary<object, LinkedListNode<(object Who, long Asked)>> _queued = [];

    /// <summary>Raised when a place became free and somebody waits: the shards have to look again.</summary>
    public event Action? Freed;

    /// <summary>Those that wait for a place.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Count;
            }
        }
    }

    /// <summary>Takes or renews a place; if there is none, gets in the queue.</summary>
    public bool TryEnter(object who)
    {
        lock (_gate)
        {
            var now = time.GetTimestamp();
            if (_inside.ContainsKey(who))
            {
                _inside[who] = now;
                return true;
            }

            if (_inside.Count >= places)
            {
                foreach (var (holder, since) in _inside)
                {
                    if (time.GetElapsedTime(since, now) > lease)
                    {
                        _inside.Remove(holder);
                    }
                }
            }

            if (!_queued.TryGetValue(who, out var place))
            {
                place = _queued[who] = _waiting.AddLast((who, now));
            }

            place.ValueRef.Asked = now;

            // Those that wait ask at every sweep. One that does not cannot take its bytes: it loses its turn, not its claim.
            while (_inside.Count < places && time.GetElapsedTime(_waiting.First!.Value.Asked, now) > lease)
            {
                Dequeue(_waiting.First.Value.Who);
            }

            if (_inside.Count < places && ReferenceEquals(_waiting.First!.Value.Who, who))
            {
                Dequeue(who);
                _inside[who] = now;
                return true;
            }

            return false;
        }
    }

    /// <summary>Gives the place back, or leaves the queue.</summary>
    public void Leave(object who)
    {
        bool wake;
        lock (_gate)
        {
            wake = (_inside.Remove(who) | Dequeue(who)) && _waiting.Count > 0;
        }

        if (wake)
        {
            Freed?.Invoke();
        }
    }

    private bool Dequeue(object who)
    {
        if (!_queued.Remove(who, out var node))
        {
            return false;
        }

        _waiting.Remove(node);
        return true;
    }
}
