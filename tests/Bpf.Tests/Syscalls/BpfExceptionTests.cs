using KvStoreMesh.Bpf.Syscalls;

namespace KvStoreMesh.Bpf.Tests.Syscalls;

public sealed class BpfExceptionTests
{
    [Theory]
    [InlineData(BpfCommand.MapCreate, Errno.EPERM, "CAP_BPF")]
    [InlineData(BpfCommand.ProgramLoad, Errno.EPERM, "CAP_NET_ADMIN")]
    [InlineData(BpfCommand.ObjectPin, Errno.EPERM, "mount -t bpf")]
    [InlineData(BpfCommand.ObjectPin, Errno.ENOENT, "-v /sys/fs/bpf:/sys/fs/bpf")]
    [InlineData(BpfCommand.ObjectPin, Errno.EROFS, "read-only")]
    [InlineData(BpfCommand.LinkCreate, Errno.EBADF, "cgroup v1")]
    [InlineData(BpfCommand.LinkUpdate, Errno.ENOLINK, "created anew")]
    [InlineData(BpfCommand.MapUpdateBatch, Errno.E2BIG, "full")]
    [InlineData(BpfCommand.MapUpdate, Errno.ENOSPC, "full")]
    [InlineData(BpfCommand.MapCreate, Errno.ENOMEM, "memory limit")]
    [InlineData(BpfCommand.MapDeleteBatch, Errno.ENOTSUPP, "does not support")]
    internal void A_refusal_says_in_one_line_what_was_tried_on_what_and_what_helps(BpfCommand command, int errno, string help)
    {
        var refused = BpfException.For(command, "do something to", "cilium_ipcache_v2", errno, completed: 3);

        Assert.StartsWith($"cannot do something to cilium_ipcache_v2: {refused.ErrorName}: ", refused.Message, StringComparison.Ordinal);
        Assert.Contains(help, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
        Assert.Equal((errno, 3), (refused.ErrorNumber, refused.Completed));
    }

    [Fact]
    public void An_errno_without_advice_is_still_named() =>
        Assert.Equal("cannot read x: errno 110", BpfException.For(BpfCommand.MapLookup, "read", "x", 110).Message);
}
