namespace KvStoreMesh.Bpf.Elf;

/// <summary>
/// What a compiled object holds: programs and a licence. It may refer to maps by name, nothing else: no calls between
/// functions, no global data, no CO-RE. The maps are made by the agent, so their declarations in the source are only read by people.
/// </summary>
internal sealed class BpfObject
{
    private const int LargestObject = 4 << 20;
    private const int InstructionSize = 8;
    private const byte LoadImmediate64 = 0x18;

    private BpfObject(string license, IReadOnlyList<BpfProgramCode> programs) => (License, Programs) = (license, programs);

    /// <summary>The licence the kernel is told.</summary>
    public string License { get; }

    /// <summary>The programs in the order of their symbols.</summary>
    public IReadOnlyList<BpfProgramCode> Programs { get; }

    /// <summary>Reads an object that is embedded in this assembly.</summary>
    public static BpfObject OfResource(string name)
    {
        using Stream resource = typeof(BpfObject).Assembly.GetManifestResourceStream(name)!;
        byte[] file = new byte[resource.Length];
        resource.ReadExactly(file);
        return Parse(file);
    }

    /// <summary>Reads an object.</summary>
    /// <exception cref="InvalidDataException">It is no eBPF object, is damaged, or uses what is not supported.</exception>
    public static BpfObject Parse(ReadOnlyMemory<byte> file)
    {
        if (file.Length > LargestObject)
        {
            throw new InvalidDataException($"the object has {file.Length} bytes; {LargestObject} are the most");
        }

        var elf = ElfFile.Parse(file);
        ElfSection license = elf.Sections.FirstOrDefault(s => s.Name == "license")
            ?? throw new InvalidDataException("the object has no section license; the kernel would refuse its helpers");
        return new(ElfFile.TextAt(license.Data.Span, 0), [.. elf.Symbols.Where(s => s.IsFunction).Select(s => ReadProgram(elf, s))]);
    }

    private static BpfProgramCode ReadProgram(ElfFile elf, ElfSymbol function)
    {
        ElfSection section = elf.SectionOf(function);
        ReadOnlyMemory<byte> code = ElfFile.Slice(section.Data, function.Value, function.Size);
        if (code.Length == 0 || code.Length % InstructionSize != 0)
        {
            throw new InvalidDataException($"program {function.Name} has {code.Length} bytes, which are no whole instructions");
        }

        var maps = new List<MapReference>();
        foreach (ElfRelocation relocation in elf.RelocationsOf(section))
        {
            if (relocation.Offset >= function.Value && relocation.Offset < function.Value + function.Size)
            {
                maps.Add(ReadMapReference(elf, function, code.Span, relocation));
            }
        }

        return new(function.Name, section.Name, code, maps);
    }

    private static MapReference ReadMapReference(ElfFile elf, ElfSymbol function, ReadOnlySpan<byte> code, ElfRelocation relocation)
    {
        ElfSymbol target = relocation.Symbol < (uint)elf.Symbols.Count
            ? elf.Symbols[(int)relocation.Symbol]
            : throw new InvalidDataException($"program {function.Name} refers to symbol {relocation.Symbol}, which does not exist");
        if (relocation.Type != ElfRelocation.Address64 || elf.SectionOf(target).Name != ".maps")
        {
            throw new InvalidDataException($"program {function.Name} refers to {target.Name}; only maps can be referred to, no functions and no data");
        }

        int offset = (int)(relocation.Offset - function.Value);
        return offset % InstructionSize == 0 && offset + (2 * InstructionSize) <= code.Length && code[offset] == LoadImmediate64
            ? new(offset, target.Name)
            : throw new InvalidDataException($"program {function.Name} refers to map {target.Name} from something else than a 64 bit load");
    }
}
