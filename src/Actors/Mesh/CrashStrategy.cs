using Akka.Actor;

namespace KvStoreMesh.Actors.Mesh;

/// <summary>
/// Stops a child that threw, and says which one it was and why. It is not restarted in place: a bug that shows at once would spin. The
/// parent starts another child after a delay.
/// </summary>
internal sealed class CrashStrategy(Action<IActorRef, Exception> crashed)
    : OneForOneStrategy(maxNrOfRetries: -1, withinTimeRange: null, localOnlyDecider: _ => Directive.Stop)
{
    protected override Directive Handle(IActorRef child, Exception exception)
    {
        crashed(child, exception);
        return Directive.Stop;
    }
}
