using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using KvStoreMesh.Architecture.Repository;

namespace KvStoreMesh.Architecture;

/// <summary>Which room may know which, and which packages.</summary>
public sealed class ArrowTests
{
    private static readonly Dictionary<string, string[]> MayKnow = new()
    {
        ["Core"] = [],
        ["Bpf"] = [],
        ["Protos"] = [],
        ["Etcd"] = ["Core"],
        ["Actors"] = ["Core"],
        ["Replicator"] = ["Core", "Etcd", "Actors", "Protos"],
        ["NodeAgent"] = ["Core", "Protos", "Bpf"],
    };

    private static readonly Project[] Rooms = [.. Tree.Projects.Where(project => project.IsBelow("src") || project.IsBelow("protos"))];

    [Fact]
    public void Every_room_is_known_here() => Rule.Holds(
        "A room whose arrows nobody decided:",
        "add it to the table of this test, with as few arrows as it can live with.",
        Rooms.Select(room => room.Room).Except(MayKnow.Keys));

    [Fact]
    public void Rooms_know_only_whom_they_may() => Rule.Holds(
        "A room knows another one that it must not know:",
        "move the type down to a room that both may know, or turn the dependency around with an interface.",
        from room in Rooms
        from known in room.ReferencedRooms.Union(ReferencedByAssembly(room))
        where !MayKnow.GetValueOrDefault(room.Room, []).Contains(known)
        select $"{room.Room} -> {known} ({room.Path})");

    [Fact]
    public void Core_has_no_packages() => Rule.Holds(
        "Core is pure code on the base class library:",
        "put what needs the package into Etcd, Actors, Replicator or NodeAgent.",
        Rooms.Where(room => room.Room == "Core").SelectMany(room => room.Packages));

    [Fact]
    public void The_node_agent_runs_without_Akka() => Rule.Holds(
        "The node agent must publish as Native AOT, which Akka does not survive:",
        "keep the agent's state in plain types; actors belong to the daemon.",
        from room in Closure("NodeAgent")
        from package in room.Packages
        where package.StartsWith("Akka", StringComparison.Ordinal)
        select $"{package} ({room.Path})");

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        var solution = File.ReadAllText(Path.Combine(Tree.Root, "KvStoreMesh.sln")).Replace('\\', '/');
        Rule.Holds(
            "A project that the solution lacks is neither built nor tested:",
            "dotnet sln add <project>",
            Tree.Projects.Select(project => project.Path).Where(path => !solution.Contains($"\"{path}\"", StringComparison.Ordinal)));
    }

    // What the compiler really used, which includes what came transitively.
    private static IEnumerable<string> ReferencedByAssembly(Project room)
    {
        using var file = new PEReader(File.OpenRead(room.AssemblyPath));
        var metadata = file.GetMetadataReader();
        var names = metadata.AssemblyReferences
            .Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name))
            .ToHashSet();
        return [.. Rooms.Where(other => names.Contains(other.AssemblyName)).Select(other => other.Room)];
    }

    private static HashSet<Project> Closure(string room)
    {
        var known = new HashSet<Project>();
        var open = new Queue<string>([room]);
        while (open.TryDequeue(out var name))
        {
            var project = Rooms.Single(project => project.Room == name);
            if (known.Add(project))
            {
                project.ReferencedRooms.ToList().ForEach(open.Enqueue);
            }
        }

        return known;
    }
}
