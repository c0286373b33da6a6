using System.Globalization;
using System.Text;
using Google.Protobuf;
using KvStoreMesh.Protos.V1;

namespace KvStoreMesh.MeshBench.Fleet;

/// <summary>The first frame of a subscriber. Bytes of its own for what only a daemon that resumes knows; any other one ignores them.</summary>
internal static class MeshHello
{
    // Bits of Hello.features: resume tokens and diffs, Brotli.
    private const ulong Features = 1 | 2;

    // Tags of ClientFrame.hello, Hello.resume and Hello.resume_instance.
    private const byte HelloTag = (1 << 3) | 2;
    private const byte ResumeTag = (8 << 3) | 2;
    private const byte ResumeInstanceTag = (12 << 3) | 2;

    /// <summary>The bytes of a ClientFrame.</summary>
    /// <param name="number">The subscriber's.</param>
    /// <param name="heartbeatMs">The heartbeat it asks for.</param>
    /// <param name="receiveBudget">Bytes it takes ahead of its acks.</param>
    /// <param name="resume">Where it stands, by cluster.</param>
    /// <param name="instance">The daemon that said so; null = none yet.</param>
    public static byte[] Of(int number, int heartbeatMs, uint receiveBudget, IReadOnlyDictionary<string, ResumePoint> resume, string? instance)
    {
        var hello = new List<byte>(new Hello
        {
            ProtocolMin = 1,
            ProtocolMax = 1,
            Features = Features,
            NodeName = string.Create(CultureInfo.InvariantCulture, $"bench-{number}"),
            InstanceId = string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}-{number}"),
            HeartbeatMs = (uint)heartbeatMs,
            MaxFrameBytes = 256 << 10,
            ReceiveBudgetBytes = receiveBudget,
        }.ToByteArray());
        if (instance is not null)
        {
            foreach (var (cluster, point) in resume)
            {
                hello.AddRange(Field(ResumeTag, point.ToToken(cluster)));
            }

            hello.AddRange(Field(ResumeInstanceTag, Encoding.UTF8.GetBytes(instance)));
        }

        return Field(HelloTag, [.. hello]);
    }

    private static byte[] Field(byte tag, byte[] bytes) => [tag, .. ResumePoint.Varint((ulong)bytes.Length), .. bytes];
}
