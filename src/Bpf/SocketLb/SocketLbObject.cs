using KvStoreMesh.Bpf.Elf;
using KvStoreMesh.Bpf.Maps.LoadBalancer;
using KvStoreMesh.Bpf.Syscalls;

namespace KvStoreMesh.Bpf.SocketLb;

/// <summary>The programs of <c>Programs/socketlb.c</c>, as built and embedded.</summary>
internal static class SocketLbObject
{
    private static readonly Lazy<BpfObject> Embedded = new(() => BpfObject.OfResource("socketlb.o"));

    /// <summary>Loads every program against the given maps, in the order of <see cref="SocketLbProgram.All"/>.</summary>
    /// <exception cref="BpfException">The kernel refused one; none stays loaded.</exception>
    public static IReadOnlyList<SafeBpfHandle> Load(LoadBalancerMapSet maps)
    {
        var loader = new BpfProgramLoader(Embedded.Value.License, maps.Handles);
        var loaded = new List<SafeBpfHandle>();
        try
        {
            foreach (SocketLbProgram program in SocketLbProgram.All)
            {
                BpfProgramCode code = Embedded.Value.Programs.Single(p => p.Name == program.Name && p.Section == program.Section);
                loaded.Add(loader.Load(code, program.ProgramType, program.AttachType));
            }

            return loaded;
        }
        catch
        {
            loaded.ForEach(program => program.Dispose());
            throw;
        }
    }
}
