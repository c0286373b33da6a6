using System.Numerics;

namespace KvStoreMesh.MeshBench.Fleet;

/// <summary>Times in buckets of at most 3 % width.</summary>
internal sealed class LagHistogram
{
    private const int Precision = 5;

    private readonly long[] _buckets = new long[64 << Precision];

    public long Count { get; private set; }

    public long MaxMicroseconds { get; private set; }

    public void Add(long microseconds)
    {
        microseconds = Math.Max(0, microseconds);
        MaxMicroseconds = Math.Max(MaxMicroseconds, microseconds);
        Count++;
        _buckets[BucketOf(microseconds)]++;
    }

    /// <summary>The upper bound of the bucket in which the quantile lies, ms; 0 without any.</summary>
    public double Quantile(double quantile)
    {
        var rank = (long)Math.Ceiling(Count * quantile);
        long seen = 0;
        for (var i = 0; i < _buckets.Length && rank > 0; i++)
        {
            seen += _buckets[i];
            if (seen >= rank)
            {
                return Math.Min(UpperBound(i), MaxMicroseconds) / 1000.0;
            }
        }

        return 0;
    }

    public void Clear()
    {
        Array.Clear(_buckets);
        (Count, MaxMicroseconds) = (0, 0);
    }

    // Exact below 32; above, the five bits after the leading one.
    private static int BucketOf(long value)
    {
        var log = BitOperations.Log2((ulong)value | 1);
        return log < Precision ? (int)value : ((log - Precision + 1) << Precision) | (int)((value >> (log - Precision)) & ((1 << Precision) - 1));
    }

    private static long UpperBound(int bucket)
    {
        var group = bucket >> Precision;
        var part = bucket & ((1 << Precision) - 1);
        return group == 0 ? part : (((1L << Precision) | (uint)part) + 1 << (group - 1)) - 1;
    }
}
