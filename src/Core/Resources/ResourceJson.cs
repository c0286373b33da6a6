using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using KvStoreMesh.Core.Json;

namespace KvStoreMesh.Core.Resources;

/// <summary>What the JSON of all resources has in common: the limit and the form of an error.</summary>
internal static class ResourceJson
{
    /// <summary>The longest value accepted, in bytes: etcd's own default limit for a whole request.</summary>
    public const int MaxBytes = 3 << 19;

    /// <summary>Reads the root value. Throws a <see cref="JsonException"/> for what does not fit.</summary>
    public delegate T Root<out T>(ref GoJsonReader json);

    /// <summary>Parses a whole value; the error is one line that says where and what.</summary>
    public static bool TryParse<T>(
        ReadOnlySpan<byte> json, Root<T> read, [NotNullWhen(true)] out T? value, [NotNullWhen(false)] out string? error)
        where T : class
    {
        (value, error) = (null, null);
        if (json.IsEmpty)
        {
            error = "the value is empty";
            return false;
        }

        GoJsonReader reader = default;
        try
        {
            reader = new GoJsonReader(json, MaxBytes);
            var root = read(ref reader);
            reader.End();
            value = root;
            return true;
        }
        catch (JsonException e)
        {
            // What is not JSON at all already says its line and byte.
            error = Excerpt.OfMessage(e.LineNumber is null ? $"at byte {reader.Position}: {e.Message}" : e.Message);
            return false;
        }
    }
}
