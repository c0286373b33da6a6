// dotnet run -c Release --project bench/Microbenchmarks -- --filter '*'
using BenchmarkDotNet.Running;

BenchmarkSwitcher.FromAssembly(typeof(KvStoreMesh.Microbenchmarks.MeshCacheBenchmarks).Assembly).Run(args);
