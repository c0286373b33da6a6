namespace KvStoreMesh.MeshBench.Mock;

/// <summary>Numbers below a limit, some of them taken. Every operation takes constant time.</summary>
internal sealed class MockPool(int limit)
{
    private readonly List<int> _taken = [];
    private readonly HashSet<int> _isTaken = [];

    public IReadOnlyList<int> All => _taken;

    public int Count => _taken.Count;

    /// <summary>Takes a free number at random; needs at most half of them to be taken to be quick.</summary>
    public int Take(Random random)
    {
        if (_taken.Count == limit)
        {
            throw new InvalidOperationException($"all {limit} numbers are taken");
        }

        while (true)
        {
            var number = random.Next(limit);
            if (_isTaken.Add(number))
            {
                _taken.Add(number);
                return number;
            }
        }
    }

    /// <summary>One of those taken.</summary>
    public int Pick(Random random) => _taken[random.Next(_taken.Count)];

    /// <summary>Frees one of those taken.</summary>
    public int Return(Random random)
    {
        var i = random.Next(_taken.Count);
        var number = _taken[i];
        _taken[i] = _taken[^1];
        _taken.RemoveAt(_taken.Count - 1);
        _isTaken.Remove(number);
        return number;
    }
}
