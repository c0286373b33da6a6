using KvStoreMesh.NodeAgent.Services;

namespace KvStoreMesh.NodeAgent.LoadBalancing;

/// <summary>A key of <c>cilium_lb4_services_v2</c>.</summary>
/// <param name="Frontend">The service's address.</param>
/// <param name="Slot">0 is the master, which holds the count; 1 and up hold a backend each.</param>
public readonly record struct ServiceSlotKey(ServiceFrontend Frontend, ushort Slot);
