"""What is true of a world: what its bugs were to do, checked against what its parts wrote down that they did."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from harness.model import Hop, Kind
from harness.selftest.worlds.draw import Bug, World
from harness.selftest.worlds.oracle import Deed

STATION = {
    Hop.SENT: "sent",
    Hop.RECEIVED: "took",
    Hop.ROUTED: "gave",
    Hop.DELIVERED: "got",
    Hop.APPLIED: "kept",
    Hop.RENDERED: "screen",
}

DID = {
    Kind.LOST: ("lost",),
    Kind.DUPLICATED: ("doubled",),
    Kind.CORRUPTED: ("changed",),
    Kind.REORDERED: ("reordered",),
    Kind.LATE: ("late",),
    Kind.PHANTOM: ("invented",),
    Kind.UNHANDLED: ("lost",),
    Kind.TRUNCATED: ("lost",),
    Kind.MISRENDERED: ("misdrawn", "lost", "changed", "doubled", "invented"),
    Kind.INCOMPLETE: ("misended",),
}


@dataclass(frozen=True, slots=True)
class Truth:
    """What holds of a world after its run: the bugs that happened, and why it can't be scored, if it can't."""

    bugs: tuple[Bug, ...]
    pages: tuple[frozenset[str], ...]
    """For each bug that happened, the pages that it struck at; empty where it struck before the pages."""
    disputed: str = ""


def check(world: World, found: Iterable[Deed], exit_status: int) -> Truth:
    """The bugs of a world that happened, by the deeds. Deeds that no bug explains dispute the world."""
    deeds = {*found}
    if exit_status:
        deeds.add(Deed("said", "misended", ""))
    explained: set[Deed] = set()
    happened: list[Bug] = []
    pages: list[frozenset[str]] = []
    for bug in world.bugs:
        mine = {deed for deed in deeds if _is_by(deed, bug)}
        explained |= mine
        if mine:
            happened.append(bug)
            pages.append(frozenset(deed.page for deed in mine if deed.page))
    rest = sorted(deed for deed in deeds - explained if not _follows(deed, explained))
    return Truth(tuple(happened), tuple(pages), "; ".join(map(str, rest[:4])))


def _is_by(deed: Deed, bug: Bug) -> bool:
    """Whether a deed is what a bug does."""
    mechanism = bug.mechanism
    if mechanism.hop is Hop.EMITTED:
        return deed.what == "misended"
    whats = {what for kind in mechanism.kinds for what in DID[kind]}
    return deed.station == STATION[mechanism.hop] and deed.what in whats


def _follows(deed: Deed, explained: Iterable[Deed]) -> bool:
    """Whether a deed only follows from another: events that wait after a late one are late or displaced themselves."""
    same = [each for each in explained if each.station == deed.station]
    if deed.what in ("late", "reordered", "misdrawn"):
        return any(each.what in ("late", "reordered", "lost", "doubled", "invented", "misdrawn", "changed") for each in same)
    return False
