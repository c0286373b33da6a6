using Akka.Actor;
using Akka.Serialization;

namespace KvStoreMesh.Actors.Persistence;

/// <summary>Brings <see cref="LifecycleFormat"/> to Akka.</summary>
/// <param name="system">The system it serves.</param>
internal sealed class LifecycleSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    // In every row of the journal: never to be changed.
    public override int Identifier => 4260;

    public override string Manifest(object o) => LifecycleFormat.Manifest(o);

    public override byte[] ToBinary(object obj) => LifecycleFormat.Write(obj);

    public override object FromBinary(byte[] bytes, string manifest) => LifecycleFormat.Read(manifest, bytes);
}
