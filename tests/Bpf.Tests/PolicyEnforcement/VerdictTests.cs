using CsCheck;
using KvStoreMesh.Bpf.Maps.Policy;
using KvStoreMesh.TestSupport.Kernel;

namespace KvStoreMesh.Bpf.Tests.PolicyEnforcement;

/// <summary>What the programs decide, packet by packet, at both kinds of attachment.</summary>
public sealed class VerdictTests
{
    private const string Own = "10.1.0.7";
    private const string Peer = "10.2.0.15";
    private const uint PeerIdentity = 132306;

    [BpfFact]
    public void Without_an_entry_everything_is_dropped_and_reported()
    {
        using var endpoint = new PolicedEndpoint();
        endpoint.Knows(Peer, PeerIdentity);

        Assert.Equal(2, endpoint.Run("cil_to_container", Packet.Of(Packet.Tcp, $"{Peer}:4000", $"{Own}:8080")));

        DropEvent dropped = Assert.Single(endpoint.Drops());
        Assert.Equal((PolicedEndpoint.Id, PolicyDirection.Ingress, DropReason.PolicyDenied, PeerIdentity), (dropped.Endpoint, dropped.Direction, dropped.Reason, dropped.RemoteIdentity));
        Assert.Equal(($"{Peer}:4000", $"{Own}:8080"), ($"{dropped.Source}", $"{dropped.Destination}"));
        Assert.Equal((Packet.Tcp, Packet.Syn), (dropped.Protocol, dropped.TcpFlags));
        KeyValuePair<MetricsKey, MetricsValue> counted = Assert.Single(endpoint.Shared.ReadMetrics());
        Assert.Equal((DropReason.PolicyDenied, PolicyDirection.Ingress, 1ul), (counted.Key.Reason, counted.Key.Direction, counted.Value.Packets));
    }

    [BpfFact]
    public void Every_verdict_is_that_of_the_naive_lookup()
    {
        using var endpoint = new PolicedEndpoint(new() { ConntrackEntries = 64 });
        string[] peers = ["10.2.0.15", "10.2.0.16", "10.3.0.1", "8.8.8.8", "fd00:2::15", "2001:db8::1"];
        endpoint.Knows("10.2.0.15", 1001);
        endpoint.Knows("10.2.0.0/24", 1002);
        endpoint.Knows("10.3.0.0/16", 2);
        endpoint.Knows("fd00:2::15", 1001);
        byte[] protocols = [Packet.Tcp, Packet.Udp, Packet.Sctp];
        Gen<(PolicyKey Key, bool Deny)> entry = Gen.Select(
            Gen.OneOf([.. ((uint[])[0, 1001, 1002, 9, 10]).Select(Gen.Const)]), Gen.Bool, Gen.OneOf([.. ((byte[])[0, Packet.Tcp, Packet.Udp, Packet.Sctp]).Select(Gen.Const)]), Gen.Int[0, 15], Gen.Int[12, 16], Gen.Bool)
            .Select((id, egress, protocol, port, bits, deny) => (
                new PolicyKey(id, egress ? PolicyDirection.Egress : PolicyDirection.Ingress, protocol, (ushort)(8080 + port), bits == 12 ? 0 : bits), deny));
        Gen<(string Peer, bool Egress, byte Protocol, int Port)> probe =
            Gen.Select(Gen.OneOf([.. peers.Select(Gen.Const)]), Gen.Bool, Gen.OneOf([.. protocols.Select(Gen.Const)]), Gen.Int[8080, 8095]);

        ushort client = 1024;
        Gen.Select(entry.Array[0, 12], probe.Array[12]).Sample(
            (entries, probes) =>
            {
                endpoint.Policy.DeleteBatch([.. endpoint.Policy.Entries().Select(e => e.Key)]);
                var naive = new Dictionary<PolicyKey, bool>();
                foreach ((PolicyKey key, bool deny) in entries)
                {
                    naive[key] = deny;
                    endpoint.Policy.Update(key, new(key, deny, deny ? PolicyEntry.DenyPrecedence : PolicyEntry.AllowPrecedence));
                }

                foreach ((string peer, bool egress, byte protocol, int port) in probes)
                {
                    // Never the same flow twice: this is about verdicts, not about replies.
                    client = client == ushort.MaxValue ? (ushort)1024 : (ushort)(client + 1);
                    string own = peer.Contains(':', StringComparison.Ordinal) ? "[fd00:1::7]" : Own;
                    string remote = own == Own ? peer : $"[{peer}]";
                    byte[] packet = egress
                        ? Packet.Of(protocol, $"{own}:{client}", $"{remote}:{port}")
                        : Packet.Of(protocol, $"{remote}:{client}", $"{own}:{port}");
                    PolicyDirection direction = egress ? PolicyDirection.Egress : PolicyDirection.Ingress;
                    uint identity = peer switch { "10.2.0.15" or "fd00:2::15" => 1001, "10.2.0.16" => 1002, "2001:db8::1" => 10, _ => 9 };
                    bool expected = Naive(naive, identity, direction, protocol, (ushort)port);
                    if (endpoint.Passes(direction, packet) != expected)
                    {
                        return false;
                    }
                }

                endpoint.Drops();
                return true;
            },
            iter: 300,
            threads: 1);
    }

