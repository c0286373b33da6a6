using System.Globalization;
using KvStoreMesh.Replicator.StatusApi;

namespace KvStoreMesh.Replicator.StatusPage;

/// <summary>Values as the page words them. Pure.</summary>
internal static class DisplayText
{
    /// <summary>Stands for what is not known.</summary>
    public const string Unknown = "–";

    /// <summary>A rate: <c>0/s</c>, <c>1.5/s</c>, <c>325/s</c>.</summary>
    public static string Rate(double? perSecond) => perSecond is { } rate
        ? string.Create(CultureInfo.InvariantCulture, $"{(rate < 10 ? Math.Round(rate, 1) : Math.Round(rate))}/s")
        : Unknown;

    /// <summary>A time that has passed, in its largest unit: <c>0.4 s</c>, <c>12 s</c>, <c>3 min</c>, <c>5 h</c>, <c>2 d</c>.</summary>
    public static string Span(TimeSpan? span) => span switch
    {
        null => Unknown,
        { TotalSeconds: < 10 } short_ => string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, short_.TotalSeconds):0.0} s"),
        { TotalMinutes: < 2 } some => string.Create(CultureInfo.InvariantCulture, $"{some.TotalSeconds:0} s"),
        { TotalHours: < 2 } many => string.Create(CultureInfo.InvariantCulture, $"{many.TotalMinutes:0} min"),
        { TotalDays: < 2 } hours => string.Create(CultureInfo.InvariantCulture, $"{hours.TotalHours:0} h"),
        { } days => string.Create(CultureInfo.InvariantCulture, $"{days.TotalDays:0} d"),
    };

    /// <summary>A text of at most so many characters, cut with an ellipsis.</summary>
    public static string Short(string text, int length) => text.Length <= length ? text : $"{text.AsSpan(0, length - 1)}…";

    /// <summary>The state of a source in a word.</summary>
    public static string Of(SourceFreshness freshness) => freshness switch
    {
        SourceFreshness.Live => "live",
        SourceFreshness.Syncing => "syncing",
        SourceFreshness.Stale => "stale",
        SourceFreshness.Draining => "draining",
        SourceFreshness.Misconfigured => "misconfigured",
        _ => "connecting",
    };
}
