namespace KvStoreMesh.TestSupport.Kernel;

/// <summary>Names for what the whole machine shares. No dots (a bpffs refuses them), 12 characters (network interfaces take 15).</summary>
public static class UniqueName
{
    public static string Next() => "kvm-" + Guid.NewGuid().ToString("N")[..8];
}
