using Akka.Configuration;
using Akka.Persistence.Sql;
using KvStoreMesh.Actors.Persistence;
using LinqToDB;

namespace KvStoreMesh.Replicator.State;

/// <summary>Akka.Persistence.Sql in the database of the entries, with tables that are recognisably ours.</summary>
internal static class JournalConfiguration
{
    /// <summary>The journal in a SQLite file.</summary>
    public static Config Sqlite(string connectionString) => Of(connectionString, ProviderName.SQLiteMS);

    /// <summary>The journal in a PostgreSQL database.</summary>
    public static Config Postgres(string connectionString) => Of(connectionString, ProviderName.PostgreSQL15);

    // Plugins start with the first persistent actor, which is after the database has been opened and found to be ours.
    private static Config Of(string connectionString, string provider)
    {
        var connection = Quote(connectionString);
        return ConfigurationFactory.ParseString(
            $$"""
            akka.persistence {
                journal {
                    plugin = "akka.persistence.journal.sql"
                    auto-start-journals = []
                    sql {
                        class = "Akka.Persistence.Sql.Journal.SqlWriteJournal, Akka.Persistence.Sql"
                        connection-string = {{connection}}
                        provider-name = "{{provider}}"
                        auto-initialize = true
                        tag-write-mode = Csv
                        default {
                            journal.table-name = "kvstoremesh_journal"
                            metadata.table-name = "kvstoremesh_journal_metadata"
                        }
                    }
                }
                snapshot-store {
                    plugin = "akka.persistence.snapshot-store.sql"
                    auto-start-snapshot-stores = []
                    sql {
                        class = "Akka.Persistence.Sql.Snapshot.SqlSnapshotStore, Akka.Persistence.Sql"
                        connection-string = {{connection}}
                        provider-name = "{{provider}}"
                        auto-initialize = true
                        default {
                            snapshot.table-name = "kvstoremesh_snapshot"
                        }
                    }
                }
            }
            """)
            .WithFallback(LifecycleJournal.Serialization)
            .WithFallback(SqlPersistence.DefaultConfiguration);
    }

    private static string Quote(string text) =>
        $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
