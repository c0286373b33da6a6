using System.Buffers.Binary;
using System.Text;

namespace KvStoreMesh.Bpf.Elf;

/// <summary>A 64 bit little-endian ELF object for eBPF. Every offset in it is taken as hostile until it is checked.</summary>
internal sealed class ElfFile
{
    private const int HeaderSize = 64;
    private const int SectionHeaderSize = 64;
    private const int SymbolSize = 24;
    private const int RelocationSize = 16;
    private const ushort Relocatable = 1;
    private const ushort MachineBpf = 247;

    private ElfFile(IReadOnlyList<ElfSection> sections, IReadOnlyList<ElfSymbol> symbols) => (Sections, Symbols) = (sections, symbols);

    public IReadOnlyList<ElfSection> Sections { get; }

    public IReadOnlyList<ElfSymbol> Symbols { get; }

    /// <exception cref="InvalidDataException">It is no such object, or it is damaged.</exception>
    public static ElfFile Parse(ReadOnlyMemory<byte> file)
    {
        ReadOnlySpan<byte> header = file.Span;
        if (header.Length < HeaderSize || !header.StartsWith("\u007fELF\u0002\u0001"u8) || U16(header, 16) != Relocatable || U16(header, 18) != MachineBpf)
        {
            throw new InvalidDataException("this is no little-endian eBPF object");
        }

        if (U16(header, 58) != SectionHeaderSize)
        {
            throw new InvalidDataException($"section headers of {U16(header, 58)} bytes are not known; {SectionHeaderSize} are");
        }

        IReadOnlyList<ElfSection> sections = ReadSections(file, U64(header, 40), count: U16(header, 60), names: U16(header, 62));
        ElfSection symbols = sections.FirstOrDefault(s => s.Type == ElfSection.SymbolTable)
            ?? throw new InvalidDataException("the object has no symbol table");
        return new(sections, ReadSymbols(symbols, At(sections, symbols.Link)));
    }

    public ElfSection SectionOf(ElfSymbol symbol) => At(Sections, symbol.Section);

    public IEnumerable<ElfRelocation> RelocationsOf(ElfSection section)
    {
        foreach (ElfSection table in Sections)
        {
            if (table.Type == ElfSection.Relocations && table.AppliesTo == section.Index)
            {
                for (int at = 0; at + RelocationSize <= table.Data.Length; at += RelocationSize)
                {
                    ulong info = U64(table.Data.Span, at + 8);
                    yield return new(U64(table.Data.Span, at), (uint)info, (uint)(info >> 32));
                }
            }
        }
    }

    public static ReadOnlyMemory<byte> Slice(ReadOnlyMemory<byte> data, ulong offset, ulong size) =>
        offset <= (ulong)data.Length && size <= (ulong)data.Length - offset
            ? data.Slice((int)offset, (int)size)
            : throw new InvalidDataException($"the object ends before byte {offset} + {size}");

    public static string TextAt(ReadOnlySpan<byte> table, uint offset)
    {
        ReadOnlySpan<byte> rest = offset < (uint)table.Length ? table[(int)offset..] : default;
        int end = rest.IndexOf((byte)0);
        return end >= 0 ? Encoding.UTF8.GetString(rest[..end]) : throw new InvalidDataException($"no name begins at byte {offset} of its table");
    }

    private static List<ElfSection> ReadSections(ReadOnlyMemory<byte> file, ulong start, int count, int names)
    {
        ReadOnlySpan<byte> headers = Slice(file, start, (ulong)count * SectionHeaderSize).Span;
        if (names >= count)
        {
            throw new InvalidDataException($"section {names}, which should hold the names, does not exist");
        }

        ReadOnlySpan<byte> table = DataOf(file, headers, names).Span;
        var sections = new List<ElfSection>(count);
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> header = headers[(i * SectionHeaderSize)..];
            sections.Add(new(i, TextAt(table, U32(header, 0)), U32(header, 4), DataOf(file, headers, i), U32(header, 40), U32(header, 44)));
        }

        return sections;
    }

    private static ReadOnlyMemory<byte> DataOf(ReadOnlyMemory<byte> file, ReadOnlySpan<byte> headers, int index)
    {
        ReadOnlySpan<byte> header = headers[(index * SectionHeaderSize)..];
        return U32(header, 4) == ElfSection.NoBits ? default : Slice(file, U64(header, 24), U64(header, 32));
    }

    private static List<ElfSymbol> ReadSymbols(ElfSection section, ElfSection names)
    {
        var symbols = new List<ElfSymbol>();
        ReadOnlySpan<byte> data = section.Data.Span;
        for (int at = 0; at + SymbolSize <= data.Length; at += SymbolSize)
        {
            ReadOnlySpan<byte> entry = data[at..];
            symbols.Add(new(TextAt(names.Data.Span, U32(entry, 0)), entry[4], U16(entry, 6), U64(entry, 8), U64(entry, 16)));
        }

        return symbols;
    }

    private static ElfSection At(IReadOnlyList<ElfSection> sections, uint index) =>
        index < (uint)sections.Count ? sections[(int)index] : throw new InvalidDataException($"section {index} does not exist");

    private static ushort U16(ReadOnlySpan<byte> data, int offset) => BinaryPrimitives.ReadUInt16LittleEndian(data[offset..]);

    private static uint U32(ReadOnlySpan<byte> data, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(data[offset..]);

    private static ulong U64(ReadOnlySpan<byte> data, int offset) => BinaryPrimitives.ReadUInt64LittleEndian(data[offset..]);
}
