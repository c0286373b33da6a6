using Microsoft.Win32.SafeHandles;

namespace KvStoreMesh.Bpf.Syscalls;

/// <summary>An owned file descriptor of a map, program, link or directory. bpf(2) makes all of its own close-on-exec.</summary>
internal sealed class SafeBpfHandle : SafeHandleMinusOneIsInvalid
{
    public SafeBpfHandle(int fd)
        : base(ownsHandle: true) => SetHandle(fd);

    /// <summary>Keeps the descriptor open while its number stands in an attribute struct, whatever another thread disposes.</summary>
    public Lease Hold() => new(this);

    protected override bool ReleaseHandle() => Libc.Close((int)handle) == 0;

    public readonly ref struct Lease
    {
        private readonly SafeBpfHandle _owner;

        public Lease(SafeBpfHandle owner)
        {
            bool held = false;
            owner.DangerousAddRef(ref held);
            _owner = owner;
        }

        public int Fd => (int)_owner.DangerousGetHandle();

        public void Dispose() => _owner.DangerousRelease();
    }
}
