using CsCheck;

namespace KvStoreMesh.Core.Tests.Sinks;

/// <summary>
/// Random changes, removals, lost answers, lost leases, wiped stores, crashes of the owner and restarts of the daemon: when
/// it is quiet, the store holds exactly what it should, and on the way the order promises are kept.
/// </summary>
public sealed class SinkModelTests
{
    private const int Iterations = 200;

    [Fact]
    public void At_quiescence_the_store_holds_exactly_the_mirror() =>
        Gen.Int[0, int.MaxValue].Sample(seed => new SinkModel(seed, losesLeases: true).Run(120), iter: Iterations);

    [Fact]
    public void At_quiescence_a_store_that_is_shared_holds_exactly_the_mirror() =>
        Gen.Int[0, int.MaxValue].Sample(seed => new SinkModel(seed, losesLeases: true, electsLeader: true).Run(120), iter: Iterations / 2);

    [Fact]
    public void The_order_is_kept_from_one_leader_to_the_next() =>
        Gen.Int[0, int.MaxValue].Sample(seed => new SinkModel(seed, losesLeases: false, electsLeader: true).Run(120), iter: Iterations / 2);

    [Fact]
    public void The_config_precedes_data_and_a_canary_follows_its_data() =>
        Gen.Int[0, int.MaxValue].Sample(seed => new SinkModel(seed, losesLeases: false).Run(120), iter: Iterations);
}
