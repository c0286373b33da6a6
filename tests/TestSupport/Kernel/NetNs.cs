namespace KvStoreMesh.TestSupport.Kernel;

/// <summary>A network namespace with its loopback up. Sockets made inside keep it for life, so one process can hold hosts of many networks.</summary>
public sealed class NetNs : IDisposable
{
    public NetNs()
    {
        Command.Run("ip", "netns", "add", Name);
        try
        {
            Ip("link", "set", "lo", "up");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The name, as <c>ip netns</c> knows it.</summary>
    public string Name { get; } = UniqueName.Next();

    /// <summary>Runs <c>ip</c> inside.</summary>
    public string Ip(params string[] arguments) => Command.Run("ip", ["-n", Name, .. arguments]);

    /// <summary>Runs code on a thread of its own inside. It must not await: a continuation would run outside.</summary>
    public T Run<T>(Func<T> code) => DedicatedThread.Run(() =>
    {
        Enter();
        return code();
    });

    /// <summary>Moves the calling thread inside for good; only for threads that end with the test.</summary>
    public void Enter() => KernelCalls.EnterNetworkNamespace("/run/netns/" + Name);

    public void Dispose() => Command.Run("ip", "netns", "delete", Name);
}
