using System.Globalization;

namespace KvStoreMesh.Bpf.Syscalls;

/// <summary>Error numbers of Linux (asm-generic: x86-64 and arm64 agree) that bpf(2) and its neighbours return.</summary>
internal static class Errno
{
    public const int EPERM = 1;
    public const int ENOENT = 2;
    public const int EINTR = 4;
    public const int E2BIG = 7;
    public const int EBADF = 9;
    public const int EAGAIN = 11;
    public const int ENOMEM = 12;
    public const int EACCES = 13;
    public const int EBUSY = 16;
    public const int EEXIST = 17;
    public const int ENOTDIR = 20;
    public const int EINVAL = 22;
    public const int ENODEV = 19;
    public const int ENOSPC = 28;
    public const int EROFS = 30;
    public const int ENOSYS = 38;
    public const int ENOLINK = 67;
    public const int EOPNOTSUPP = 95;

    /// <summary>The kernel's own "operation not supported", which has no name in libc; batch operations return it.</summary>
    public const int ENOTSUPP = 524;

    public static string NameOf(int errno) => errno switch
    {
        EPERM => nameof(EPERM),
        ENOENT => nameof(ENOENT),
        EINTR => nameof(EINTR),
        E2BIG => nameof(E2BIG),
        EBADF => nameof(EBADF),
        EAGAIN => nameof(EAGAIN),
        ENOMEM => nameof(ENOMEM),
        EACCES => nameof(EACCES),
        EBUSY => nameof(EBUSY),
        EEXIST => nameof(EEXIST),
        ENOTDIR => nameof(ENOTDIR),
        EINVAL => nameof(EINVAL),
        ENODEV => nameof(ENODEV),
        ENOSPC => nameof(ENOSPC),
        EROFS => nameof(EROFS),
        ENOSYS => nameof(ENOSYS),
        ENOLINK => nameof(ENOLINK),
        EOPNOTSUPP => nameof(EOPNOTSUPP),
        ENOTSUPP => nameof(ENOTSUPP),
        _ => "errno " + errno.ToString(CultureInfo.InvariantCulture),
    };
}
