namespace KvStoreMesh.Golden.Kinds;

/// <summary>Which code answers for which kind of case.</summary>
internal static class GoldenKinds
{
    private static readonly Dictionary<string, Func<GoldenCase, string, GoldenCheck?>> Kinds = new()
    {
        ["state-written-by-apiserver"] = (golden, name) => new StateVectors(golden).Check(name),
        ["agent-consumes"] = (golden, name) => new AgentVectors(golden).Check(name),
        ["kvstoremesh"] = (golden, name) => new KvStoreMeshVectors(golden).Check(name),
        ["kvstore-semantics"] = (golden, name) => new SemanticsVectors(golden).Check(name),
        ["validation"] = (golden, name) => new ValidationVectors(golden).Check(name),
        ["codec"] = (golden, name) => new CodecVectors(golden).Check(name),
        ["connection"] = (golden, name) => new ConnectionVectors(golden).Check(name),
        ["generator"] = (golden, name) => new GeneratorVectors(golden).Check(name),
        ["api"] = (golden, name) => new ApiVectors(golden).Check(name),
    };

    /// <summary>A check of every expectation of the case, and one of what its kind promises of any case.</summary>
    /// <exception cref="InvalidDataException">Nobody answers for the kind, or for one of the expectations.</exception>
    public static IReadOnlyList<GoldenCheck> ChecksOf(GoldenCase golden)
    {
        var file = Path.GetFileName(golden.File);
        if (!Kinds.TryGetValue(golden.Kind, out var kind))
        {
            throw new InvalidDataException($"{file}: kind '{golden.Kind}' is unknown: say in {nameof(GoldenKinds)} which code answers for it");
        }

        var any = kind(golden, string.Empty);
        return
        [
            .. any is null ? Array.Empty<GoldenCheck>() : [any],
            .. golden.Expect.EnumerateObject().Select(expected => kind(golden, expected.Name)
                ?? throw new InvalidDataException($"{file}: expect.{expected.Name} of kind '{golden.Kind}' is unknown: say there how it is checked")),
        ];
    }
}
