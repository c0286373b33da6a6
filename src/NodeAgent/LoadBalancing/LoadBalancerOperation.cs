using KvStoreMesh.NodeAgent.Services;

namespace KvStoreMesh.NodeAgent.LoadBalancing;

/// <summary>One write to one map. Deleting what is not there is no error.</summary>
/// <remarks>A full sync holds hundreds of thousands of them, so the kinds share their fields.</remarks>
public readonly record struct LoadBalancerOperation
{
    private readonly L3n4Addr _address;
    private readonly ServiceSlot _slot;
    private readonly ushort _number;
    private readonly byte _small;
    private readonly byte _zone;

    private LoadBalancerOperation(
        LoadBalancerOperationKind kind, uint id, L3n4Addr address, ServiceSlot slot = default, ushort number = 0, byte small = 0, byte zone = 0) =>
        (Kind, Id, _address, _slot, _number, _small, _zone) = (kind, id, address, slot, number, small, zone);

    /// <summary>Which of the members below count.</summary>
    public LoadBalancerOperationKind Kind { get; }

    /// <summary>The backend's id, or of a reverse NAT entry the service's.</summary>
    public uint Id { get; }

    /// <summary>Which of the two maps of its kind is written.</summary>
    public bool IsIpv6 => _address.IsIpv6;

    /// <summary>The backend to put.</summary>
    public BackendEntry Backend => new(_address, _small, _number, _zone);

    /// <summary>The slot to put or delete.</summary>
    public ServiceSlotKey Key => new(new(_address, _small), _number);

    /// <summary>The slot's new value.</summary>
    public ServiceSlot Slot => _slot;

    /// <summary>The frontend of a reverse NAT entry; its protocol is not part of the map.</summary>
    public L3n4Addr Frontend => _address;

    /// <summary>The backend and the service of an affinity match.</summary>
    public AffinityMatch Match => new(Id, _number);

    /// <summary>Puts a backend.</summary>
    public static LoadBalancerOperation PutBackend(uint id, BackendEntry backend) =>
        new(LoadBalancerOperationKind.PutBackend, id, backend.Address, number: backend.ClusterId, small: backend.State, zone: backend.Zone);

    /// <summary>Deletes a backend.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="address">Its address, for the family.</param>
    public static LoadBalancerOperation DeleteBackend(uint id, L3n4Addr address) => new(LoadBalancerOperationKind.DeleteBackend, id, address);

    /// <summary>Puts a slot.</summary>
    public static LoadBalancerOperation PutSlot(ServiceFrontend frontend, ushort slot, ServiceSlot value) =>
        new(LoadBalancerOperationKind.PutSlot, 0, frontend.Address, value, slot, frontend.Scope);

    /// <summary>Deletes a slot.</summary>
    public static LoadBalancerOperation DeleteSlot(ServiceFrontend frontend, ushort slot) =>
        new(LoadBalancerOperationKind.DeleteSlot, 0, frontend.Address, number: slot, small: frontend.Scope);

    /// <summary>Puts a reverse NAT entry.</summary>
    public static LoadBalancerOperation PutReverseNat(ushort id, L3n4Addr frontend) =>
        new(LoadBalancerOperationKind.PutReverseNat, id, frontend with { Protocol = L4Protocol.Any });

    /// <summary>Deletes a reverse NAT entry.</summary>
    /// <param name="id">The service's id.</param>
    /// <param name="frontend">Its address, for the family.</param>
    public static LoadBalancerOperation DeleteReverseNat(ushort id, L3n4Addr frontend) =>
        new(LoadBalancerOperationKind.DeleteReverseNat, id, frontend);

    /// <summary>Puts an affinity match.</summary>
    public static LoadBalancerOperation PutAffinityMatch(AffinityMatch match) =>
        new(LoadBalancerOperationKind.PutAffinityMatch, match.BackendId, default, number: match.ServiceId);

    /// <summary>Deletes an affinity match.</summary>
    public static LoadBalancerOperation DeleteAffinityMatch(AffinityMatch match) =>
        new(LoadBalancerOperationKind.DeleteAffinityMatch, match.BackendId, default, number: match.ServiceId);
}
