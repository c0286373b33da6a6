using KvStoreMesh.TestSupport.Sources;

namespace KvStoreMesh.Core.Tests.Sources;

public sealed class FakeSourceContractTests : SourceConnectionContract
{
    protected override Task<ISourceUnderTest> StartAsync() => Task.FromResult<ISourceUnderTest>(new FakeSourceUnderTest());
}
