using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace KvStoreMesh.Core.Clusters;

/// <summary>
/// The name of a cluster of the mesh: 1 to 32 characters, lower-case letters, digits and dashes, alphanumeric at the
/// end and not starting with a dash, as Cilium's <c>^([a-z0-9][-a-z0-9]*)?[a-z0-9]$</c>.
/// </summary>
public readonly record struct ClusterName : IComparable<ClusterName>
{
    /// <summary>The longest name Cilium accepts, in characters.</summary>
    public const int MaxLength = 32;

    private static readonly SearchValues<char> Allowed = SearchValues.Create("-0123456789abcdefghijklmnopqrstuvwxyz");

    private readonly string? _value;

    private ClusterName(string value) => _value = value;

    /// <summary>The name as text; of an uninitialised value the empty string.</summary>
    public string Value => _value ?? string.Empty;

    /// <summary>Parses a name, or says in <paramref name="error"/> which rule it breaks.</summary>
    public static bool TryParse(string? text, out ClusterName name, [NotNullWhen(false)] out string? error)
    {
        name = default;
        error = text switch
        {
            null or "" => "a cluster name must not be empty",
            { Length: > MaxLength } => $"a cluster name has at most {MaxLength} characters, this one has {text.Length}",
            _ when text[0] == '-' || text[^1] == '-' => "a cluster name must start and end with a lower-case letter or a digit",
            _ when text.AsSpan().ContainsAnyExcept(Allowed) =>
                "a cluster name consists of lower-case letters, digits and dashes",
            _ => null,
        };
        if (error is not null)
        {
            return false;
        }

        name = new ClusterName(text!);
        return true;
    }

    /// <summary>Parses a name that must be valid.</summary>
    /// <exception cref="FormatException">The text breaks a rule, which the message names.</exception>
    public static ClusterName Parse(string text) =>
        TryParse(text, out var name, out var error) ? name : throw new FormatException($"'{text}': {error}");

    /// <inheritdoc />
    public int CompareTo(ClusterName other) => string.CompareOrdinal(Value, other.Value);

    /// <inheritdoc />
    public override string ToString() => Value;
}
