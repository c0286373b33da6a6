using KvStoreMesh.Replicator.Options;
using Microsoft.Extensions.Logging.Console;

namespace KvStoreMesh.Replicator.Hosting;

/// <summary>Log lines on the console: one line each, UTC.</summary>
internal static class DaemonLogging
{
    private const string Timestamp = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";

    /// <summary>Adds the console.</summary>
    public static void AddConsole(this ILoggingBuilder logging, DaemonOptions options)
    {
        logging.SetMinimumLevel(options.Debug ? LogLevel.Debug : LogLevel.Information);

        // Per-request noise; what matters of a request we log ourselves.
        logging.AddFilter("Microsoft", LogLevel.Warning).AddFilter("Grpc", LogLevel.Error).AddFilter("Akka", LogLevel.Warning);
        if (options.LogFormat == LogFormat.Json)
        {
            logging.AddJsonConsole(json => (json.TimestampFormat, json.UseUtcTimestamp) = (Timestamp.TrimEnd(), true));
        }
        else
        {
            logging.AddSimpleConsole(text =>
            {
                (text.SingleLine, text.ColorBehavior) = (true, LoggerColorBehavior.Disabled);
                (text.TimestampFormat, text.UseUtcTimestamp) = (Timestamp, true);
            });
        }
    }
}
