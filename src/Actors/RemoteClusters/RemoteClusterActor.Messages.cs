using KvStoreMesh.Core.Sources;

namespace KvStoreMesh.Actors.RemoteClusters;

/// <content>What the actor sends to itself.</content>
internal sealed partial class RemoteClusterActor
{
    /// <summary>Belongs to an attempt; void once that is over.</summary>
    private interface IStepResult
    {
        long Attempt { get; }
    }

    private sealed record StepDone<T>(long Attempt, T Result) : IStepResult;

    private sealed record StepFailed(long Attempt, SourcePhase Phase, Exception Error) : IStepResult;

    private sealed record StepTimedOut(long Attempt, SourcePhase Phase, TimeSpan Limit) : IStepResult;

    private sealed record SessionClosed(long Attempt, Exception? Error) : IStepResult;

    private sealed record OverlapTimedOut(long Attempt) : IStepResult;

    private sealed record RecheckConfig(long Attempt) : IStepResult;

    private sealed record Retry(long Attempt) : IStepResult;

    private sealed record AuditDue
    {
        public static readonly AuditDue Instance = new();
    }

    private sealed record CheckFreshness
    {
        public static readonly CheckFreshness Instance = new();
    }

    private sealed record PublishStatus
    {
        public static readonly PublishStatus Instance = new();
    }
}
