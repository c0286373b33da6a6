using System.Globalization;

namespace KvStoreMesh.Bpf.Environment;

/// <summary>The effective capabilities of the calling thread, from <c>/proc/thread-self/status</c> (Linux keeps them per thread).</summary>
internal readonly record struct ThreadCapabilities(ulong Effective)
{
    private const int NetAdmin = 12;
    private const int SysAdmin = 21;
    private const int Bpf = 39;

    // CAP_SYS_ADMIN stands for both, as it did before CAP_BPF existed.
    public bool HasBpf => Has(Bpf) || Has(SysAdmin);

    public bool HasNetAdmin => Has(NetAdmin) || Has(SysAdmin);

    public static ThreadCapabilities Read() => Parse(File.ReadLines("/proc/thread-self/status"));

    public static ThreadCapabilities Parse(IEnumerable<string> status)
    {
        const string Name = "CapEff:";
        string? line = status.FirstOrDefault(l => l.StartsWith(Name, StringComparison.Ordinal));
        return new(line is null ? 0 : ulong.Parse(line.AsSpan(Name.Length).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
    }

    private bool Has(int capability) => (Effective >> capability & 1) != 0;
}
