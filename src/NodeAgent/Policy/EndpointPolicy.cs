using KvStoreMesh.Bpf.Maps.Policy;
using KvStoreMesh.Core.Resources;

namespace KvStoreMesh.NodeAgent.Policy;

/// <summary>
/// What one endpoint's policy map should hold. The entries of an identity depend on the rules and on which selectors select it, and
/// on no other identity: a change of one identity touches its own entries only.
/// </summary>
/// <remarks>
/// The datapath asks the map twice, for the remote's identity and for any, each time for the longest match, and takes the
/// higher precedence. A deny that is shorter than an allow of the same identity would be hidden by it, so such an allow is left
/// out here; what a shorter entry says anyway is left out as well. Pure.
/// </remarks>
public sealed class EndpointPolicy
{
    private static readonly PolicyDirection[] Directions = [PolicyDirection.Ingress, PolicyDirection.Egress];

    private readonly List<(PolicyRule Rule, CachedSelector[] Peers)>[] _rules = [[], []];
    private readonly bool[] _enforces = new bool[2];
    private readonly PolicyEntrySet _any = new();

    /// <summary>Works out the policy of an endpoint.</summary>
    /// <param name="specs">The specs whose subject it is.</param>
    /// <param name="mode">When what is not allowed is dropped.</param>
    /// <param name="selectors">Holds the peers of these specs.</param>
    public EndpointPolicy(IReadOnlyList<PolicySpec> specs, PolicyEnforcementMode mode, SelectorCache selectors)
    {
        ArgumentNullException.ThrowIfNull(specs);
        ArgumentNullException.ThrowIfNull(selectors);
        foreach (var direction in Directions)
        {
            _enforces[(int)direction] = mode == PolicyEnforcementMode.Always
                || (mode == PolicyEnforcementMode.Default && specs.Any(spec => spec.Enforces(direction)));
        }

        foreach (var rule in mode == PolicyEnforcementMode.Never ? [] : specs.SelectMany(spec => spec.Rules))
        {
            _rules[(int)rule.Direction].Add((rule, [.. rule.Peers.Select(selectors.Get)]));
        }

        foreach (var direction in Directions)
        {
            foreach (var (rule, _) in _rules[(int)direction].Where(entry => entry.Rule.Peers.Any(peer => peer.IsAny)))
            {
                _any.Add(0, rule);
            }

            if (!Enforces(direction))
            {
                var hasRules = _rules[(int)direction].Count > 0;
                _any.Allow(new(0, direction), hasRules ? PolicyEntry.DefaultAllowPrecedence : PolicyEntry.AllowPrecedence);
            }
        }

        _any.Prune(null);
    }

    /// <summary>What no rule allows in this direction is dropped.</summary>
    public bool Enforces(PolicyDirection direction) => _enforces[(int)direction];

    /// <summary>The identities that may have entries of their own, and 0.</summary>
    public IReadOnlySet<uint> Identities()
    {
        HashSet<uint> identities = [0, NumericIdentity.Host];
        foreach (var peer in _rules.SelectMany(rules => rules).SelectMany(entry => entry.Peers))
        {
            identities.UnionWith(peer.Selected);
        }

        return identities;
    }

    /// <summary>The entries of one identity; of 0: those of any.</summary>
    public IReadOnlyDictionary<PolicyKey, PolicyEntry> EntriesOf(uint identity)
    {
        if (identity == 0)
        {
            return _any.Entries;
        }

        var entries = new PolicyEntrySet();
        foreach (var (rule, peers) in _rules.SelectMany(rules => rules))
        {
            if (Array.Exists(peers, peer => peer.Selected.Contains(identity)))
            {
                entries.Add(identity, rule);
            }
        }

        // The node reaches its pods, for their health checks among other things, unless a rule denies it.
        if (identity == NumericIdentity.Host && Enforces(PolicyDirection.Ingress))
        {
            entries.Allow(new(identity, PolicyDirection.Ingress), PolicyEntry.DefaultAllowPrecedence);
        }

        entries.Prune(_any);
        return entries.Entries;
    }
}
