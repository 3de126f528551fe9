"""What is true of a world: what its bugs were to do, checked against what its parts wrote down that they did."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from harness.model import Hop, Kind
from harness.selftest.worlds.draw import Bug, World
from harness.selftest.worlds.oracle import Deed

STATION = {
    Hop.EMITTED: "said",
    Hop.SENT: "sent",
    Hop.RECEIVED: "took",
    Hop.ROUTED: "gave",
    Hop.DELIVERED: "got",
    Hop.APPLIED: "kept",
    Hop.RENDERED: "screen",
}
HOP = {station: hop for hop, station in STATION.items()}

DID = {
    Kind.LOST: ("lost",),
    Kind.DUPLICATED: ("doubled",),
    Kind.CORRUPTED: ("changed",),
    Kind.REORDERED: ("reordered",),
    Kind.REFUSED: (),
    Kind.LATE: ("late",),
    Kind.PHANTOM: ("invented",),
    Kind.UNHANDLED: ("lost",),
    Kind.TRUNCATED: ("lost",),
    Kind.MISRENDERED: ("misdrawn", "lost", "changed", "doubled", "invented", "reordered"),
    Kind.INCOMPLETE: ("misended",),
}


UNCOME = ("lost", "late")
"""What a run that ended by then saw nothing of, at a hop after the bug's or, where one waits for another, before it."""


@dataclass(frozen=True, slots=True)
class Truth:
    """What holds of a world after its run.

    For each bug that happened: what it did, the hops at which it did it, and the pages that it struck at (none where
    it struck before the pages). `disputed` says why a world can't be scored, if it can't.
    """

    bugs: tuple[Bug, ...]
    kinds: tuple[frozenset[Kind], ...]
    hops: tuple[frozenset[Hop], ...]
    pages: tuple[frozenset[str], ...]
    disputed: str = ""


def check(world: World, found: Iterable[Deed], exit_status: int) -> Truth:
    """The bugs of a world that happened, by the deeds. Deeds that no bug explains dispute the world."""
    deeds = {*found}
    if exit_status:
        deeds.add(Deed("said", "misended", ""))
    happened = [(bug, mine) for bug in world.bugs if (mine := {deed for deed in deeds if _is_by(deed, bug)})]
    explained = {deed for _, mine in happened for deed in mine}
    follows = [
        (bug, {d for d in deeds - mine if _follows(d, bug, mine) and (d not in explained or _is_also(d, bug, world))})
        for bug, mine in happened
    ]
    rest = sorted(deeds - explained - {deed for _, mine in follows for deed in mine})
    bugs, hops, kinds, pages = [], [], [], []
    for (bug, mine), (_, more) in zip(happened, follows, strict=True):
        bugs.append(bug)
        hops.append(frozenset({bug.mechanism.hop, *(HOP[deed.station] for deed in more if deed.what in UNCOME)}))
        kinds.append(frozenset(_kinds(bug, mine | more)))
        pages.append(frozenset(deed.page for deed in mine if deed.page))
    return Truth(tuple(bugs), tuple(kinds), tuple(hops), tuple(pages), "; ".join(map(str, rest[:4])))


def _is_also(deed: Deed, bug: Bug, world: World) -> bool:
    """Whether a deed at another hop is a bug's doing, although a bug is at that hop: that one is at other events."""
    strangers = {mark for other in world.bugs if other is not bug for mark in other.events}
    return HOP[deed.station] in bug.mechanism.also and deed.mark not in strangers


def _kinds(bug: Bug, deeds: Iterable[Deed]) -> Iterable[Kind]:
    """What a bug did: all that it does, but for one that is late or, where the run is over before it comes, lost."""
    whats = {deed.what for deed in deeds}
    is_late = Kind.LATE in bug.mechanism.kinds
    return (kind for kind in bug.mechanism.kinds if not is_late or whats & {*DID[kind]})


def _is_by(deed: Deed, bug: Bug) -> bool:
    """Whether a deed is what a bug does."""
    whats = {what for kind in bug.mechanism.kinds for what in DID[kind]}
    return deed.station == STATION[bug.mechanism.hop] and deed.what in whats


def _follows(deed: Deed, bug: Bug, mine: Iterable[Deed]) -> bool:
    """Whether a deed only follows from what a bug did.

    What waits after an event that is held up is late, overtaken, or not there when the run is over; a page that comes
    back is given again what it had; a screen counts what it shows.
    """
    if deed.what in ("lost", "doubled") and HOP[deed.station] in bug.mechanism.also:
        return True
    if Kind.LATE in bug.mechanism.kinds:
        return deed.what in ("late", "reordered", "lost", "misdrawn")
    return deed.what in ("reordered", "misdrawn") and any(each.station == deed.station for each in mine)
