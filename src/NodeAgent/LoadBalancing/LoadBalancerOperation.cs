using KvStoreMesh.NodeAgent.Services;

namespace KvStoreMesh.NodeAgent.LoadBalancing;

/// <summary>One write to one map. Deleting what is not there is no error.</summary>
public readonly record struct LoadBalancerOperation
{
    /// <summary>Which of the members below count.</summary>
    public LoadBalancerOperationKind Kind { get; private init; }

    /// <summary>The backend's or the service's id.</summary>
    public uint Id { get; private init; }

    /// <summary>The backend to put.</summary>
    public BackendEntry Backend { get; private init; }

    /// <summary>The slot to put or delete.</summary>
    public ServiceSlotKey Key { get; private init; }

    /// <summary>The slot's new value.</summary>
    public ServiceSlot Slot { get; private init; }

    /// <summary>The frontend of a reverse NAT entry; its protocol is not part of the map.</summary>
    public L3n4Addr Frontend { get; private init; }

    /// <summary>Puts a backend.</summary>
    public static LoadBalancerOperation PutBackend(uint id, BackendEntry backend) =>
        new() { Kind = LoadBalancerOperationKind.PutBackend, Id = id, Backend = backend };

    /// <summary>Deletes a backend.</summary>
    public static LoadBalancerOperation DeleteBackend(uint id) => new() { Kind = LoadBalancerOperationKind.DeleteBackend, Id = id };

    /// <summary>Puts a slot.</summary>
    public static LoadBalancerOperation PutSlot(ServiceFrontend frontend, ushort slot, ServiceSlot value) =>
        new() { Kind = LoadBalancerOperationKind.PutSlot, Key = new(frontend, slot), Slot = value };

    /// <summary>Deletes a slot.</summary>
    public static LoadBalancerOperation DeleteSlot(ServiceFrontend frontend, ushort slot) =>
        new() { Kind = LoadBalancerOperationKind.DeleteSlot, Key = new(frontend, slot) };

    /// <summary>Puts a reverse NAT entry.</summary>
    public static LoadBalancerOperation PutReverseNat(ushort id, L3n4Addr frontend) =>
        new() { Kind = LoadBalancerOperationKind.PutReverseNat, Id = id, Frontend = frontend with { Protocol = L4Protocol.Any } };

    /// <summary>Deletes a reverse NAT entry.</summary>
    public static LoadBalancerOperation DeleteReverseNat(ushort id) =>
        new() { Kind = LoadBalancerOperationKind.DeleteReverseNat, Id = id };
}
