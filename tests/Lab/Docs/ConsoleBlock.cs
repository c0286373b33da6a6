using System.Text;
using System.Text.RegularExpressions;

namespace KvStoreMesh.Lab.Docs;

/// <summary>A command of a <c>console</c> block in a page, and the output that the page shows for it.</summary>
/// <param name="Where">Page and line, for messages.</param>
/// <param name="Command">Without the prompt.</param>
/// <param name="Expected">The output; <c>…</c> stands for anything on its line, alone on a line for any lines.</param>
internal sealed record ConsoleBlock(string Where, string Command, string Expected)
{
    /// <summary>The commands of a page, in order.</summary>
    public static List<ConsoleBlock> Of(string page, string text)
    {
        var blocks = new List<ConsoleBlock>();
        var (inside, number) = (false, 0);
        var (command, line, output) = ("", 0, new StringBuilder());
        foreach (var content in text.Split('\n'))
        {
            number++;
            if (content.StartsWith("```", StringComparison.Ordinal))
            {
                Flush();
                inside = content == "```console";
            }
            else if (inside && content.StartsWith("$ ", StringComparison.Ordinal))
            {
                Flush();
                (command, line) = (content[2..], number);
            }
            else if (inside)
            {
                output.Append(content).Append('\n');
            }
        }

        return blocks;

        void Flush()
        {
            if (command.Length > 0)
            {
                blocks.Add(new ConsoleBlock($"{page}:{line}", command, output.ToString()));
            }

            (command, output) = ("", new StringBuilder());
        }
    }

    /// <summary>The output is what the page shows.</summary>
    public bool Matches(string output)
    {
        var pattern = Regex.Escape(Expected).Replace("…\\n", "…\n", StringComparison.Ordinal).Replace("\\n", "\n", StringComparison.Ordinal);
        var lines = pattern.Split('\n').Select(line => line == "…" ? "(?:.*\n)*?" : line.Replace("…", ".*", StringComparison.Ordinal) + "\n");
        var whole = string.Concat(lines);
        return Regex.IsMatch(output, $"^{whole[..^1]}$", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(5));
    }
}
