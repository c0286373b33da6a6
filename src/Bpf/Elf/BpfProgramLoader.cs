using System.Buffers.Binary;
using System.Text;
using KvStoreMesh.Bpf.Syscalls;

namespace KvStoreMesh.Bpf.Elf;

/// <summary>Loads programs into the kernel, with their maps and constants put in.</summary>
/// <param name="license">What the kernel is told.</param>
/// <param name="maps">The maps by the names the source refers to.</param>
/// <param name="constants">
/// Numbers to put in place of others, where a program loads them as 64 bit immediates: what differs between loads of one
/// program and is no map.
/// </param>
internal sealed unsafe class BpfProgramLoader(
    string license, IReadOnlyDictionary<string, SafeBpfHandle> maps, IReadOnlyDictionary<ulong, ulong>? constants = null)
{
    private const byte LoadImmediate64 = 0x18;


    // The pseudo source register of a 64 bit load that says: the immediate is a map's descriptor.
    private const byte PseudoMapFd = 1 << 4;
    private const int LogSize = 1 << 20;

    // The verifier gives up with EAGAIN when a signal is pending, and the runtime stops threads for the collector by signals.
    private const int Attempts = 8;

    /// <summary>Loads one program.</summary>
    /// <exception cref="BpfException">The verifier refused it (with what it wrote), or a capability is missing.</exception>
    public SafeBpfHandle Load(BpfProgramCode program, uint type, uint attachType)
    {
        byte[] instructions = program.Instructions.ToArray();
        var held = new List<SafeBpfHandle>();
        try
        {
            foreach (MapReference reference in program.Maps)
            {
                SafeBpfHandle map = maps.TryGetValue(reference.Map, out SafeBpfHandle? found)
                    ? found
                    : throw new InvalidDataException($"program {program.Name} refers to map {reference.Map}, which was not given");
                bool added = false;
                map.DangerousAddRef(ref added);
                held.Add(map);
                instructions[reference.Offset + 1] |= PseudoMapFd;
                BinaryPrimitives.WriteInt32LittleEndian(instructions.AsSpan(reference.Offset + 4), (int)map.DangerousGetHandle());
            }

            PutConstants(instructions);
            return Load(program.Name, instructions, type, attachType);
        }
        finally
        {
            held.ForEach(map => map.DangerousRelease());
        }
    }

    /// <summary>A 64 bit immediate is spread over two instructions, the lower half in the first; source register 0 says that it is a plain number.</summary>
    private void PutConstants(byte[] instructions)
    {
        for (int at = 0; constants is not null && at + 16 <= instructions.Length; at += 8)
        {
            Span<byte> pair = instructions.AsSpan(at, 16);
            if (pair[0] != LoadImmediate64)
            {
                continue;
            }

            ulong number = BinaryPrimitives.ReadUInt32LittleEndian(pair[4..]) | (ulong)BinaryPrimitives.ReadUInt32LittleEndian(pair[12..]) << 32;
            if (pair[1] >> 4 == 0 && constants.TryGetValue(number, out ulong constant))
            {
                BinaryPrimitives.WriteUInt32LittleEndian(pair[4..], (uint)constant);
                BinaryPrimitives.WriteUInt32LittleEndian(pair[12..], (uint)(constant >> 32));
            }

            at += 8;
        }
    }

    private SafeBpfHandle Load(string name, byte[] instructions, uint type, uint attachType)
    {
        fixed (byte* code = instructions)
        fixed (byte* licenseText = Encoding.UTF8.GetBytes(license + '\0'))
        {
            var attributes = new ProgramLoadAttributes
            {
                Type = type,
                InstructionCount = (uint)instructions.Length / 8,
                Instructions = (ulong)code,
                License = (ulong)licenseText,
                ExpectedAttachType = attachType,
            };
            BpfSyscall.WriteName(attributes.Name, name);
            int fd = Call(ref attributes);
            if (fd >= 0)
            {
                return new SafeBpfHandle(fd);
            }

            throw fd is -Errno.EINVAL or -Errno.EACCES or -Errno.EPERM or -Errno.E2BIG
                ? Explain(name, -fd, ref attributes)
                : BpfException.For(BpfCommand.ProgramLoad, "load program", name, -fd);
        }
    }

    // The log is asked for only after a refusal: writing it makes a load several times slower.
    private static BpfException Explain(string name, int errno, ref ProgramLoadAttributes attributes)
    {
        byte[] log = new byte[LogSize];
        fixed (byte* buffer = log)
        {
            attributes.LogLevel = 1;
            attributes.LogSize = LogSize;
            attributes.LogBuffer = (ulong)buffer;
            int fd = Call(ref attributes);
            if (fd >= 0)
            {
                new SafeBpfHandle(fd).Dispose();
            }
        }

        int end = Array.IndexOf(log, (byte)0);
        string text = Encoding.UTF8.GetString(log, 0, end < 0 ? log.Length : end);
        return text.Length == 0
            ? BpfException.For(BpfCommand.ProgramLoad, "load program", name, errno)
            : BpfException.Refused(name, errno, text);
    }

    private static int Call(ref ProgramLoadAttributes attributes)
    {
        int result = -Errno.EAGAIN;
        for (int attempt = 0; attempt < Attempts && result == -Errno.EAGAIN; attempt++)
        {
            result = BpfSyscall.Call(BpfCommand.ProgramLoad, ref attributes);
        }

        return result;
    }
}
