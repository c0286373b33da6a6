using System.Runtime.ExceptionServices;

namespace KvStoreMesh.TestSupport.Kernel;

/// <summary>Runs code on a thread made for it and ended after it: what it changes about itself (namespace, cgroup, capabilities) touches nobody else.</summary>
public static class DedicatedThread
{
    public static T Run<T>(Func<T> code)
    {
        T result = default!;
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                result = code();
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
        return result;
    }
}
