using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using KvStoreMesh.Architecture.Repository;

namespace KvStoreMesh.Architecture;

/// <summary>Nobody derives from a class that was not made for it.</summary>
public sealed class SealedTests
{
    [Fact]
    public void Classes_are_sealed_abstract_or_static() => Rule.Holds(
        "A class that is open by accident:",
        "add sealed; if it is a base, make it abstract.",
        from project in Tree.Projects
        where project.IsBelow("src")
        from name in OpenClasses(project)
        select $"{name} ({project.Room})");

    private static List<string> OpenClasses(Project project)
    {
        using var file = new PEReader(File.OpenRead(project.AssemblyPath));
        var metadata = file.GetMetadataReader();
        return [.. metadata.TypeDefinitions
            .Select(metadata.GetTypeDefinition)
            .Where(type => IsOpen(type) && !IsGenerated(metadata, type))
            .Select(type => metadata.GetString(type.Name))];
    }

    private static bool IsOpen(TypeDefinition type) =>
        (type.Attributes & (TypeAttributes.Interface | TypeAttributes.Abstract | TypeAttributes.Sealed)) == 0;

    private static bool IsGenerated(MetadataReader metadata, TypeDefinition type)
    {
        var name = metadata.GetString(type.Name);
        if (name == "Program" || name.StartsWith('<') || type.GetCustomAttributes().Any(handle => IsGeneratedMark(metadata, handle)))
        {
            return true;
        }

        return !type.GetDeclaringType().IsNil && IsGenerated(metadata, metadata.GetTypeDefinition(type.GetDeclaringType()));
    }

    private static bool IsGeneratedMark(MetadataReader metadata, CustomAttributeHandle handle)
    {
        var constructor = metadata.GetCustomAttribute(handle).Constructor;
        return constructor.Kind == HandleKind.MemberReference
            && metadata.GetMemberReference((MemberReferenceHandle)constructor).Parent is { Kind: HandleKind.TypeReference } parent
            && metadata.GetString(metadata.GetTypeReference((TypeReferenceHandle)parent).Name)
                is "CompilerGeneratedAttribute" or "GeneratedCodeAttribute";
    }
}
