using KvStoreMesh.Architecture.Repository;

namespace KvStoreMesh.Architecture;

/// <summary>How long files are, what is in them and what they are called.</summary>
public sealed class FileTests
{
    private const int MaxLength = 400;
    private const int MaxTestLength = 600;

    private static readonly string[] EmptyWords = ["Manager", "Helper", "Helpers", "Util", "Utils", "Utility", "Utilities", "Common"];

    [Fact]
    public void Files_are_short() => Rule.Holds(
        $"Files of src have at most {MaxLength} lines, tests at most {MaxTestLength}:",
        "a file of that length has more than one idea; give the second one its own file.",
        from file in Tree.Files
        where file.Extension is ".cs" or ".c" or ".h" && !file.IsGenerated
        let max = file.IsBelow("tests") ? MaxTestLength : MaxLength
        where file.Length > max
        select $"{file.Name}: {file.Length} lines");

    [Fact]
    public void A_file_has_one_public_type() => Rule.Holds(
        "More than one public type in a file:",
        "one file per type; a set of messages may share a file called …Messages.cs.",
        from file in Tree.CSharp("src")
        where !file.IsGenerated && !file.Name.EndsWith("Messages.cs", StringComparison.Ordinal)
        let types = file.PublicTopLevelTypes.Distinct().ToList()
        where types.Count > 1
        select $"{file.Name}: {string.Join(", ", types)}");

    [Fact]
    public void Namespaces_are_folders() => Rule.Holds(
        "A namespace that is not its folder:",
        "move the file or rename the namespace: the root namespace of the project and then the folders.",
        from project in Tree.Projects
        from file in Tree.CSharp("src", "tests", "bench")
        where project.Owns(file) && !file.IsGenerated && file.Namespace is not null
        let expected = project.NamespaceOf(file)
        where file.Namespace != expected
        select $"{file.Name}: {file.Namespace} instead of {expected}");

    [Fact]
    public void Names_say_what_a_thing_does() => Rule.Holds(
        $"A type or folder named by one of {string.Join(", ", EmptyWords)}, or just Info:",
        "use the field's word for it: Cilium's, etcd's, gRPC's or the kernel's.",
        from file in Tree.CSharp("src", "tests", "bench")
        from name in file.DeclaredTypes.Concat(file.Folders)
        where name == "Info" || WordsOf(name).Intersect(EmptyWords).Any()
        select $"{name} ({file.Name})");

    private static IEnumerable<string> WordsOf(string name)
    {
        var start = 0;
        for (var i = 1; i <= name.Length; i++)
        {
            if (i == name.Length || char.IsUpper(name[i]) || !char.IsLetterOrDigit(name[i]))
            {
                yield return name[start..i].Trim('.', '_', '-');
                start = i;
            }
        }
    }
}
