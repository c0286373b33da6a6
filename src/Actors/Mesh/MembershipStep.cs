namespace KvStoreMesh.Actors.Mesh;

/// <summary>What a command or an end means for a member.</summary>
internal enum MembershipStep
{
    /// <summary>Nothing to do.</summary>
    None,

    /// <summary>Start its actor.</summary>
    Start,

    /// <summary>Give its actor the new definition.</summary>
    Reconfigure,

    /// <summary>The definition is kept until the actor has ended.</summary>
    Delay,

    /// <summary>The delayed definition is dropped.</summary>
    CancelDelayed,

    /// <summary>Have its actor drain.</summary>
    Drain,

    /// <summary>Gone.</summary>
    Forget,

    /// <summary>Gone, and the delayed definition starts as a new member.</summary>
    Replay,

    /// <summary>Its actor crashed: start another one, after a delay.</summary>
    Restart,
}
