using CsCheck;
using KvStoreMesh.Replicator.ClusterConfigs;
using KvStoreMesh.Replicator.StatusApi;
using KvStoreMesh.Replicator.StatusPage;

namespace KvStoreMesh.Replicator.Tests.StatusPage;

/// <summary>The page as text: names come from strangers, and a mesh may be large.</summary>
public sealed class PageViewTests
{
    private static readonly DateTimeOffset Now = new(2026, 7, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly string[] Nasty =
        ["<script>alert(1)</script>", "\" onload=\"x", "'><img src=x onerror=x>", "a\ndata: b\n\nevent: x", "{{content}}", "]]>--><svg>", "&lt;b&gt;", "\u2028\0"];

    [Fact]
    public void Whatever_the_names_and_errors_are_the_markup_is_the_same()
    {
        // Names only change text and attribute values: without them, two pages of the same shape have the same tags.
        var expected = Tags(PageView.Of("x", PageView.ContentOf(Overview("b", "node", "broken"))));
        Gen.Select(Text, Text, Text).Sample(
            names =>
            {
                var page = PageView.Of(names.Item1, PageView.ContentOf(Overview(names.Item1, names.Item2, names.Item3)));
                return Tags(page).SequenceEqual(expected);
            },
            iter: 2000);
    }

    [Fact]
    public void An_event_is_one_event_whatever_is_in_it()
    {
        Text.Sample(
            text =>
            {
                var frames = new PageFrames(_ => Overview(text, text, text), TimeProvider.System);
                var lines = System.Text.Encoding.UTF8.GetString(frames.Latest().Event.Span).Split('\n');
                return lines[0] == "event: mesh" && lines[^1].Length == 0 && lines[^2].Length == 0
                    && lines[1..^2].All(line => line.StartsWith("data: ", StringComparison.Ordinal));
            },
            iter: 500);
    }

    [Fact]
    public void A_large_mesh_gives_a_page_of_bounded_size_that_shows_who_is_furthest_behind()
    {
        var agents = Enumerable.Range(0, 5000).Select(i => new AgentRow(Agent($"node-{i:0000}", (ulong)i, behind: i), 1)).ToList();
        var sources = Enumerable.Range(0, 255).Select(i => Source($"cluster-{i}", i == 77 ? SourceFreshness.Stale : SourceFreshness.Live)).ToList();
        var content = PageView.ContentOf(Overview("a", "n", null) with { Agents = agents, Sources = sources });

        Assert.InRange(content.Length, 1000, 400_000);
        Assert.Contains("node-4999", content, StringComparison.Ordinal);
        Assert.DoesNotContain("node-0001", content, StringComparison.Ordinal);
        Assert.Contains("id=\"link-cluster-cluster-77\" class=\"link stale\"", content, StringComparison.Ordinal);
        Assert.Contains("and 239 more", content, StringComparison.Ordinal);
    }

    [Fact]
    public void A_frame_is_made_once_for_all_who_look_within_the_same_moment()
    {
        var made = 0;
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        var frames = new PageFrames(before => { made += before is null ? 1 : 100; return Overview("a", "n", null); }, time);

        Assert.Same(frames.Latest(), frames.Latest());
        time.Advance(PageFrames.MinAge);
        frames.Latest();
        Assert.Equal(101, made);

        // Long after the last look there is nothing to compare with: a rate over that time would mislead.
        time.Advance(TimeSpan.FromMinutes(1));
        frames.Latest();
        Assert.Equal(102, made);
    }

    [Fact]
    public void A_line_grows_with_its_rate_and_never_covers_its_neighbours() => Gen.Double[0, 1e9].Array[2].Sample(rates =>
    {
        Array.Sort(rates);
        var (thin, thick) = (MeshPicture.Thickness(rates[0]), MeshPicture.Thickness(rates[1]));
        return thin <= thick && thin >= MeshPicture.Thickness(null) && thick <= 9;
    });

    private static Gen<string> Text => Gen.Frequency((1, Gen.Int[0, Nasty.Length - 1].Select(i => Nasty[i])), (1, Gen.Char.Array[1, 40].Select(c => new string(c))));

    // Element names in order, and the number of attributes of each: what a value could only change by breaking out.
    private static List<string> Tags(string html)
    {
        var tags = new List<string>();
        for (var at = html.IndexOf('<', StringComparison.Ordinal); at >= 0; at = html.IndexOf('<', at + 1))
        {
            var end = html.IndexOf('>', at);
            var tag = html[at..end];
            tags.Add($"{tag.Split(' ', '\n')[0]} {tag.Count(c => c == '"')} {html.AsSpan(end).Count('>') > 0}");
        }

        return tags;
    }

    private static MeshOverview Overview(string cluster, string node, string? problem) => new(
        cluster,
        Now,
        [Source(cluster, SourceFreshness.Live) with { Problem = problem }],
        [new AgentRow(Agent(node, 1, 0) with { Nacks = 1, LastNack = problem }, null)],
        new ConnectionCounts(1, 1, 4, 1),
        new ConfigurationModel("/etc", [new ConfigurationProblem(node, null, cluster)], null));

    private static SourceRow Source(string name, SourceFreshness freshness) => new(
        new RemoteClusterModel { Name = name, Ready = true }, false, freshness, "Watching", null, TimeSpan.FromSeconds(1), 5, 7, 0);

    private static SubscriberModel Agent(string node, ulong session, long behind) =>
        new(node, "i", node, session, Now, true, 10, 5, behind, 0, 0, 0, 0, null);
}
