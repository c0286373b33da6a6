using KvStoreMesh.Core.Keys;

namespace KvStoreMesh.Core.Cache;

/// <summary>
/// The places through which a cluster has gone: translates what a subscriber says of itself into a place in the log. Guarded by the
/// cluster's lock.
/// </summary>
/// <remarks>
/// A place is recognised, in this order: by the seq, if the subscriber was here before; by the revision, if the history is the
/// same one, by its epoch or by the fingerprint of some state; by the content, whatever the histories are called. A place that was forgotten (places are thinned out, not counted) is no loss: the one
/// before it will do, since what comes twice is skipped by its revision.
/// </remarks>
internal sealed class PositionHistory
{
    private const int MaxPlaces = 64;

    private readonly List<MeshClusterView> _places = [];

    public void Add(MeshClusterView view)
    {
        if (_places.Count > 0 && _places[^1].Seq == view.Seq)
        {
            // Only the source's position has moved. The old one is still one at which the content was this.
            _places[^1] = view;
            return;
        }

        if (_places.Count == MaxPlaces)
        {
            // The recent half stays whole, of the rest every other one goes.
            var older = MaxPlaces / 2;
            var kept = _places.Where((_, i) => i >= older || i % 2 == 0).ToList();
            _places.Clear();
            _places.AddRange(kept);
        }

        _places.Add(view);
    }

    /// <summary>The place of a subscriber; null if it is none that is known.</summary>
    public ResumePoint? Find(in ResumeToken token, ResourceSet resources, MeshClusterView current)
    {
        if (token.Seq >= current.FirstSeq && token.Seq > 0)
        {
            // It may have come here from a daemon that was ahead, and still be waiting for us.
            return new(token.Seq, 0, token.Position.Epoch == current.Position.Epoch ? token.Position.Revision : 0);
        }

        var revision = token.Position.Revision;
        if (revision > 0 && IsSameHistory(token, current)
            && _places.FindLast(place => IsOfEpoch(place, current) && place.Position.Revision <= revision) is { } place)
        {
            // Maybe beyond where we are, if another daemon was ahead: then it waits for us here.
            return new(place.Seq, revision, revision);
        }

        // Last, because the content of a later revision may be that of an earlier one: that would lead back.
        return token.Digest is { } digest
            && _places.FindLast(place => place.Seq >= current.EpochSeq && place.Digests.Of(resources) == digest) is { } same
                ? new(same.Seq, same.Position.Revision, 0)
                : null;
    }

    private bool IsSameHistory(ResumeToken token, MeshClusterView current) =>
        (token.Position.Epoch == current.Position.Epoch && token.Position.Epoch.Value != 0)
        || (token.Position.Fingerprint != 0
            && _places.Exists(place => IsOfEpoch(place, current) && place.Position.Fingerprint == token.Position.Fingerprint));

    private static bool IsOfEpoch(MeshClusterView place, MeshClusterView current) => place.Position.Epoch == current.Position.Epoch;
}
