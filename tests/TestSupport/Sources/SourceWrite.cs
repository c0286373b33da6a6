using System.Text;

namespace KvStoreMesh.TestSupport.Sources;

/// <summary>One write of a transaction.</summary>
/// <param name="Key">The key.</param>
/// <param name="Value">The value; null deletes the key.</param>
public readonly record struct SourceWrite(string Key, byte[]? Value)
{
    public static SourceWrite Put(string key, string value) => new(key, Encoding.UTF8.GetBytes(value));

    public static SourceWrite Put(string key, byte[] value) => new(key, value);

    public static SourceWrite Delete(string key) => new(key, null);
}
