namespace KvStoreMesh.MeshBench.Fleet;

/// <summary>Where a process of subscribers stands. Counts are since the last reset.</summary>
/// <param name="Subscribers">Subscribers wanted.</param>
/// <param name="Connected">Those with an open connection.</param>
/// <param name="Ready">Those that hold all there was at their start, and follow.</param>
/// <param name="Ended">Streams that ended by themselves, ever.</param>
/// <param name="LastEnd">Why the last of them did.</param>
/// <param name="Deliveries">Changes received one by one, over all subscribers.</param>
/// <param name="Duplicated">Changes that were not newer than what their receiver held.</param>
/// <param name="SnapshotRecords">Records received in snapshots.</param>
/// <param name="Messages">Messages received.</param>
/// <param name="Bytes">Their bytes.</param>
/// <param name="SlowestRevision">The highest revision that every running subscriber has reached.</param>
/// <param name="LastArrival">The monotonic clock when the last change arrived.</param>
/// <param name="LagP50">From the writing of a value to its arrival, ms.</param>
/// <param name="LagP99">The same.</param>
/// <param name="LagP999">The same.</param>
/// <param name="LagMax">The same.</param>
internal sealed record FleetStats(
    int Subscribers,
    int Connected,
    int Ready,
    long Ended,
    string? LastEnd,
    long Deliveries,
    long Duplicated,
    long SnapshotRecords,
    long Messages,
    long Bytes,
    long SlowestRevision,
    long LastArrival,
    double LagP50,
    double LagP99,
    double LagP999,
    double LagMax);
