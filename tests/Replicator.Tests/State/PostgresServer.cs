using KvStoreMesh.TestSupport.State;
using Npgsql;

namespace KvStoreMesh.Replicator.Tests.State;

/// <summary>One PostgreSQL for all tests of a class, started when the first one wants a schema.</summary>
public sealed class PostgresServer : IAsyncLifetime
{
    private PostgresProcess? _process;

    /// <summary>How to connect to a schema that nobody has used.</summary>
    public async Task<string> NewSchemaAsync()
    {
        _process ??= await PostgresProcess.StartAsync();
        var schema = $"s{Guid.NewGuid():n}";
        await using var connection = new NpgsqlConnection(_process.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"CREATE SCHEMA {schema}", connection);
        await command.ExecuteNonQueryAsync();
        return $"{_process.ConnectionString};Search Path={schema}";
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await (_process?.DisposeAsync() ?? ValueTask.CompletedTask);
}
