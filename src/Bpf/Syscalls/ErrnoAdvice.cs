namespace KvStoreMesh.Bpf.Syscalls;

/// <summary>What an operator can do about an errno of bpf(2), which says little by itself.</summary>
internal static class ErrnoAdvice
{
    public static string? For(BpfCommand command, int errno) => (command, errno) switch
    {
        (BpfCommand.ObjectPin, Errno.EPERM) =>
            "the path is not on a bpffs, or a name in it has a dot; mount one with: mount -t bpf -o mode=0700 bpf /sys/fs/bpf",
        (BpfCommand.ObjectPin or BpfCommand.ObjectGet, Errno.ENOENT) =>
            "nothing is there; in a container the host's bpffs must be bound in (-v /sys/fs/bpf:/sys/fs/bpf)",
        (BpfCommand.ObjectPin, Errno.EEXIST) => "something is pinned there already",
        (BpfCommand.ObjectPin, Errno.EROFS) => "the bpffs is mounted read-only; bind it read-write",
        (BpfCommand.ObjectGet, Errno.EINVAL or Errno.EACCES) => "the path is no pinned object of this kind",
        (BpfCommand.MapUpdate or BpfCommand.MapDelete or BpfCommand.MapUpdateBatch or BpfCommand.MapDeleteBatch, Errno.EPERM) =>
            "the map is frozen or was opened read-only",
        (BpfCommand.ProgramLoad or BpfCommand.LinkCreate or BpfCommand.LinkUpdate, Errno.EPERM) =>
            "it needs the capabilities CAP_BPF and CAP_NET_ADMIN (docker: --cap-add BPF --cap-add NET_ADMIN)",
        (_, Errno.EPERM) => "it needs the capability CAP_BPF (docker: --cap-add BPF)",
        (BpfCommand.LinkCreate, Errno.EBADF) =>
            "the directory belongs to a cgroup v1 hierarchy or is no cgroup; give one of the cgroup2 mount (type cgroup2 in /proc/self/mountinfo)",
        (BpfCommand.LinkUpdate or BpfCommand.LinkDetach, Errno.ENOLINK) =>
            "what it was attached to is gone; the link must be created anew",
        (BpfCommand.MapUpdate or BpfCommand.MapUpdateBatch, Errno.E2BIG or Errno.ENOSPC) =>
            "the map is full; raise its maximum number of entries",
        (BpfCommand.MapCreate, Errno.E2BIG) => "the map would be too large",
        (_, Errno.ENOMEM) => "the kernel had no memory for it; the memory limit of this cgroup includes its maps",
        (BpfCommand.ProgramLoad, Errno.EINVAL or Errno.EACCES) => "the verifier refused the program",
        (_, Errno.ENOSYS) => "this kernel has no bpf(2)",
        (_, Errno.ENOTSUPP or Errno.EOPNOTSUPP) => "this kernel does not support it for this type",
        _ => null,
    };
}
