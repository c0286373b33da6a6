using System.Runtime.InteropServices;

namespace KvStoreMesh.Bpf.Syscalls;

// The members of union bpf_attr in linux/bpf.h, as far as they are used. The kernel takes a shorter attribute as filled up with zeros.

[StructLayout(LayoutKind.Explicit, Size = 48)]
internal unsafe struct MapCreateAttributes
{
    [FieldOffset(0)] public uint Type;
    [FieldOffset(4)] public uint KeySize;
    [FieldOffset(8)] public uint ValueSize;
    [FieldOffset(12)] public uint MaxEntries;
    [FieldOffset(16)] public uint Flags;
    [FieldOffset(28)] public fixed byte Name[16];
}

[StructLayout(LayoutKind.Explicit, Size = 32)]
internal struct MapEntryAttributes
{
    [FieldOffset(0)] public uint MapFd;
    [FieldOffset(8)] public ulong Key;
    [FieldOffset(16)] public ulong Value;
    [FieldOffset(24)] public ulong Flags;
}

[StructLayout(LayoutKind.Explicit, Size = 56)]
internal struct MapBatchAttributes
{
    [FieldOffset(0)] public ulong InBatch;
    [FieldOffset(8)] public ulong OutBatch;
    [FieldOffset(16)] public ulong Keys;
    [FieldOffset(24)] public ulong Values;
    [FieldOffset(32)] public uint Count;
    [FieldOffset(36)] public uint MapFd;
    [FieldOffset(40)] public ulong ElementFlags;
    [FieldOffset(48)] public ulong Flags;
}

[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct ObjectAttributes
{
    [FieldOffset(0)] public ulong Path;
    [FieldOffset(8)] public uint Fd;
    [FieldOffset(12)] public uint Flags;
}

[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct InfoAttributes
{
    [FieldOffset(0)] public uint Fd;
    [FieldOffset(4)] public uint Length;
    [FieldOffset(8)] public ulong Info;
}

/// <summary>The head of <c>struct bpf_map_info</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 40)]
internal struct MapInfo
{
    [FieldOffset(0)] public uint Type;
    [FieldOffset(4)] public uint Id;
    [FieldOffset(8)] public uint KeySize;
    [FieldOffset(12)] public uint ValueSize;
    [FieldOffset(16)] public uint MaxEntries;
    [FieldOffset(20)] public uint Flags;
}

/// <summary>The head of <c>struct bpf_link_info</c> with its members <c>cgroup</c> and <c>tcx</c>, which lie over each other.</summary>
[StructLayout(LayoutKind.Explicit, Size = 32)]
internal struct LinkInfo
{
    [FieldOffset(0)] public uint Type;
    [FieldOffset(4)] public uint Id;
    [FieldOffset(8)] public uint ProgramId;
    [FieldOffset(16)] public ulong CgroupId;
    [FieldOffset(24)] public uint CgroupAttachType;
    [FieldOffset(16)] public uint InterfaceIndex;
    [FieldOffset(20)] public uint TcxAttachType;
}

[StructLayout(LayoutKind.Explicit, Size = 72)]
internal unsafe struct ProgramLoadAttributes
{
    [FieldOffset(0)] public uint Type;
    [FieldOffset(4)] public uint InstructionCount;
    [FieldOffset(8)] public ulong Instructions;
    [FieldOffset(16)] public ulong License;
    [FieldOffset(24)] public uint LogLevel;
    [FieldOffset(28)] public uint LogSize;
    [FieldOffset(32)] public ulong LogBuffer;
    [FieldOffset(48)] public fixed byte Name[16];
    [FieldOffset(68)] public uint ExpectedAttachType;
}

/// <summary>The target is a descriptor of a cgroup, or for tcx the index of an interface.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct LinkCreateAttributes
{
    [FieldOffset(0)] public uint ProgramFd;
    [FieldOffset(4)] public uint TargetFd;
    [FieldOffset(8)] public uint AttachType;
    [FieldOffset(12)] public uint Flags;
}

[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct LinkUpdateAttributes
{
    [FieldOffset(0)] public uint LinkFd;
    [FieldOffset(4)] public uint NewProgramFd;
    [FieldOffset(8)] public uint Flags;
    [FieldOffset(12)] public uint OldProgramFd;
}
