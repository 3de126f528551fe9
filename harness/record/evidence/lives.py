"""Sessions whose id is used again after they have ended: their events go on in number, life after life. Pure.

A producer that begins anew with the first number, right after the event that ends its session, and goes on from number
to number to an end, has begun another session of the same id; fewer may be reports that were made twice. What is seen
of it elsewhere is of the second life once the first one has ended there.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import cast

from harness.model import AnyFact, Event, Hop, Sighting
from harness.model.facts import RowAgain, View
from harness.record.evidence.index import Index
from harness.record.evidence.matched_facts import Keyed
from harness.record.evidence.observers import by_observer
from harness.record.identity import key_of, unnumbered_key
from harness.record.ledger import Ledger

FEWEST = 2
"""Events of a life."""


@dataclass(frozen=True, slots=True)
class Lives:
    """The lives of one session: what each of its numbers says, and by how much those of each are moved."""

    said: Sequence[Mapping[int, str | None]]
    moved: Sequence[int]

    @property
    def ends(self) -> tuple[int, ...]:
        """The last number of each life, as they go on."""
        return tuple(by + max(said) for said, by in zip(self.said, self.moved, strict=True))


@dataclass(slots=True)
class _Course:
    """How far one observer is with one session."""

    life: int = 0
    seen: set[int] = field(default_factory=set)
    is_over: bool = False


def lives_of(found: Index, terminal: Collection[str]) -> Mapping[str, Lives]:
    """The sessions that have several lives, as their producers report them; none where no number was reported twice."""
    reported = found.said[Hop.EMITTED] if found.said[Hop.EMITTED].events else found.said[Hop.SENT]
    if not terminal or reported.is_single or not reported.is_numbered:
        return {}
    by_session: dict[str, list[Event]] = defaultdict(list)
    for event in reported.events:
        by_session[str(event.session)].append(event)
    split = {session: [*_split(events, terminal)] for session, events in by_session.items()}
    return {session: _lives(parts) for session, parts in split.items() if len(parts) > 1 and all(map(_is_whole, parts))}


def lived(ledger: Ledger, lives: Mapping[str, Lives], terminal: Collection[str]) -> Ledger:
    """The ledger with the events of later lives under numbers that go on."""
    only = next(iter(lives)) if len({each.event.session for each in ledger.sightings} - {None}) == 1 else None
    found: dict[int, Sighting] = {}
    again = (_as_sighting(fact) for fact in ledger.facts if isinstance(fact.body, RowAgain))
    sightings = [*ledger.sightings, *again]  # of a stored one each time anew
    for hop in Hop:
        at = by_observer(each for each in sightings if each.hop is hop)
        groups = (
            [[each for _, listed in at for each in listed]] if hop < Hop.DELIVERED else [listed for _, listed in at]
        )
        for listed in groups:
            courses: dict[str, _Course] = defaultdict(_Course)
            for each in listed:
                found[id(each)] = _moved(each, lives, courses, only, terminal)
    shown = {(s.observer, s.event.key, found[id(s)].event.key) for s in sightings if s.hop >= Hop.APPLIED}
    often = Counter((observer, key) for observer, key, _ in shown)
    facts = tuple(_facts(ledger.facts, lives, only, often))
    return replace(ledger, sightings=tuple(found[id(each)] for each in sightings), facts=facts)


def _as_sighting(fact: AnyFact) -> Sighting:
    """A row that was seen to show an event again."""
    said = cast("RowAgain", fact.body)
    event = Event(said.key, said.name, said.session, said.seq, None)
    return Sighting(Hop.RENDERED, event, fact.observer, fact.n, fact.at_ns, detail={"via": "row"})


def _split(events: Iterable[Event], terminal: Collection[str]) -> Iterator[list[Event]]:
    """The events of each life: one begins with the first number of all, right after an event that ends a session."""
    part = list[Event]()
    for event in events:
        if part and part[-1].name in terminal and event.seq == part[0].seq:
            yield part
            part = []
        part.append(event)
    if part[-1].name in terminal:
        yield part


def _is_whole(part: Sequence[Event]) -> bool:
    """Whether the events of a life go on from number to number; it ends as `_split` has it."""
    numbers = [event.seq or 0 for event in part]
    return len(part) >= FEWEST and numbers == [*range(numbers[0], numbers[0] + len(part))]


def _lives(parts: Sequence[Sequence[Event]]) -> Lives:
    said = [{event.seq or 0: event.digest for event in part} for part in parts]
    return Lives(said, [0, *accumulate(max(each) for each in said[:-1])])


def _moved(
    sighting: Sighting,
    lives: Mapping[str, Lives],
    courses: dict[str, _Course],
    only: str | None,
    terminal: Collection[str],
) -> Sighting:
    event = sighting.event
    session = only if event.session is None else event.session
    mine = lives.get(session or "")
    if mine is None or session is None or event.seq is None:
        return sighting
    course = courses[session]
    life = _life_of(event, mine, course)
    if life != course.life:
        course.life, course.seen, course.is_over = life, set(), False
    course.seen.add(event.seq)
    course.is_over = course.is_over or event.name in terminal
    if event.seq not in mine.said[life]:
        return sighting  # the server goes on counting, or it is no event that was reported
    seq = event.seq + mine.moved[life]
    key = unnumbered_key(event.name, None, seq, None) if event.session is None else key_of(session, seq)
    return replace(sighting, event=replace(event, key=key, seq=seq))


def _life_of(event: Event, lives: Lives, course: _Course) -> int:
    """The life that an event is of: the next one after the end of one, or where it alone has said so."""
    seq, life = event.seq or 0, course.life
    last = len(lives.said) - 1
    begins_anew = seq in course.seen and seq == min(lives.said[life])
    if life < last and (course.is_over or begins_anew):
        return life + 1
    if event.digest is not None and lives.said[life].get(seq) not in (None, event.digest):
        return next((at for at in range(life + 1, last + 1) if lives.said[at].get(seq) == event.digest), life)
    return life


def _facts(
    facts: Iterable[AnyFact], lives: Mapping[str, Lives], only: str | None, often: Mapping[tuple[str, str], int]
) -> Iterator[AnyFact]:
    """Facts about events, the first with a key of the first life and so on; and what pages show at the end.

    `often`: of how many lives an observer showed what it calls by a key.
    """
    counts = Counter[tuple[str, str, str]]()
    for fact in facts:
        body = fact.body
        if isinstance(body, View):
            mine = {key: count for (observer, key), count in often.items() if observer == fact.observer}
            rows, state = (_listed(each, lives, only, mine) for each in (body.rows, body.state_events))
            yield replace(fact, body=replace(body, rows=rows, state_events=state))
        elif isinstance(body, Keyed) and body.key is not None:
            place = (fact.kind, fact.observer, body.key)
            yield replace(fact, body=replace(body, key=_key(body.key, lives, only, counts[place])))
            counts[place] += 1
        else:
            yield fact


def _listed(
    keys: tuple[str, ...] | None, lives: Mapping[str, Lives], only: str | None, often: Mapping[str, int]
) -> tuple[str, ...] | None:
    """What a page lists: of what stands there as often as it was shown the oldest is of the first life.

    Where one of several is left it is of the last. The newest is above where numbers fall.
    """
    if keys is None:
        return None
    numbers = [number for key in keys if (number := _number(key)) is not None]
    falls = sum(one > other for one, other in zip(numbers, numbers[1:], strict=False))
    is_newest_first = 2 * falls > len(numbers)
    left = Counter(keys)
    found = list[str]()
    counts = Counter[str]()
    for key in reversed(keys) if is_newest_first else keys:
        found.append(_key(key, lives, only, max(0, often.get(key, 1) - left[key]) + counts[key]))
        counts[key] += 1
    return tuple(reversed(found) if is_newest_first else found)


def _key(key: str, lives: Mapping[str, Lives], only: str | None, life: int) -> str:
    mine, seq = lives.get(_session(key, only)), _number(key)
    if mine is None or seq is None:
        return key
    moved = seq + mine.moved[min(life, len(mine.moved) - 1)]
    return f"{key.rpartition('/')[0]}/{moved}"


def _session(key: str, only: str | None) -> str:
    return key.rpartition("/")[0] or only or ""


def _number(key: str) -> int | None:
    said = key.rpartition("/")[2]
    return int(said) if said.isdecimal() else None
