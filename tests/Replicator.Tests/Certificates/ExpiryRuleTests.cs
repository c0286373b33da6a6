using CsCheck;
using KvStoreMesh.Replicator.Certificates;

namespace KvStoreMesh.Replicator.Tests.Certificates;

public sealed class ExpiryRuleTests
{
    private static readonly DateTimeOffset Now = new(2026, 7, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly ExpiryRule _rule = new();

    [Theory]
    [InlineData(30.01, null)]
    [InlineData(30, ExpiryStage.Month)]
    [InlineData(7.01, ExpiryStage.Month)]
    [InlineData(7, ExpiryStage.Week)]
    [InlineData(1.01, ExpiryStage.Week)]
    [InlineData(1, ExpiryStage.Day)]
    [InlineData(0.001, ExpiryStage.Day)]
    [InlineData(0, ExpiryStage.Expired)]
    [InlineData(-5, ExpiryStage.Expired)]
    public void A_daemon_that_starts_late_warns_of_the_stage_it_finds(double days, object? stage) =>
        Assert.Equal(stage is null ? [] : [(ExpiryStage)stage], Look(Some(days)).Select(notice => notice.Stage));

    [Fact]
    public void Each_stage_is_warned_of_once_on_the_way()
    {
        var stages = new List<ExpiryStage>();
        for (var hours = 0; hours <= 24 * 40; hours++)
        {
            stages.AddRange(_rule.Look([Some(35)], Now.AddHours(hours)).Select(notice => notice.Stage));
        }

        Assert.Equal([ExpiryStage.Month, ExpiryStage.Week, ExpiryStage.Day, ExpiryStage.Expired], stages);
    }

    [Fact]
    public void A_replaced_certificate_is_told_and_starts_from_the_beginning()
    {
        Look(Some(5));
        var told = Assert.Single(Look(Some(300, thumbprint: "B")));
        Assert.Equal((true, ExpiryStage.Far), (told.IsRotated, told.Stage));
        Assert.Empty(Look(Some(300, thumbprint: "B")));
        Assert.Equal(ExpiryStage.Week, Assert.Single(_rule.Look([Some(300, thumbprint: "B")], Now.AddDays(294))).Stage);
    }

    [Fact]
    public void Certificates_do_not_disturb_each_other() =>
        Gen.Select(Gen.Double[-1, 40], Gen.Double[-1, 40]).Sample((one, other) =>
        {
            var alone = new ExpiryRule().Look([Some(one)], Now).Concat(new ExpiryRule().Look([Some(other, "d")], Now)).ToList();
            Assert.Equal(alone, new ExpiryRule().Look([Some(one), Some(other, "d")], Now));
        });

    private static WatchedCertificate Some(double days, string cluster = "c", string thumbprint = "A") =>
        new(cluster, "client", "/certs/tls.crt", Now.AddDays(days), thumbprint);

    private IReadOnlyList<CertificateNotice> Look(params WatchedCertificate[] certificates) => _rule.Look(certificates, Now);
}
