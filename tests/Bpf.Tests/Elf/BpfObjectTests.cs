using CsCheck;
using KvStoreMesh.Bpf.Elf;
using KvStoreMesh.Bpf.SocketLb;

namespace KvStoreMesh.Bpf.Tests.Elf;

/// <summary>The loader reads the object that ships, and takes everything else for hostile.</summary>
public sealed class BpfObjectTests
{
    private const int HeaderSize = 64;

    private static readonly byte[] Shipped = ReadShipped();

    [Fact]
    public void The_shipped_object_has_every_program_and_refers_to_no_other_map()
    {
        var parsed = BpfObject.Parse(Shipped);

        Assert.Equal("Dual BSD/GPL", parsed.License);
        Assert.Equal(
            SocketLbProgram.All.Select(p => (p.Name, p.Section)).Order(),
            parsed.Programs.Select(p => (p.Name, p.Section)).Order());
        Assert.Equal(
            [
                "cilium_lb4_affinity", "cilium_lb4_backends_v3", "cilium_lb4_reverse_sk", "cilium_lb4_services_v2",
                "cilium_lb6_affinity", "cilium_lb6_backends_v3", "cilium_lb6_reverse_sk", "cilium_lb6_services_v2",
                "cilium_lb_affinity_match",
            ],
            parsed.Programs.SelectMany(p => p.Maps).Select(m => m.Map).Distinct().Order());
    }

    [Fact]
    public void Every_truncation_is_refused() =>
        Gen.Int[0, Shipped.Length - 1].Sample(length => Assert.Throws<InvalidDataException>(() => BpfObject.Parse(Shipped.AsMemory(0, length))));

    [Fact]
    public void Damage_is_refused_or_harmless_and_never_anything_else() =>
        Gen.Select(Gen.Int[0, Shipped.Length - 1], Gen.Byte).Array[1, 16].Sample(flips =>
        {
            byte[] damaged = [.. Shipped];
            foreach ((int at, byte value) in flips)
            {
                damaged[at] = value;
            }

            Exception? failure = Record.Exception(() => BpfObject.Parse(damaged));
            Assert.True(failure is null or InvalidDataException, failure?.ToString());
        });

    [Fact]
    public void Damage_to_the_tables_is_refused_or_harmless_and_never_anything_else()
    {
        // Headers and symbols decide every offset; flips there hit more than flips anywhere.
        var elf = ElfFile.Parse(Shipped);
        ElfSection symbols = elf.Sections.Single(s => s.Type == ElfSection.SymbolTable);
        int symbolStart = Shipped.AsSpan().IndexOf(symbols.Data.Span);
        int headerStart = Shipped.Length - (elf.Sections.Count * 64);
        Gen<int> offsets = Gen.OneOf(
            Gen.Int[16, HeaderSize - 1], Gen.Int[headerStart, Shipped.Length - 1], Gen.Int[symbolStart, symbolStart + symbols.Data.Length - 1]);
        Gen.Select(offsets, Gen.Byte).Array[1, 4].Sample(flips =>
        {
            byte[] damaged = [.. Shipped];
            foreach ((int at, byte value) in flips)
            {
                damaged[at] = value;
            }

            Exception? failure = Record.Exception(() => BpfObject.Parse(damaged));
            Assert.True(failure is null or InvalidDataException, failure?.ToString());
        });
    }

    [Fact]
    public void What_is_no_ebpf_object_is_refused()
    {
        Assert.Throws<InvalidDataException>(() => BpfObject.Parse("#!/bin/sh\n"u8.ToArray()));
        Assert.Throws<InvalidDataException>(() => BpfObject.Parse(File.ReadAllBytes("/proc/self/exe").AsMemory(0, 4096)));
        Assert.Throws<InvalidDataException>(() => BpfObject.Parse(new byte[8 << 20]));
    }

    [Fact]
    public void A_reference_to_something_else_than_a_map_is_refused_by_name()
    {
        var elf = ElfFile.Parse(Shipped);
        ElfSection relocations = elf.Sections.First(s => s.Type == ElfSection.Relocations);
        byte[] withCall = [.. Shipped];

        // The type of the first relocation becomes R_BPF_64_32, a call of a function.
        withCall[Shipped.AsSpan().IndexOf(relocations.Data.Span) + 8] = 10;

        string message = Assert.Throws<InvalidDataException>(() => BpfObject.Parse(withCall)).Message;
        Assert.Contains("cil_sock4_connect refers to cilium_lb4_services_v2", message, StringComparison.Ordinal);
    }

    private static byte[] ReadShipped()
    {
        using Stream resource = typeof(BpfObject).Assembly.GetManifestResourceStream("socketlb.o")!;
        byte[] bytes = new byte[resource.Length];
        resource.ReadExactly(bytes);
        return bytes;
    }
}
