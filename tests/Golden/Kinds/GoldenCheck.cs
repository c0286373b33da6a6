namespace KvStoreMesh.Golden.Kinds;

/// <summary>One expectation of a case.</summary>
/// <param name="Name">Its name in <c>expect</c>, or what else it is about.</param>
/// <param name="RunAsync">Throws if it does not hold.</param>
/// <param name="NotHere">Why nothing is checked; null if something is.</param>
internal sealed record GoldenCheck(string Name, Func<Task> RunAsync, string? NotHere = null)
{
    public GoldenCheck(string name, Action run)
        : this(name, () =>
        {
            run();
            return Task.CompletedTask;
        })
    {
    }

    public static GoldenCheck NotApplicable(string name, string reason) => new(name, () => Task.CompletedTask, reason);
}
