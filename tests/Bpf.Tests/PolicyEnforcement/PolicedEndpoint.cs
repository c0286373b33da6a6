using System.Net;
using System.Runtime.InteropServices;
using KvStoreMesh.Bpf.Maps;
using KvStoreMesh.Bpf.Maps.IpCache;
using KvStoreMesh.Bpf.Maps.Policy;
using KvStoreMesh.Bpf.PolicyEnforcement;
using KvStoreMesh.Bpf.Syscalls;
using KvStoreMesh.TestSupport.Kernel;

namespace KvStoreMesh.Bpf.Tests.PolicyEnforcement;

/// <summary>Maps and loaded programs of endpoint 42, which packets are run through by BPF_PROG_TEST_RUN: nothing is attached.</summary>
internal sealed unsafe class PolicedEndpoint : IDisposable
{
    public const ushort Id = 42;

    private const BpfCommand TestRun = (BpfCommand)10;

    private readonly BpffsDir _bpffs = new();
    private readonly Dictionary<string, SafeBpfHandle> _programs = [];

    public PolicedEndpoint(CiliumMapOptions? options = null)
    {
        var specs = new CiliumMaps(options ?? new() { ConntrackEntries = 1024 });
        string directory = CiliumMaps.PinDirectory(_bpffs.Path);
        Shared = SharedPolicyMaps.Open(specs, directory);
        IpCache = BpfMap.OpenOrCreatePinned(specs.IpCache, directory, PinMismatch.Refuse, out _);
        Policy = BpfMap.OpenOrCreatePinned(specs.Policy(Id), directory, PinMismatch.Refuse, out _);
        foreach (PolicyProgram program in PolicyProgram.OfInterface.Concat(PolicyProgram.OfCgroup))
        {
            _programs.Add(program.Name, PolicyObject.Load(program, Id, IpCache, Policy, Shared));
        }
    }

    public SharedPolicyMaps Shared { get; }

    public BpfMap<IpCacheKey, RemoteEndpointInfo> IpCache { get; }

    public BpfMap<PolicyKey, PolicyEntry> Policy { get; }

    public void Knows(string prefix, uint identity)
    {
        IPNetwork network = prefix.Contains('/', StringComparison.Ordinal) ? IPNetwork.Parse(prefix) : new(IPAddress.Parse(prefix), prefix.Contains(':', StringComparison.Ordinal) ? 128 : 32);
        IpCache.Update(new(network.BaseAddress, network.PrefixLength), new(identity));
    }

    public void Allows(PolicyKey key, uint precedence = PolicyEntry.AllowPrecedence) => Policy.Update(key, new(key, isDeny: false, precedence));

    public void Denies(PolicyKey key) => Policy.Update(key, new(key, isDeny: true, PolicyEntry.DenyPrecedence));

    /// <summary>Whether the packet passes at both kinds of attachment; they must agree.</summary>
    public bool Passes(PolicyDirection direction, byte[] packet)
    {
        bool egress = direction == PolicyDirection.Egress;
        int tcx = Run(egress ? "cil_from_container" : "cil_to_container", packet);
        int cgroup = Run(egress ? "cil_skb_egress" : "cil_skb_ingress", packet);
        Assert.Contains(tcx, (int[])[-1, 2]);
        Assert.Equal(tcx == -1 ? 1 : 0, cgroup);
        return tcx == -1;
    }

    public bool PassesIn(byte[] packet) => Passes(PolicyDirection.Ingress, packet);

    public bool PassesOut(byte[] packet) => Passes(PolicyDirection.Egress, packet);

    public List<DropEvent> Drops()
    {
        var drops = new List<DropEvent>();
        while (Shared.Drops.TryRead(out DropEvent dropped))
        {
            drops.Add(dropped);
        }

        return drops;
    }

    public int Run(string program, byte[] packet)
    {
        using SafeBpfHandle.Lease held = _programs[program].Hold();
        fixed (byte* data = packet)
        {
            var attributes = new TestRunAttributes { ProgramFd = (uint)held.Fd, DataSize = (uint)packet.Length, Data = (ulong)data, Repeat = 1 };
            int result = BpfSyscall.Call(TestRun, ref attributes);
            Assert.Equal(0, result);
            return (int)attributes.Result;
        }
    }

    public void Dispose()
    {
        foreach (SafeBpfHandle program in _programs.Values)
        {
            program.Dispose();
        }

        Policy.Dispose();
        IpCache.Dispose();
        Shared.Dispose();
        _bpffs.Dispose();
    }

    [StructLayout(LayoutKind.Explicit, Size = 80)]
    private struct TestRunAttributes
    {
        [FieldOffset(0)] public uint ProgramFd;
        [FieldOffset(4)] public uint Result;
        [FieldOffset(8)] public uint DataSize;
        [FieldOffset(16)] public ulong Data;
        [FieldOffset(32)] public uint Repeat;
    }
}
