using System.Globalization;
using KvStoreMesh.Bpf.Environment;

namespace KvStoreMesh.Bpf.PolicyEnforcement;

/// <summary>
/// Where the links of endpoints are pinned: <c>cilium/endpoints/&lt;number&gt;/links</c>, as Cilium's. A directory beside them has
/// the name of the endpoint, so that a restart gives each the number it had.
/// </summary>
public sealed class EndpointPins
{
    private const string Links = "links";

    private readonly string _directory;
    private readonly string _prefix;

    /// <summary>The pins of one agent.</summary>
    /// <param name="bpfFsRoot">The bpffs.</param>
    /// <param name="prefix">Put before every number, as before the names of maps.</param>
    public EndpointPins(string bpfFsRoot, string prefix) => (_directory, _prefix) = (Path.Combine(bpfFsRoot, "cilium", "endpoints"), prefix);

    /// <summary>The numbers and names of the endpoints an earlier run left.</summary>
    public IReadOnlyDictionary<ushort, string> Owners()
    {
        var owners = new Dictionary<ushort, string>();
        if (!Directory.Exists(_directory))
        {
            return owners;
        }

        foreach (string path in Directory.EnumerateDirectories(_directory, _prefix + "*"))
        {
            if (ushort.TryParse(Path.GetFileName(path).AsSpan(_prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out ushort id)
                && Directory.EnumerateDirectories(path).Select(Path.GetFileName).FirstOrDefault(name => name != Links) is { } owner)
            {
                owners[id] = Decode(owner);
            }
        }

        return owners;
    }

    /// <summary>Notes whose number it is. Names are <c>namespace/name</c> of Kubernetes: no underscore and no plus sign in them.</summary>
    internal void Claim(ushort endpoint, string owner)
    {
        BpfFileSystem.CreateDirectory(LinksOf(endpoint));
        string own = Path.Combine(Of(endpoint), Encode(owner));
        foreach (string other in Directory.EnumerateDirectories(Of(endpoint)).Where(path => path != own && Path.GetFileName(path) != Links))
        {
            Directory.Delete(other);
        }

        BpfFileSystem.CreateDirectory(own);
    }

    internal string LinkOf(ushort endpoint, PolicyProgram program) => Path.Combine(LinksOf(endpoint), program.Name);

    internal void Remove(ushort endpoint)
    {
        if (Directory.Exists(Of(endpoint)))
        {
            Directory.Delete(Of(endpoint), recursive: true);
        }
    }

    // A bpffs takes neither dots nor slashes in a name.
    private static string Encode(string owner) => owner.Replace('.', '_').Replace('/', '+');

    private static string Decode(string name) => name.Replace('_', '.').Replace('+', '/');

    private string Of(ushort endpoint) => Path.Combine(_directory, _prefix + endpoint.ToString("D5", CultureInfo.InvariantCulture));

    private string LinksOf(ushort endpoint) => Path.Combine(Of(endpoint), Links);
}
