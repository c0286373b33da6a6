using KvStoreMesh.NodeAgent.Services;

namespace KvStoreMesh.NodeAgent.LoadBalancing;

/// <summary>
/// How many frontends want each backend in which state. The map has one entry for all of them: it takes the best state any
/// of them sees, whatever the order in which they were told.
/// </summary>
internal sealed class BackendUses
{
    private readonly Dictionary<L3n4Addr, Counts> _uses = [];

    /// <summary>Some frontend wants the backend.</summary>
    public bool Contains(L3n4Addr address) => _uses.ContainsKey(address);

    /// <summary>The best state in which it is wanted; null if nobody wants it.</summary>
    public BackendState? StateOf(L3n4Addr address) => _uses.TryGetValue(address, out var counts) ? counts.Best : null;

    /// <summary>One more frontend wants these.</summary>
    public void Add(IReadOnlyList<SelectedBackend> backends) => Change(backends, 1);

    /// <summary>One frontend less.</summary>
    public void Remove(IReadOnlyList<SelectedBackend> backends) => Change(backends, -1);

    private void Change(IReadOnlyList<SelectedBackend> backends, int difference)
    {
        foreach (var backend in backends)
        {
            var counts = _uses.GetValueOrDefault(backend.Address).With(backend.State, difference);
            if (counts.IsZero)
            {
                _uses.Remove(backend.Address);
            }
            else
            {
                _uses[backend.Address] = counts;
            }
        }
    }

    /// <summary>A node has at most 65535 services, one for each service id.</summary>
    private readonly record struct Counts(ushort Active, ushort Terminating, ushort NotServing, ushort Quarantined, ushort Maintenance)
    {
        public bool IsZero => this == default;

        public BackendState Best => this switch
        {
            { Active: > 0 } => BackendState.Active,
            { Terminating: > 0 } => BackendState.Terminating,
            { NotServing: > 0 } => BackendState.TerminatingNotServing,
            { Quarantined: > 0 } => BackendState.Quarantined,
            _ => BackendState.Maintenance,
        };

        public Counts With(BackendState state, int difference) => state switch
        {
            BackendState.Active => this with { Active = (ushort)(Active + difference) },
            BackendState.Terminating => this with { Terminating = (ushort)(Terminating + difference) },
            BackendState.TerminatingNotServing => this with { NotServing = (ushort)(NotServing + difference) },
            BackendState.Quarantined => this with { Quarantined = (ushort)(Quarantined + difference) },
            _ => this with { Maintenance = (ushort)(Maintenance + difference) },
        };
    }
}
