using Xunit;

namespace KvStoreMesh.TestSupport.Etcd;

/// <summary>A test that needs the <c>etcd</c> program: skipped without it, failing without it where <c>CI=true</c>.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class EtcdFactAttribute : FactAttribute
{
    public EtcdFactAttribute() => Skip = EtcdBinary.SkipReason;
}
