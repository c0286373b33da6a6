using System.CommandLine;
using KvStoreMesh.NodeAgent.Commands;

var root = new RootCommand("node-agent: follows a kvstoremesh daemon and keeps the eBPF maps of one node")
{
    RunCommand.Create(),
    StatusCommand.Create(),
    ServiceListCommand.Create(),
    IdentityListCommand.Create(),
    NodeListCommand.Create(),
    EndpointListCommand.Create(),
    PolicyCommand.Create(),
    MonitorCommand.Create(),
    WhyCommand.Create(),
    BpfCommand.Create(),
    CleanupCommand.Create(),
};

// Signals are the host's: a command line that caught them too would end the process before the agent has stopped.
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
