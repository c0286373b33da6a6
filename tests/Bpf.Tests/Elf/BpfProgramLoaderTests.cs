using KvStoreMesh.Bpf.Elf;
using KvStoreMesh.Bpf.Syscalls;
using KvStoreMesh.TestSupport.Kernel;

namespace KvStoreMesh.Bpf.Tests.Elf;

/// <summary>What the verifier lets through, and what is said when it does not.</summary>
public sealed class BpfProgramLoaderTests
{
    private const uint CgroupSockAddr = 18;
    private const uint Connect4 = 10;

    // r0 = r10; r0 -= r10; r0 = 1; exit
    private static readonly byte[] PointerSubtraction =
        [0xbf, 0xa0, 0, 0, 0, 0, 0, 0, 0x1f, 0xa0, 0, 0, 0, 0, 0, 0, 0xb7, 0, 0, 0, 1, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0];

    // exit without a verdict
    private static readonly byte[] NoVerdict = [0x95, 0, 0, 0, 0, 0, 0, 0];

    private static readonly BpfProgramLoader Loader = new("GPL", new Dictionary<string, SafeBpfHandle>());

    [BpfFact]
    public void A_refused_program_is_named_with_what_the_verifier_says()
    {
        BpfException refused = Assert.Throws<BpfException>(() => Load(NoVerdict));

        Assert.StartsWith("cannot load program test: EACCES: the verifier says: ", refused.Message, StringComparison.Ordinal);
        Assert.Contains("R0", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
        Assert.Contains("processed", refused.VerifierLog, StringComparison.Ordinal);
    }

    [BpfFact]
    public void Without_CAP_PERFMON_the_verifier_is_stricter_which_is_why_the_programs_are_tested_so()
    {
        Load(PointerSubtraction).Dispose();

        BpfException refused = ReducedCapabilities.Run(
            [ReducedCapabilities.Bpf, ReducedCapabilities.NetAdmin], () => Assert.Throws<BpfException>(() => Load(PointerSubtraction)));

        Assert.Contains("pointer", refused.Message, StringComparison.Ordinal);
    }

    [BpfFact]
    public void Without_CAP_NET_ADMIN_the_missing_capability_is_named()
    {
        BpfException refused = ReducedCapabilities.Run([ReducedCapabilities.Bpf], () => Assert.Throws<BpfException>(() => Load(NoVerdict)));

        Assert.Equal("EPERM", refused.ErrorName);
        Assert.Contains("CAP_NET_ADMIN", refused.Message, StringComparison.Ordinal);
    }

    [BpfFact]
    public void A_map_that_was_not_given_is_named()
    {
        var program = new BpfProgramCode("test", "cgroup/connect4", NoVerdict, [new(0, "cilium_lb4_services_v2")]);

        InvalidDataException refused = Assert.Throws<InvalidDataException>(() => Loader.Load(program, CgroupSockAddr, Connect4));

        Assert.Contains("cilium_lb4_services_v2", refused.Message, StringComparison.Ordinal);
    }

    private static SafeBpfHandle Load(byte[] instructions) =>
        Loader.Load(new BpfProgramCode("test", "cgroup/connect4", instructions, []), CgroupSockAddr, Connect4);
}
