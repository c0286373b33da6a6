using System.Buffers;
using System.Globalization;
using System.Text;

namespace KvStoreMesh.Replicator.Options;

/// <summary>Durations in Go's syntax, e.g. <c>1h15m</c>, <c>1.5s</c>, <c>300ms</c>, <c>0</c>.</summary>
internal static class GoDuration
{
    /// <summary>What is expected, for messages.</summary>
    public const string Rule = "must be a duration such as 300ms, 15s or 1h10m";

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789.");

    private static readonly (string Name, double Ticks)[] Units =
    [
        ("ns", 0.01), ("us", 10), ("µs", 10), ("μs", 10), ("ms", TimeSpan.TicksPerMillisecond),
        ("s", TimeSpan.TicksPerSecond), ("m", TimeSpan.TicksPerMinute), ("h", TimeSpan.TicksPerHour),
    ];

    /// <summary>Parses a duration that is not negative.</summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        if (text == "0")
        {
            return true;
        }

        double ticks = 0;
        var rest = text.AsSpan();
        while (rest.Length > 0)
        {
            var digits = rest.IndexOfAnyExcept(Digits);
            if (digits <= 0
                || !double.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            {
                return false;
            }

            rest = rest[digits..];
            var end = rest.IndexOfAny(Digits);
            var name = (end < 0 ? rest : rest[..end]).ToString();
            rest = end < 0 ? [] : rest[end..];
            var unit = Array.Find(Units, unit => unit.Name == name);
            if (unit.Name is null)
            {
                return false;
            }

            ticks += number * unit.Ticks;
        }

        // Go's own limit is 2^63 ns, about 292 years; more than a century is a slip of the hand.
        if (text.Length == 0 || ticks > TimeSpan.FromDays(36_525).Ticks)
        {
            return false;
        }

        duration = TimeSpan.FromTicks((long)Math.Round(ticks));
        return true;
    }

    /// <summary>Writes whole seconds as Go does: <c>1h2m3s</c>, <c>0s</c>.</summary>
    public static string Format(TimeSpan duration)
    {
        var seconds = (long)Math.Max(0, duration.TotalSeconds);
        var text = new StringBuilder();
        if (seconds >= 3600)
        {
            text.Append(CultureInfo.InvariantCulture, $"{seconds / 3600}h");
        }

        if (seconds >= 60)
        {
            text.Append(CultureInfo.InvariantCulture, $"{seconds / 60 % 60}m");
        }

        return text.Append(CultureInfo.InvariantCulture, $"{seconds % 60}s").ToString();
    }
}
