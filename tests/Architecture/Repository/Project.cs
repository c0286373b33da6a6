using System.Xml.Linq;

namespace KvStoreMesh.Architecture.Repository;

/// <summary>A project as its csproj declares it.</summary>
internal sealed class Project
{
    private readonly XDocument _xml;
    private readonly string _folder;

    public Project(TextFile file)
    {
        _xml = XDocument.Parse(file.Text);
        _folder = string.Join('/', file.Folders);
        Path = file.Name;
    }

    /// <summary>The csproj, relative to the root.</summary>
    public string Path { get; }

    /// <summary>E.g. <c>KvStoreMesh.Core</c>.</summary>
    public string Name => System.IO.Path.GetFileNameWithoutExtension(Path);

    /// <summary>The room: <c>Core</c> of <c>KvStoreMesh.Core</c>.</summary>
    public string Room => Name["KvStoreMesh.".Length..];

    /// <summary>The namespace of files beside the csproj.</summary>
    public string RootNamespace => Property("RootNamespace") ?? Name;

    /// <summary>The assembly's name, which is that of the command for an executable.</summary>
    public string AssemblyName => Property("AssemblyName") ?? Name;

    /// <summary>The rooms it references.</summary>
    public IEnumerable<string> ReferencedRooms => Includes("ProjectReference")
        .Select(path => System.IO.Path.GetFileNameWithoutExtension(path)["KvStoreMesh.".Length..]);

    /// <summary>The packages it references itself.</summary>
    public IEnumerable<string> Packages => Includes("PackageReference");

    public bool IsBelow(string directory) => Path.StartsWith(directory + "/", StringComparison.Ordinal);

    /// <summary>The file lies in this project's folder.</summary>
    public bool Owns(TextFile file) => file.IsBelow(_folder);

    /// <summary>The namespace of a file in this project: the folders below the project's.</summary>
    public string NamespaceOf(TextFile file) =>
        string.Join('.', [RootNamespace, .. file.Folders[_folder.Split('/').Length..]]);

    /// <summary>What was built of it, in the same configuration as these tests.</summary>
    public string AssemblyPath
    {
        get
        {
            // artifacts/bin/<project>/<configuration>/
            var configuration = new DirectoryInfo(AppContext.BaseDirectory);
            return System.IO.Path.Combine(
                configuration.Parent!.Parent!.FullName, Name, configuration.Name, $"{AssemblyName}.dll");
        }
    }

    private string? Property(string name) => _xml.Descendants(name).FirstOrDefault()?.Value;

    private IEnumerable<string> Includes(string item) =>
        _xml.Descendants(item).Select(element => (string?)element.Attribute("Include")).OfType<string>();
}
