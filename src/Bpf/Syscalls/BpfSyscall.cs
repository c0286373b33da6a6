using System.Runtime.InteropServices;
using System.Text;

namespace KvStoreMesh.Bpf.Syscalls;

/// <summary>bpf(2). Returns the result, or the errno as a negative number; nothing here throws for a refusal.</summary>
internal static unsafe class BpfSyscall
{
    private static readonly nint Number = RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => 321,
        Architecture.Arm64 => 280,
        var other => throw new PlatformNotSupportedException($"the number of bpf(2) on {other} is not known; x64 and arm64 are"),
    };

    public static int Call<TAttributes>(BpfCommand command, ref TAttributes attributes)
        where TAttributes : unmanaged
    {
        fixed (TAttributes* pointer = &attributes)
        {
            nint result = Libc.Syscall(Number, (nint)command, pointer, (nuint)sizeof(TAttributes));
            return result >= 0 ? (int)result : -Libc.LastError;
        }
    }

    /// <summary>Pins the object at a path that does not exist yet.</summary>
    public static int Pin(SafeBpfHandle handle, string path)
    {
        using SafeBpfHandle.Lease held = handle.Hold();
        fixed (byte* text = Encoding.UTF8.GetBytes(path + '\0'))
        {
            var attributes = new ObjectAttributes { Path = (ulong)text, Fd = (uint)held.Fd };
            return Call(BpfCommand.ObjectPin, ref attributes);
        }
    }

    /// <summary>Opens a pinned object; the result is a descriptor.</summary>
    public static int Get(string path)
    {
        fixed (byte* text = Encoding.UTF8.GetBytes(path + '\0'))
        {
            var attributes = new ObjectAttributes { Path = (ulong)text };
            return Call(BpfCommand.ObjectGet, ref attributes);
        }
    }

    public static int Info<TInfo>(SafeBpfHandle handle, out TInfo info)
        where TInfo : unmanaged
    {
        using SafeBpfHandle.Lease held = handle.Hold();
        info = default;
        fixed (TInfo* pointer = &info)
        {
            var attributes = new InfoAttributes { Fd = (uint)held.Fd, Length = (uint)sizeof(TInfo), Info = (ulong)pointer };
            return Call(BpfCommand.ObjectInfo, ref attributes);
        }
    }

    /// <summary>
    /// The kernel keeps 15 characters of a name and takes letters, digits, underscore and dot. Names are for people only:
    /// <c>cilium_lb4_reverse_nat</c> and <c>cilium_lb4_reverse_sk</c> both become <c>cilium_lb4_reve</c>, so objects are found by pin path.
    /// </summary>
    public static void WriteName(byte* destination, string name)
    {
        for (int i = 0; i < Math.Min(name.Length, 15); i++)
        {
            destination[i] = char.IsAsciiLetterOrDigit(name[i]) ? (byte)name[i] : (byte)'_';
        }
    }
}
