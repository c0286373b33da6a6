using CsCheck;

namespace KvStoreMesh.Core.Tests.Cache;

/// <summary>
/// I1 to I5 for a subscriber that moves between daemons which watch the same source: each with its own numbers, its own
/// batches, sometimes its own name for the history, restarted at any time, with a log of any length.
/// </summary>
public sealed class ResumeTests
{
    [Fact]
    public void I1_I2_I4_I5_A_reader_that_moves_between_daemons_never_goes_back_and_ends_with_the_source()
    {
        var modes = new Dictionary<string, int>();
        Gen.Int[0, int.MaxValue].Sample(seed => Roam(seed, sharedEpoch: true, relists: false, modes), iter: 1000, threads: 1);

        // Each way was taken, or the property says nothing of it; and nothing was lost that only a digest would find.
        Assert.All(modes.Where(mode => mode.Key != "diverged"), mode => Assert.True(mode.Value > 200, mode.ToString()));
        Assert.Equal(0, modes["diverged"]);
    }

    [Fact]
    public void I5_What_no_log_can_tell_is_found_by_the_digest()
    {
        var modes = new Dictionary<string, int>();
        Gen.Int[0, int.MaxValue].Sample(seed => Roam(seed, sharedEpoch: seed % 2 == 0, relists: true, modes), iter: 1000, threads: 1);
        Assert.True(modes["diverged"] > 0, "a list that hides a key's whole life from a daemon that was behind");
    }

    private static void Roam(int seed, bool sharedEpoch, bool relists, Dictionary<string, int> modes)
    {
        var random = new Random(seed);
        var source = new RoamingSource(random);
        for (var i = 0; i < 10; i++)
        {
            source.Write();
        }

        var epochs = 1UL;
        RoamingDaemon Start(int behind) => new(
            source, random, sharedEpoch ? epochs : ++epochs, fingerprints: true, Math.Max(1, source.Revision - random.Next(behind + 1)));
        RoamingDaemon[] daemons = [Start(3), Start(3)];
        var reader = new RoamingReader(source, strict: !relists);
        reader.Connect(daemons[0], random);
        for (var step = 0; step < 60; step++)
        {
            var daemon = random.Next(daemons.Length);
            switch (random.Next(20))
            {
                case < 6:
                    source.Write();
                    break;
                case < 11:
                    daemons[daemon].Watch(1 + random.Next(4));
                    break;
                case < 15:
                    reader.Step(1 + random.Next(300));
                    break;
                case < 17:
                    reader.Compare();
                    break;
                case < 19:
                    reader.Connect(daemons[daemon], random);
                    break;
                default:
                    // Restarted from what it had kept: it is behind, and either watches on or has to list.
                    daemons[daemon] = Start(behind: sharedEpoch ? 4 : 0);
                    if (relists)
                    {
                        source.Write();
                        reader.Connect(daemons[1 - daemon], random);
                        while (daemons[1 - daemon].Revision < source.Revision)
                        {
                            daemons[1 - daemon].Watch(1);
                            reader.Step(1000);
                        }

                        reader.Connect(daemons[daemon], random);
                        source.Write();
                        daemons[daemon].Relist();
                    }

                    break;
            }
        }

        foreach (var daemon in daemons)
        {
            daemon.Watch(source.Revision);
            reader.Connect(daemon, random);
            while (reader.Step(200))
            {
            }

            reader.Compare();
            reader.MustHold(source.Revision);
        }

        foreach (var (mode, count) in reader.Modes)
        {
            modes[mode] = modes.GetValueOrDefault(mode) + count;
        }
    }
}
