namespace KvStoreMesh.Etcd;

/// <summary>Limits and times of the connections to sources.</summary>
public sealed class EtcdSourceOptions
{
    /// <summary>
    /// From the name's resolution to the first answer, of each endpoint; also the time for any later small answer: one key,
    /// a watch accepted. A peer that accepts TCP and stays silent fails after it.
    /// </summary>
    public TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>For one page of a list, which may be megabytes over a slow link. A dead peer is found sooner by keep-alive.</summary>
    public TimeSpan PageTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// Silence before a connection with open calls is probed; Cilium's value. Never less than 5 s in production: etcd ends
    /// connections that ask more often. The configuration's dial-keep-alive-time wins.
    /// </summary>
    public TimeSpan KeepAliveTime { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Silence after a probe that ends the connection; Cilium's value. The configuration's dial-keep-alive-timeout wins.</summary>
    public TimeSpan KeepAliveTimeout { get; init; } = TimeSpan.FromSeconds(25);

    /// <summary>Keys of the first page of a list. Small pages are slow: etcd counts all keys of the range for each.</summary>
    public int FirstPageKeys { get; init; } = 5_000;

    /// <summary>The most keys of a page, however small they are.</summary>
    public int MaxPageKeys { get; init; } = 50_000;

    /// <summary>The size in bytes that later pages are aimed at.</summary>
    public int TargetPageBytes { get; init; } = 6 * 1024 * 1024;

    /// <summary>
    /// The largest answer accepted, in bytes. A page above it is asked for again in halves; a watch response above it (1,000
    /// revisions of backlog at once, at worst) ends the watch, and the list that follows is paged.
    /// </summary>
    public int MaxMessageBytes { get; init; } = 128 * 1024 * 1024;
}
