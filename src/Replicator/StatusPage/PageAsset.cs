using System.Security.Cryptography;

namespace KvStoreMesh.Replicator.StatusPage;

/// <summary>A file of the page, embedded in the program.</summary>
/// <param name="ContentType">Its media type.</param>
/// <param name="Bytes">Its content.</param>
/// <param name="Tag">Its ETag.</param>
internal sealed record PageAsset(string ContentType, byte[] Bytes, string Tag)
{
    /// <summary>Reads one.</summary>
    public static PageAsset Read(string name, string contentType)
    {
        using var stream = typeof(PageAsset).Assembly.GetManifestResourceStream($"KvStoreMesh.Replicator.StatusPage.Assets.{name}")
            ?? throw new InvalidOperationException($"{name} is not embedded");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return new PageAsset(contentType, bytes, $"\"{Convert.ToHexString(SHA256.HashData(bytes)[..8])}\"");
    }

    /// <summary>Reads one as text.</summary>
    public static string ReadText(string name) => System.Text.Encoding.UTF8.GetString(Read(name, "text/html").Bytes);
}
