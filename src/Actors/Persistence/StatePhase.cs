namespace KvStoreMesh.Actors.Persistence;

/// <summary>What is being done with the stored state.</summary>
public enum StatePhase
{
    /// <summary>It is being opened and read.</summary>
    Opening,

    /// <summary>It is open; changes are written as they come.</summary>
    Open,

    /// <summary>It failed, and is opened again after a delay. What is served does not depend on it.</summary>
    BackingOff,
}
