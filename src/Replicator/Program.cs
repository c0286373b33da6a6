// The daemon `kvstoremesh`. Where to find what:
//   Commands/        the command line: run, status, version
//   Options/         what `run` was told, validated
//   Hosting/         the composition root: endpoints, actors, start and stop
//   ClusterConfigs/  the directory of remote clusters, watched
//   Fanout/          the stream to the node agents
//   StatusApi/       /v1/*, in Cilium's form
//   StatusPage/      / for people, live
//   Health/          /healthz and /readyz
//   Telemetry/       /metrics
using KvStoreMesh.Replicator.Commands;

return await RootCommandLine.InvokeAsync(args, TimeProvider.System);
