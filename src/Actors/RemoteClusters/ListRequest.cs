using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.Actors.RemoteClusters;

/// <summary>One page to be asked for.</summary>
/// <param name="Kind">The resource; null for the canaries.</param>
/// <param name="Range">The whole range of the list.</param>
/// <param name="FromKey">Where the page starts; null for the first.</param>
/// <param name="Revision">The revision of the list.</param>
internal readonly record struct ListRequest(ResourceKind? Kind, SourceRange Range, string? FromKey, long Revision);
