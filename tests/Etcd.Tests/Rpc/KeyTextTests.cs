using CsCheck;
using Google.Protobuf;
using KvStoreMesh.Etcd.Rpc;

namespace KvStoreMesh.Etcd.Tests.Rpc;

public sealed class KeyTextTests
{
    private static readonly Gen<byte[]> Bytes = Gen.OneOf(
        Gen.Byte.Array[0, 20],
        Gen.String[0, 10].Select(System.Text.Encoding.UTF8.GetBytes),
        Gen.Select(Gen.String[0, 5].Select(System.Text.Encoding.UTF8.GetBytes), Gen.Byte.Array[0, 5], (a, b) => (byte[])[.. a, .. b]));

    [Fact]
    public void The_key_after_any_key_keeps_its_bytes() => Bytes.Sample(bytes =>
        KeyText.ToBytes(KeyText.After(ByteString.CopyFrom(bytes))).SequenceEqual([.. bytes, (byte)0]));

    [Fact]
    public void Text_and_only_text_is_read() => Bytes.Sample(bytes =>
    {
        var isText = KeyText.TryRead(ByteString.CopyFrom(bytes), out var text);
        return isText
            ? System.Text.Encoding.UTF8.GetBytes(text!).AsSpan().SequenceEqual(bytes)
            : System.Text.Encoding.UTF8.GetString(bytes).Contains('\ufffd', StringComparison.Ordinal);
    });

    [Fact]
    public void Keys_that_are_text_go_on_as_text()
    {
        Assert.Equal("cilium/state/ä/\U0001F600\0", KeyText.After(ByteString.CopyFromUtf8("cilium/state/ä/\U0001F600")));
        Assert.True(KeyText.ToBytes("\ud83d").Length > 0);
    }

    [Fact]
    public void A_value_is_not_copied_if_nobody_else_has_it()
    {
        var own = new byte[] { 1, 2, 3 };
        Assert.Same(own, KeyText.Value(UnsafeByteOperations.UnsafeWrap(own)));
        Assert.Equal([2], KeyText.Value(UnsafeByteOperations.UnsafeWrap(own.AsMemory(1, 1))));
    }
}
