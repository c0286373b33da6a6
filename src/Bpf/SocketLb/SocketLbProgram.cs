namespace KvStoreMesh.Bpf.SocketLb;

/// <summary>One program of the object and where it goes; numbers of <c>enum bpf_prog_type</c> and <c>enum bpf_attach_type</c> in <c>linux/bpf.h</c>.</summary>
internal sealed record SocketLbProgram(string Name, string Section, uint ProgramType, uint AttachType)
{
    private const uint CgroupSock = 9;
    private const uint CgroupSockAddr = 18;

    /// <summary>
    /// All programs, in the order they are attached: what takes a translation back comes before what translates, so that no
    /// socket ever sees a backend's address. They are detached the other way round.
    /// </summary>
    public static IReadOnlyList<SocketLbProgram> All { get; } =
    [
        new("cil_sock_release", "cgroup/sock_release", CgroupSock, 34),
        new("cil_sock4_getpeername", "cgroup/getpeername4", CgroupSockAddr, 29),
        new("cil_sock6_getpeername", "cgroup/getpeername6", CgroupSockAddr, 30),
        new("cil_sock4_recvmsg", "cgroup/recvmsg4", CgroupSockAddr, 19),
        new("cil_sock6_recvmsg", "cgroup/recvmsg6", CgroupSockAddr, 20),
        new("cil_sock4_sendmsg", "cgroup/sendmsg4", CgroupSockAddr, 14),
        new("cil_sock6_sendmsg", "cgroup/sendmsg6", CgroupSockAddr, 15),
        new("cil_sock4_connect", "cgroup/connect4", CgroupSockAddr, 10),
        new("cil_sock6_connect", "cgroup/connect6", CgroupSockAddr, 11),
    ];
}