    [BpfFact]
    public void Replies_of_allowed_flows_pass_and_nothing_else_does()
    {
        using var endpoint = new PolicedEndpoint();
        endpoint.Knows(Peer, PeerIdentity);
        endpoint.Allows(new(PeerIdentity, PolicyDirection.Egress, Packet.Tcp, 443, 16));
        endpoint.Allows(new(PeerIdentity, PolicyDirection.Egress, Packet.Udp, 53, 16));

        foreach ((byte protocol, int port) in ((byte, int)[])[(Packet.Tcp, 443), (Packet.Udp, 53)])
        {
            byte[] answer = Packet.Of(protocol, $"{Peer}:{port}", $"{Own}:4000", Packet.Syn | Packet.Ack);
            Assert.False(endpoint.PassesIn(answer));
            Assert.True(endpoint.PassesOut(Packet.Of(protocol, $"{Own}:4000", $"{Peer}:{port}")));
            Assert.True(endpoint.PassesIn(answer));
            Assert.False(endpoint.PassesIn(Packet.Of(protocol, $"{Peer}:{port}", $"{Own}:4001", Packet.Ack)));
            Assert.False(endpoint.PassesIn(Packet.Of(protocol, $"10.2.0.16:{port}", $"{Own}:4000", Packet.Ack)));
        }

        // The ports of a known flow do not let the other side begin one.
        Assert.False(endpoint.PassesIn(Packet.Of(Packet.Tcp, $"{Peer}:443", $"{Own}:4000", Packet.Syn)));
    }

    [BpfFact]
    public void A_flow_that_is_no_longer_allowed_gets_no_replies()
    {
        using var endpoint = new PolicedEndpoint();
        endpoint.Knows(Peer, PeerIdentity);
        var key = new PolicyKey(PeerIdentity, PolicyDirection.Egress, Packet.Udp, 53, 16);
        endpoint.Allows(key);
        byte[] question = Packet.Of(Packet.Udp, $"{Own}:4000", $"{Peer}:53");
        byte[] answer = Packet.Of(Packet.Udp, $"{Peer}:53", $"{Own}:4000");
        Assert.True(endpoint.PassesOut(question));
        Assert.True(endpoint.PassesIn(answer));

        endpoint.Policy.Delete(key);

        Assert.False(endpoint.PassesOut(question));
        Assert.False(endpoint.PassesIn(answer));
    }

    [BpfFact]
    public void Errors_about_a_known_flow_pass_from_any_router()
    {
        using var endpoint = new PolicedEndpoint();
        endpoint.Knows(Peer, PeerIdentity);
        endpoint.Allows(new(0, PolicyDirection.Egress, Packet.Tcp, 443, 16));
        byte[] sent = Packet.Of(Packet.Tcp, $"{Own}:4000", $"{Peer}:443");
        byte[] sent6 = Packet.Of(Packet.Tcp, "[fd00:1::7]:4000", "[fd00:2::15]:443");
        byte[] tooBig = Packet.ErrorAbout(sent, "172.18.0.1", Own, 3);
        byte[] tooBig6 = Packet.ErrorAbout(sent6, "fe80::1", "fd00:1::7", 2);
        Assert.False(endpoint.PassesIn(tooBig));
        Assert.False(endpoint.PassesIn(tooBig6));

        Assert.True(endpoint.PassesOut(sent));
        Assert.True(endpoint.PassesOut(sent6));

        Assert.True(endpoint.PassesIn(tooBig));
        Assert.True(endpoint.PassesIn(tooBig6));
        Assert.False(endpoint.PassesIn(Packet.ErrorAbout(Packet.Of(Packet.Tcp, $"{Own}:4001", $"{Peer}:443"), "172.18.0.1", Own, 3)));
    }

    [BpfFact]
    public void Icmp_is_judged_by_its_type_and_answered()
    {
        using var endpoint = new PolicedEndpoint();
        endpoint.Allows(new(0, PolicyDirection.Ingress, Packet.Icmp, 8, 16));
        endpoint.Allows(new(0, PolicyDirection.Ingress, Packet.IcmpV6, 128, 16));

        Assert.False(endpoint.PassesOut(Packet.IcmpOf(Own, Peer, 0)));
        Assert.True(endpoint.PassesIn(Packet.IcmpOf(Peer, Own, 8)));
        Assert.True(endpoint.PassesOut(Packet.IcmpOf(Own, Peer, 0)));
        Assert.False(endpoint.PassesOut(Packet.IcmpOf(Own, Peer, 0, identifier: 8)));
        Assert.False(endpoint.PassesIn(Packet.IcmpOf(Peer, Own, 13)));
        Assert.True(endpoint.PassesIn(Packet.IcmpOf("fd00:2::15", "fd00:1::7", 128)));
        Assert.True(endpoint.PassesOut(Packet.IcmpOf("fd00:1::7", "fd00:2::15", 129)));
    }

