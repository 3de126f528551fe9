"""Who of a page listened to the name under which an event came, from what the page's tap tells of its client."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from difflib import get_close_matches

from harness.diagnosis.rule import lost_at, of_kind
from harness.model import Aspect, Fact, Hop, Kind, Outcome, Sighting
from harness.model.facts import PageListens
from harness.record.evidence import Evidence

ANY = "*"
_IN_PAGE = (Hop.APPLIED, Hop.RENDERED)

AT_ONCE_MS = 100.0
"""Within that time a page has handled what one answer of long polling brought."""


@dataclass(frozen=True, slots=True)
class Unheard:
    """An event that came when its name had no listener; `before` and `after` are what was told of listeners."""

    outcome: Outcome
    name: str
    load: str
    gone: Fact[PageListens] | None
    later: Fact[PageListens] | None


def unheard(evidence: Evidence, outcomes: Sequence[Outcome]) -> list[Unheard]:
    """Those of the outcomes, lost in a page, whose event came when no listener for its name was there.

    Nothing of a page whose client was not found, and nothing of a name that the page takes in by other means.
    """
    told: dict[str, list[Fact[PageListens]]] = defaultdict(list)
    for fact in evidence.facts(PageListens):
        told[fact.observer].append(fact)
    if not told:
        return []
    mine = [*lost_at(outcomes, Hop.APPLIED), *of_kind(outcomes, Kind.UNHANDLED)]
    by_label: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in mine:
        by_label[outcome.label].append(outcome)
    found: list[Unheard] = []
    for label, listed in by_label.items():
        for load in evidence.loads_of(label):
            found += _of_load(evidence, load, listed, told.get(load, []))
    return found


def _of_load(
    evidence: Evidence, load: str, outcomes: Sequence[Outcome], told: Sequence[Fact[PageListens]]
) -> Iterator[Unheard]:
    messages = {s.event.key: s for s in evidence.on_page(Hop.DELIVERED, load)}
    taken = [evidence.keys_on_page(hop, load) for hop in _IN_PAGE]
    listeners = {name: _Listeners.of(name, told) for name in {carrier(s) for s in messages.values()}}
    by_other_means = {
        carrier(s)
        for key, s in messages.items()
        if listeners[carrier(s)].at(s.n) == 0 and any(key in keys for keys in taken)
    }
    for outcome in outcomes:
        message = messages.get(outcome.event_key)
        if message is None or carrier(message) in by_other_means:
            continue
        mine = listeners[carrier(message)]
        if mine.at(message.n) == 0:
            yield Unheard(outcome, carrier(message), load, mine.gone_before(message.n), mine.first_after(message.n))
            continue
        gone = mine.gone_after(message.n)
        if gone is not None and _came_with(message, gone, [*messages.values()], taken):
            yield Unheard(outcome, carrier(message), load, gone, mine.first_after(gone.n))


def _came_with(
    message: Sighting, gone: Fact[PageListens], messages: Sequence[Sighting], taken: Sequence[Set[str]]
) -> bool:
    """Whether the last listener went while the page worked off one answer of long polling that brought the message.

    All messages of an answer are seen before the first of them is handled. Then the page took none from it on.
    """
    if message.detail.get("transport") != "polling" or gone.at_ns - message.at_ns > AT_ONCE_MS * 1e6:
        return False
    alike = (each for each in messages if carrier(each) == carrier(message) and message.n <= each.n < gone.n)
    return not any(each.event.key in keys for each in alike for keys in taken)


@dataclass(frozen=True, slots=True)
class _Listeners:
    """How many listeners a page had for a name, on all of its sockets, after each time that it changed."""

    facts: Sequence[Fact[PageListens]]
    totals: Sequence[int]
    begins: int | None  # where of the name itself something was first told

    @classmethod
    def of(cls, name: str, told: Sequence[Fact[PageListens]]) -> _Listeners:
        facts = sorted((f for f in told if f.body.name in (name, ANY)), key=_place)
        last: dict[tuple[int, str], int] = {}
        totals, total = list[int](), 0
        for fact in facts:
            which = fact.body.socket, fact.body.name
            total += fact.body.count - last.get(which, 0)
            last[which] = fact.body.count
            totals.append(total)
        return cls(facts, totals, next((f.n for f in facts if f.body.name == name), None))

    def at(self, n: int) -> int | None:
        """How many there were at one place of the page's record; None where nothing was told of the name yet."""
        if self.begins is None or self.begins > n:
            return None
        return self.totals[bisect_left(self.facts, n, key=_place) - 1]

    def gone_before(self, n: int) -> Fact[PageListens] | None:
        """What took the last of them before that place; None where there had never been one."""
        before = bisect_left(self.facts, n, key=_place)
        had = any(self.totals[:before])
        return next((f for f in reversed(self.facts[:before]) if f.body.count == 0), None) if had else None

    def gone_after(self, n: int) -> Fact[PageListens] | None:
        """What took the last of them after that place."""
        after = range(bisect_left(self.facts, n, key=_place), len(self.facts))
        return next((self.facts[place] for place in after if self.totals[place] == 0), None)

    def first_after(self, n: int) -> Fact[PageListens] | None:
        """What added one after that place."""
        return next((f for f in self.facts[bisect_left(self.facts, n, key=_place) :] if f.body.count), None)


