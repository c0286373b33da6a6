namespace KvStoreMesh.Core.Sinks;

internal sealed partial class SinkCluster
{
    /// <summary>What the store was found to hold so far, while it is being listed.</summary>
    public StoreListing? Listing { get; private set; }

    /// <summary>What the store holds is not known any more. Nothing may be under way.</summary>
    public void Forget()
    {
        if (Phase != SinkClusterPhase.Draining)
        {
            Phase = SinkClusterPhase.Unlisted;
            Listing = null;
            _queues.Clear();
        }
    }

    /// <summary>Forgets also that writes were under way: for an owner that failed in between.</summary>
    public void Recover()
    {
        foreach (var entry in Entries)
        {
            entry.InFlight = false;
            entry.IsParked = false;
            entry.IsUncertain = true;
        }

        InFlight = 0;
        IsOnRing = false;
        IsDrainStepRunning = false;
        Forget();
    }

    public void BeginListing(StoreListing listing)
    {
        Phase = SinkClusterPhase.Listing;
        Listing = listing;
    }

    /// <summary>Compares with what the store holds and queues the differences.</summary>
    public void EndListing()
    {
        var listing = Listing!;
        Listing = null;
        Phase = SinkClusterPhase.Mirroring;
        foreach (var entry in Entries)
        {
            Compare(entry, listing.Take(entry));
        }

        foreach (var (key, found) in listing.Unclaimed)
        {
            var provisional = !Gate(key.Kind).IsSynced;
            var entry = new SinkEntry(this, key)
            {
                Written = found.Value,
                Desired = provisional ? found.Value : null,
                IsProvisional = provisional,
            };
            _data.Add(key, entry);
        }

        foreach (var entry in _data.Values.ToList())
        {
            Touch(entry);
        }

        foreach (var gate in Gates.Where(gate => gate.IsSynced || gate.Canary.Desired is not null))
        {
            CallCanary(gate);
        }
    }

    private void Compare(SinkEntry entry, StoreEntry? found)
    {
        entry.IsUncertain = false;
        // Equal bytes are kept once: the array that the cache also has.
        entry.Written = SinkEntry.SameBytes(entry.Desired, found?.Value) ? entry.Desired : found?.Value;
        if (entry.Lease is not null && entry.Lease.Id != found?.Lease)
        {
            leases.Release(entry);
        }

        if (!entry.IsData && entry.Desired is null && found is not null)
        {
            entry.Desired = found.Value.Value;
            entry.IsProvisional = true;
        }
    }
}
