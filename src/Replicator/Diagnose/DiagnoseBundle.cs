using System.Formats.Tar;
using System.IO.Compression;
using System.Text;

namespace KvStoreMesh.Replicator.Diagnose;

/// <summary>Files for a bug report as a <c>.tar.gz</c>. A part that is too large is cut, and says so.</summary>
internal sealed class DiagnoseBundle(TimeProvider time) : IAsyncDisposable
{
    /// <summary>The most characters of one part.</summary>
    public const int MaxPart = 8 << 20;

    private readonly MemoryStream _content = new();
    private GZipStream? _zip;
    private TarWriter? _tar;

    /// <summary>Adds a file.</summary>
    public void Add(string name, string text)
    {
        _zip ??= new GZipStream(_content, CompressionLevel.Optimal, leaveOpen: true);
        _tar ??= new TarWriter(_zip, TarEntryFormat.Pax, leaveOpen: true);
        var kept = text.Length > MaxPart ? $"{text.AsSpan(0, MaxPart)}\n… cut after {MaxPart} characters\n" : text;
        using var data = new MemoryStream(Encoding.UTF8.GetBytes(kept));
        _tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, $"kvstoremesh/{name}") { DataStream = data, ModificationTime = time.GetUtcNow() });
    }

    /// <summary>Writes the file, readable by its owner only.</summary>
    public async Task WriteAsync(string path, CancellationToken cancellationToken)
    {
        _tar?.Dispose();
        if (_zip is not null)
        {
            await _zip.DisposeAsync();
        }

        var mode = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            mode.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        await using var file = new FileStream(path, mode);
        _content.Position = 0;
        await _content.CopyToAsync(file, cancellationToken);
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _content.DisposeAsync();
}