def listening(evidence: Evidence, message: Sighting) -> tuple[int, str | None] | None:
    """How many listeners for a message's name its page had when it came, and where the last of them was added.

    Those for every name count where there is none for this one and several are: one may hand on to many. None where
    nothing is known by that.
    """
    told = [f for f in evidence.facts(PageListens) if f.observer == message.observer and f.n < message.n]
    for name in (carrier(message), ANY):
        mine = [f for f in told if f.body.name == name]
        count = _Listeners.of(name, mine).at(message.n)
        if count and (name != ANY or count > 1):
            return count, next((f.body.where for f in reversed(mine) if f.body.count), None)
    return None


def taken_more(evidence: Evidence, label: str) -> int:
    """How many more times a page's listeners were called than messages with events came, by several for one name."""
    load = next(iter(evidence.loads_of(label)[-1:]), None)
    messages = () if load is None else evidence.on_page(Hop.DELIVERED, load)
    counts = (listening(evidence, message) for message in messages)
    return sum(told[0] - 1 for told in counts if told is not None)


def is_by_listeners(evidence: Evidence, outcome: Outcome) -> bool:
    """Whether a counter is wrong by just as many as a page's listeners were called too often."""
    shown, expected = outcome.finding.found, outcome.finding.expected
    if outcome.finding.aspect is not Aspect.COUNTER or not isinstance(shown, int) or not isinstance(expected, int):
        return False
    return shown > expected and shown - expected == taken_more(evidence, outcome.label)


def _place(fact: Fact[PageListens]) -> int:
    return fact.n


def carrier(message: Sighting) -> str:
    """The name of the Socket.IO message."""
    return str(message.detail.get("carrier") or message.event.name)


def heard_names(evidence: Evidence, load: str) -> list[str]:
    """Names that a page listened to at any time, without the client's own."""
    facts = (f for f in evidence.facts(PageListens) if f.observer == load)
    return [*dict.fromkeys(f.body.name for f in facts if f.body.count and f.body.name not in _OWN)]


_OWN = {ANY, "connect", "disconnect", "connect_error", "error", "reconnect"}


def nearest(name: str, others: Iterable[str]) -> str | None:
    """The name that is written most alike, None where none is."""
    plain = {_plain(each): each for each in others}
    close = get_close_matches(_plain(name), plain, 1, 0.6)
    return plain[close[0]] if close else None


def _plain(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum()) or name


def grouped(found: Iterable[Unheard]) -> dict[tuple[str, ...], list[Unheard]]:
    """What came unheard, by the message's name; where the page says so, by the place in it that changed its listeners.

    One clean-up may remove those of many names. Each group by its names.
    """
    places: dict[str, list[Unheard]] = defaultdict(list)
    for each in found:
        change = each.gone or each.later
        places[(change.body.where if change is not None else None) or each.name].append(each)
    groups: dict[tuple[str, ...], list[Unheard]] = defaultdict(list)
    for together in places.values():
        groups[tuple(dict.fromkeys(each.name for each in together))] += together
    return groups
