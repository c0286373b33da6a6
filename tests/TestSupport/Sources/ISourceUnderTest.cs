using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.TestSupport.Sources;

/// <summary>A source for <see cref="SourceConnectionContract"/>, and the hand that writes to it.</summary>
public interface ISourceUnderTest : IAsyncDisposable
{
    ISourceConnector Connector { get; }

    SourceDefinition Definition { get; }

    /// <summary>Writes in one transaction and returns its revision.</summary>
    Task<long> WriteAsync(params SourceWrite[] writes);

    /// <summary>Compacts up to a revision.</summary>
    Task CompactAsync(long revision);
}
