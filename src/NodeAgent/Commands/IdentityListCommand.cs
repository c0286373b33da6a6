using System.CommandLine;
using System.Globalization;
using KvStoreMesh.NodeAgent.LocalApi;
using KvStoreMesh.NodeAgent.Status;

namespace KvStoreMesh.NodeAgent.Commands;

/// <summary><c>node-agent identity list</c>, in the columns of <c>cilium-dbg identity list</c>.</summary>
internal static class IdentityListCommand
{
    public static Command Create() => new("identity", "Security identities")
    {
        LocalListing.Create(
            "list", "List identities and their labels", LocalApiPaths.Identities, StatusJson.Default.IReadOnlyListIdentityStatus, Render),
    };

    internal static string Render(IReadOnlyList<IdentityStatus> identities)
    {
        var table = new TextTable();
        table.Add("ID", "LABELS");
        foreach (var identity in identities)
        {
            table.Add(identity.Id.ToString(CultureInfo.InvariantCulture), identity.Labels.FirstOrDefault(string.Empty));
            foreach (var label in identity.Labels.Skip(1))
            {
                table.Add(string.Empty, label);
            }
        }

        return table.ToString();
    }
}
