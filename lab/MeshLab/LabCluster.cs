using System.Globalization;

namespace KvStoreMesh.MeshLab;

/// <summary>One cluster of the lab.</summary>
/// <param name="Name">Its name; its etcd is <c>etcd-NAME</c>.</param>
/// <param name="Id">Its id.</param>
/// <param name="Backends">Addresses of its backends of the service default/echo.</param>
internal sealed record LabCluster(string Name, int Id, IReadOnlyList<string> Backends)
{
    /// <summary>Parses <c>b=2:172.30.0.21:172.30.0.22</c>.</summary>
    public static LabCluster Parse(string text)
    {
        var parts = text.Split('=', 2);
        var rest = parts.Length == 2 ? parts[1].Split(':') : throw new FormatException($"'{text}' is not CLUSTER=ID[:BACKEND…]");
        return new LabCluster(parts[0], int.Parse(rest[0], CultureInfo.InvariantCulture), rest[1..]);
    }
}
