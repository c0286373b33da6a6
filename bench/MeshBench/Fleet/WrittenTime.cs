using System.Buffers.Text;
using KvStoreMesh.MeshBench.Mock;

namespace KvStoreMesh.MeshBench.Fleet;

/// <summary>Finds the time that the mock has put into a value.</summary>
internal static class WrittenTime
{
    private const int Digits = 16;

    /// <summary>The monotonic clock at which the value was made; 0 if it does not say.</summary>
    public static long Of(ReadOnlySpan<byte> value)
    {
        var at = value.IndexOf(CiliumValues.TimeMark);
        return at >= 0
            && value.Length >= at + CiliumValues.TimeMark.Length + Digits
            && Utf8Parser.TryParse(value.Slice(at + CiliumValues.TimeMark.Length, Digits), out long written, out var read, 'x')
            && read == Digits ? written : 0;
    }
}
