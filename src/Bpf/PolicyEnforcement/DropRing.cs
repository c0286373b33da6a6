using KvStoreMesh.Bpf.Environment;
using KvStoreMesh.Bpf.Maps;
using KvStoreMesh.Bpf.Maps.Policy;
using KvStoreMesh.Bpf.Syscalls;

namespace KvStoreMesh.Bpf.PolicyEnforcement;

/// <summary>
/// The pinned ring in which programs report dropped packets, mapped into this process. When nobody reads it and it is full,
/// further reports are counted as <see cref="DropReason.EventLost"/>. One reader; not thread-safe but for <see cref="Wait"/>.
/// </summary>
public sealed unsafe class DropRing : IDisposable
{
    private const int ReadOnly = 1; // PROT_READ
    private const int ReadWrite = 3; // PROT_READ | PROT_WRITE
    private const int Shared = 1; // MAP_SHARED
    private const uint Busy = 1u << 31;
    private const uint Discarded = 1u << 30;
    private const int HeaderBytes = 8;

    private static readonly int Page = System.Environment.SystemPageSize;

    private readonly uint _size;
    private nint _consumer;
    private nint _producer;

    private DropRing(SafeBpfHandle handle, uint size, string name)
    {
        (Handle, _size) = (handle, size);

        // One page for us to write how far we are; behind it the kernel's page and the data, twice in a row so that no record is cut.
        using SafeBpfHandle.Lease held = handle.Hold();
        _consumer = Libc.MemoryMap(0, (nuint)Page, ReadWrite, Shared, held.Fd, 0);
        int errno = _consumer == -1 ? Libc.LastError : 0;
        if (errno == 0)
        {
            _producer = Libc.MemoryMap(0, ProducerBytes, ReadOnly, Shared, held.Fd, Page);
            errno = _producer == -1 ? Libc.LastError : 0;
        }

        if (errno != 0)
        {
            Dispose();
            throw BpfException.For("map the ring", name, errno, null);
        }
    }

    internal SafeBpfHandle Handle { get; }

    private nuint ProducerBytes => (nuint)Page + (2 * (nuint)_size);

    /// <summary>Adopts the ring pinned there, if it has this size, or makes one and pins it.</summary>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public static DropRing OpenOrCreatePinned(string path, uint bytes)
    {
        string name = Path.GetFileName(path);
        int pinned = BpfSyscall.Get(path);
        if (pinned >= 0)
        {
            var found = new SafeBpfHandle(pinned);
            if (MapShape.Of(found, path) is { Type: BpfMapType.RingBuffer } shape && shape.MaxEntries == bytes)
            {
                return new(found, bytes, name);
            }

            found.Dispose();
        }

        var attributes = new MapCreateAttributes { Type = (uint)BpfMapType.RingBuffer, MaxEntries = bytes };
        BpfSyscall.WriteName(attributes.Name, name);
        int fd = BpfSyscall.Call(BpfCommand.MapCreate, ref attributes);
        if (fd < 0)
        {
            throw BpfException.For(BpfCommand.MapCreate, "create map", name, -fd);
        }

        var ring = new DropRing(new SafeBpfHandle(fd), bytes, name);
        BpfFileSystem.PinOver(ring.Handle, "map", path);
        return ring;
    }

    /// <summary>Blocks until there is something to read or the time is over; true if there is.</summary>
    public bool Wait(int milliseconds)
    {
        using SafeBpfHandle.Lease held = Handle.Hold();
        var descriptor = new PollDescriptor { Fd = held.Fd, Wanted = PollDescriptor.Readable };
        return Libc.Poll(&descriptor, 1, milliseconds) > 0;
    }

    /// <summary>Takes the next report; false when there is none.</summary>
    public bool TryRead(out DropEvent dropped)
    {
        ref ulong consumed = ref *(ulong*)_consumer;
        ulong position = Volatile.Read(ref consumed);
        dropped = default;
        while (position < Volatile.Read(ref *(ulong*)_producer))
        {
            byte* record = (byte*)_producer + Page + (position & (_size - 1));
            uint header = Volatile.Read(ref *(uint*)record);
            if ((header & Busy) != 0)
            {
                return false;
            }

            int length = (int)(header & ~Discarded);
            bool isEvent = (header & Discarded) == 0 && length == sizeof(DropEvent);
            if (isEvent)
            {
                dropped = *(DropEvent*)(record + HeaderBytes);
            }

            position += (ulong)((HeaderBytes + length + 7) & ~7);
            Volatile.Write(ref consumed, position);
            if (isEvent)
            {
                return true;
            }
        }

        return false;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_producer is not (0 or -1))
        {
            _ = Libc.MemoryUnmap(_producer, ProducerBytes);
        }

        if (_consumer is not (0 or -1))
        {
            _ = Libc.MemoryUnmap(_consumer, (nuint)Page);
        }

        (_producer, _consumer) = (0, 0);
        Handle.Dispose();
    }
}
