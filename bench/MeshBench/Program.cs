// MeshBench: what a daemon costs, and what its alternatives cost. Where to find what:
//   Commands/   the command line: a command per scenario, and `mock` and `subscribe` by themselves
//   Scenarios/  what is measured, in which order
//   Mock/       clusters in the shape of Cilium's, written to real etcds
//   Fleet/      thousands of subscribers on one thread, each with a digest of what it holds
//   Wire/       just enough HTTP/2 and gRPC for that, over epoll
//   Processes/  everything under test or measuring is a process of its own, so that the kernel accounts it
//   Results/    JSON, tables, plots
using KvStoreMesh.MeshBench.Commands;

return await RootCommandLine.InvokeAsync(args);
