using Xunit;

namespace KvStoreMesh.TestSupport.Etcd;

/// <summary>As <see cref="EtcdFactAttribute"/>, with data.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class EtcdTheoryAttribute : TheoryAttribute
{
    public EtcdTheoryAttribute() => Skip = EtcdBinary.SkipReason;
}