    [BpfFact]
    public void What_is_no_traffic_between_endpoints_is_not_judged()
    {
        using var endpoint = new PolicedEndpoint();

        Assert.True(endpoint.PassesIn(Packet.IcmpOf("fe80::1", "ff02::1", 135)));
        Assert.True(endpoint.PassesOut(Packet.Of(Packet.Tcp, "127.0.0.1:4000", "127.0.0.2:80")));
        Assert.True(endpoint.PassesOut(Packet.Of(Packet.Tcp, "[::1]:4000", "[::1]:80")));
        Assert.True(endpoint.PassesOut(Packet.Of(Packet.Tcp, $"{Own}:4000", $"{Own}:80")));
        byte[] arp = [.. new byte[12], 8, 6, .. new byte[28]];
        Assert.Equal(-1, endpoint.Run("cil_to_container", arp));
        Assert.Empty(endpoint.Drops());
    }

    [BpfFact]
    public void Later_fragments_pass_only_where_no_port_is_asked_for()
    {
        using var endpoint = new PolicedEndpoint();
        byte[] fragment = Packet.LaterFragment(Packet.Of(Packet.Udp, $"{Peer}:4000", $"{Own}:53"));
        endpoint.Allows(new(0, PolicyDirection.Ingress, Packet.Udp, 53, 16));
        Assert.False(endpoint.PassesIn(fragment));
        Assert.All(endpoint.Drops(), dropped => Assert.Equal(DropReason.FragmentNotSupported, dropped.Reason));

        endpoint.Allows(new(0, PolicyDirection.Ingress, Packet.Udp));
        Assert.True(endpoint.PassesIn(fragment));
    }

    [BpfFact]
    public void Four_extension_headers_are_looked_through_and_no_more()
    {
        using var endpoint = new PolicedEndpoint();
        endpoint.Allows(new(0, PolicyDirection.Ingress, Packet.Tcp, 80, 16));
        byte[] packet = Packet.Of(Packet.Tcp, "[fd00:2::15]:4000", "[fd00:1::7]:80");
        byte[] other = Packet.Of(Packet.Tcp, "[fd00:2::15]:4000", "[fd00:1::7]:81");

        Assert.True(endpoint.PassesIn(Packet.WithExtensions(packet, 0, 60, 43, 60)));
        Assert.False(endpoint.PassesIn(Packet.WithExtensions(other, 0, 60, 43, 60)));
        endpoint.Drops();
        Assert.False(endpoint.PassesIn(Packet.WithExtensions(packet, 0, 60, 43, 60, 60)));
        Assert.All(endpoint.Drops(), dropped => Assert.Equal(DropReason.InvalidExtensionHeader, dropped.Reason));
    }

    [BpfFact]
    public void A_cut_packet_is_dropped()
    {
        using var endpoint = new PolicedEndpoint();
        endpoint.Allows(new(0, PolicyDirection.Ingress));
        byte[] whole = Packet.Of(Packet.Tcp, $"{Peer}:4000", $"{Own}:80");

        Assert.True(endpoint.PassesIn(whole));
        Assert.False(endpoint.PassesIn(whole[..36]));
        Assert.All(endpoint.Drops(), dropped => Assert.Equal(DropReason.InvalidPacket, dropped.Reason));
    }

    [BpfFact]
    public void What_the_ring_has_no_room_for_is_counted()
    {
        using var endpoint = new PolicedEndpoint(new() { ConntrackEntries = 64, DropRingBytes = 4096 });
        byte[] packet = Packet.Of(Packet.Tcp, $"{Peer}:4000", $"{Own}:80");
        const int Sent = 200;

        for (int i = 0; i < Sent; i++)
        {
            Assert.Equal(2, endpoint.Run("cil_to_container", packet));
        }

        int reported = endpoint.Drops().Count;
        Dictionary<DropReason, ulong> counts = endpoint.Shared.ReadMetrics().ToDictionary(m => m.Key.Reason, m => m.Value.Packets);
        Assert.InRange(reported, 1, Sent - 1);
        Assert.Equal((ulong)Sent, counts[DropReason.PolicyDenied]);
        Assert.Equal((ulong)(Sent - reported), counts[DropReason.EventLost]);
        endpoint.Run("cil_to_container", packet);
        Assert.Single(endpoint.Drops());
    }

    /// <summary>Longest match for the identity and for any; deny wins over allow.</summary>
    private static bool Naive(Dictionary<PolicyKey, bool> entries, uint identity, PolicyDirection direction, byte protocol, ushort port)
    {
        bool?[] found =
        [
            .. ((uint[])[identity, 0]).Select(id => entries
                .Where(e => e.Key.Identity == id && e.Key.Direction == direction && (e.Key.Protocol == 0 || (e.Key.Protocol == protocol && InRange(e.Key, port))))
                .OrderByDescending(e => e.Key.PrefixLength).Select(e => (bool?)e.Value).FirstOrDefault()),
        ];
        return found.Contains(false) && !found.Contains(true);
    }

    private static bool InRange(PolicyKey key, ushort port) => port >> (16 - key.PortPrefixBits) == key.Port >> (16 - key.PortPrefixBits);
}
