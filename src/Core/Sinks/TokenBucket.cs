namespace KvStoreMesh.Core.Sinks;

/// <summary>A fixed rate, for operators who give one: tokens per second, as many saved at most, full at the start.</summary>
public sealed class TokenBucket(double perSecond)
{
    private double _rate = perSecond;
    private double _tokens = Math.Max(1, perSecond);
    private TimeSpan _filled;

    /// <summary>Tokens per second from now on.</summary>
    public void ChangeRate(double perSecond)
    {
        _rate = perSecond;
        _tokens = Math.Min(_tokens, Math.Max(1, perSecond));
    }

    /// <summary>When the next token is there; not after <paramref name="now"/> if there is one.</summary>
    public TimeSpan NextAt(TimeSpan now)
    {
        Fill(now);
        return _tokens >= 1 ? now : now + TimeSpan.FromSeconds((1 - _tokens) / _rate);
    }

    /// <summary>Takes a token that <see cref="NextAt"/> said is there.</summary>
    public void Take(TimeSpan now)
    {
        Fill(now);
        _tokens--;
    }

    private void Fill(TimeSpan now)
    {
        _tokens = Math.Min(Math.Max(1, _rate), _tokens + ((now - _filled).TotalSeconds * _rate));
        _filled = now;
    }
}
