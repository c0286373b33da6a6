using Akka.Configuration;

namespace KvStoreMesh.Actors.Persistence;

/// <summary>What Akka has to know of the journal of the clusters' lives, whatever database it is in.</summary>
public static class LifecycleJournal
{
    /// <summary>Its payloads and their serializer.</summary>
    public static Config Serialization { get; } = ConfigurationFactory.ParseString(
        $$"""
        akka.actor {
            serializers.kvstoremesh-lifecycle = "{{Name(typeof(LifecycleSerializer))}}"
            serialization-bindings {
                "{{Name(typeof(LifecycleEvent))}}" = kvstoremesh-lifecycle
                "{{Name(typeof(LifecycleState))}}" = kvstoremesh-lifecycle
            }
        }
        """);

    private static string Name(Type type) => $"{type.FullName}, {type.Assembly.GetName().Name}";
}
