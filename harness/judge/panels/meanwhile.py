"""What panels showed while sessions went on: a person reads that, too, though it is right in the end. Pure.

Each value has to be what some of the events that the page had taken in by then make of it: of those that it had for
longer than a page may need to draw them, all. Values are looked at one by one, since a page may draw them one by one.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from itertools import pairwise

from harness.judge.messages import notices
from harness.judge.messages.unread import unread
from harness.judge.panels.bare import may_be_of_none
from harness.judge.panels.drawn import MOST, first_had, given_at, shown_in, taken_in
from harness.judge.panels.expected import concerned
from harness.judge.panels.folds import wrong_in
from harness.judge.panels.heard import Heard
from harness.judge.panels.lateness import panels_late_ns, rows_late_ns
from harness.model import Aspect, Event, Fact, Finding, Hop, Panel, Shows
from harness.model.facts import PanelPart, PanelShown, Requested
from harness.record.evidence import Evidence, first_object

MOST_TAKEN = 1000
"""While a page has taken in so many events at most its panels are looked at: each look folds all of them."""

MOST_STANDS = 40
"""So many times at most is what one panel showed of one session looked at, at even distances."""

END = 1 << 62
"""After every place in a record."""

Wrong = dict[tuple[Aspect, str | None], Finding]
"""What is wrong with one panel, by what it is about."""


def troubles(evidence: Evidence, load: str, but: AbstractSet[str | None]) -> tuple[int, list[Finding]]:
    """How many comparisons were made, and what panels of a page load showed for a while that no events make.

    `but` these sessions, of which the page's state is wrong already.
    """
    checks, found = 0, dict[tuple[str | None, str | None], Finding]()
    for panel in evidence.contract_at(load).panels:
        part = replace(
            panel, shows={name: shows for name, shows in panel.shows.items() if _is_of_events(evidence, shows)}
        )
        if not (part.values or part.shows or part.items):
            continue
        for shown, until in _stands(panel, shown_in(evidence, load).get(panel.name, ())):
            if shown.body.session in but:
                continue
            wrong = _never_made(evidence, part, shown, until, load)
            if wrong is None:
                continue
            checks += 1
            for why in wrong:
                stood_ms = (until.at_ns - shown.at_ns) / 1e6
                found.setdefault((why.panel, why.field), replace(why, measured_ms=stood_ms))
    return checks, [*found.values()]


def _is_of_events(evidence: Evidence, shows: Shows) -> bool:
    """Whether events alone make a value: what the page is told beside them it may draw at another time."""
    names = {*shows.tells, *shows.says} - evidence.events.names()
    is_there_at_times = shows.only_after or shows.only_before
    return not (shows.sessions or is_there_at_times or shows.active is not None or (names and not shows.statuses))


def _stands(panel: Panel, shown: Sequence[Fact[PanelShown]]) -> Iterator[tuple[Fact[PanelShown], Fact[PanelShown]]]:
    """What a panel showed, and the change that ended that; it was about the same session before and after."""
    by_session: dict[str | None, list[Fact[PanelShown]]] = {}
    for fact in shown:
        by_session.setdefault(fact.body.session if panel.each_session else None, []).append(fact)
    for facts in by_session.values():
        alike = [(one, other) for one, other in pairwise(facts) if one.body.session == other.body.session]
        step = max(1, -(-len(alike) // MOST_STANDS))
        yield from alike[::step]


def _never_made(
    evidence: Evidence,
    panel: Panel,
    shown: Fact[PanelShown],
    until: Fact[PanelShown],
    load: str,
) -> Iterable[Finding] | None:
    """What is wrong whichever event was the last that was drawn, of those that can have been; None: not looked at.

    What a panel shows without any event is up to the page; later on it may still show that, as it was: `bare`. Where
    it is not on record what that was, it is not what events alone make.
    """
    if _had(evidence, until, load) > MOST_TAKEN:
        return None
    session = shown.body.session
    taken = _came_before(evidence, until, load)
    waited_ns = (evidence.contract.draws_within_ms + evidence.starved_ms(shown.at_ns, until.at_ns)) * 1e6
    # of a page that is late as a whole another property tells
    waited_ns += max(rows_late_ns(evidence, load), panels_late_ns(evidence, load, panel.name, shown, until))
    drawn = sum(1 for _, at_ns, _ in taken if until.at_ns - at_ns > waited_ns)
    known = _had(evidence, shown, load)
    most = len(taken) if known < drawn else known  # nothing was drawn anew for the others
    if most - drawn > MOST:
        return None
    wrong: Wrong | None = None
    looked_at = set[tuple[int, int]]()
    for count in range(most, drawn - 1, -1):
        mine = concerned(panel, session, [event for event, _, _ in taken[:count]])
        if not mine:
            wrong = _numbers_of_none(evidence, panel, shown, until, load) if wrong is None else wrong
            bare = _bare(evidence, panel, session, load) if wrong else []
            as_before = [key for key in wrong or () if _as_before(evidence, panel, shown, key, bare, load)]
            if all(each.body.session != session for each in bare):
                as_before += [key for key in wrong or () if may_be_of_none(panel, shown.body, key)]
            return [why for key, why in (wrong or {}).items() if key not in as_before]
        for place in _places(evidence, load, taken, count, until.n):
            heard = Heard(evidence, load, mine, place, until.at_ns)
            if (told := (len(mine), heard.notices_of(session))) in looked_at:
                continue  # it had heard the same before an event of others
            looked_at.add(told)
            here = _wrong(heard, panel, shown.body)
            wrong = here if wrong is None else {key: why for key, why in wrong.items() if key in here}
            if not wrong:
                return ()
    return (wrong or {}).values()


def _numbers_of_none(
    evidence: Evidence, panel: Panel, shown: Fact[PanelShown], until: Fact[PanelShown], load: str
) -> Wrong:
    """The numbers of events that a panel shows of which it had none; what else it shows then is up to the page.

    Where the page was given messages that are not understood, or one event more often than once, it may have had some.
    """
    came = evidence.page[Hop.DELIVERED].get(load, ())
    if unread(evidence, load) or len(came) > len(given_at(evidence, load)):
        return {}
    found = _wrong(Heard(evidence, load, [], until.n, until.at_ns), replace(panel, shows={}, items=None), shown.body)
    return {key: why for key, why in found.items() if not may_be_of_none(panel, shown.body, key)}


def _places(evidence: Evidence, load: str, taken: Sequence[tuple[Event, int, int]], count: int, until: int) -> set[int]:
    """Up to where a page that has drawn the first `count` events may have drawn what it was told beside them.

    At least as far as the last of them was given to it: what came after that waits in turn, with the events after it.
    """
    last, _, n = taken[count - 1]
    return {given_at(evidence, load).get(last.key, n), n, taken[count][2] if count < len(taken) else until}


def _came_before(evidence: Evidence, shown: Fact[PanelShown], load: str) -> list[tuple[Event, int, int]]:
    """The events of its session that a page had when a panel showed something, as `taken_in` has them."""
    came, session = given_at(evidence, load), shown.body.session
    mine = (each for each in taken_in(evidence, load) if session in (None, each[0].session))
    return [each for each in mine if min(each[2], came.get(each[0].key, each[2])) < shown.n]


def _had(evidence: Evidence, shown: Fact[PanelShown], load: str) -> int:
    """How many they are."""
    return bisect_left(first_had(evidence, load).get(shown.body.session, ()), shown.n)


def _bare(evidence: Evidence, panel: Panel, session: str | None, load: str) -> list[Fact[PanelShown]]:
    """What a panel showed of a session before the first event of it that concerns the panel; or else of others."""
    came = given_at(evidence, load)
    first: dict[str | None, int] = {}
    taken = {event.key: n for event, _, n in taken_in(evidence, load)}
    for event in concerned(panel, None, [event for event, _, _ in taken_in(evidence, load)]):
        for its in (event.session, None):
            first.setdefault(its, came.get(event.key, taken[event.key]))
    facts = shown_in(evidence, load).get(panel.name, ())
    found = [fact for fact in facts if fact.n < first.get(fact.body.session, END)]
    own = [each for each in found if each.body.session == session]
    return own if own or _heard_otherwise(evidence, session, load) else found


def _heard_otherwise(evidence: Evidence, session: str | None, load: str) -> bool:
    """Whether a page knows a session from elsewhere than its events: what it then has to show is not known."""
    told = (each.session for each in notices.told(evidence).get(load, ()))
    asked = (first_object(f.body.args).get("session") for f in evidence.facts(Requested) if f.observer == load)
    return session is not None and session in {*told, *asked}


def _as_before(
    evidence: Evidence,
    panel: Panel,
    shown: Fact[PanelShown],
    key: tuple[Aspect, str | None],
    bare: Iterable[Fact[PanelShown]],
    load: str,
) -> bool:
    """Whether a panel still shows what it did without any event of its own: `bare`.

    A number of events that it turned to when others came was made of those, unless it is none.
    """
    mine = [each for each in bare if _as(shown.body, each.body, key)]
    if key[0] is not Aspect.PANEL_VALUE or key[1] not in panel.values or may_be_of_none(panel, shown.body, key):
        return bool(mine)
    came = min(given_at(evidence, load).values(), default=END)
    return any(each.n < came for each in mine)


def _as(shown: PanelShown, before: PanelShown, key: tuple[Aspect, str | None]) -> bool:
    name = key[1]
    return shown.text == before.text if name is None else shown.values.get(name) == before.values.get(name)


def _wrong(heard: Heard, panel: Panel, shown: PanelShown) -> Wrong:
    part = PanelPart(shown.session, shown.text, shown.values)
    named = replace(panel, name=f"{panel.name} {part.session}") if panel.each_session else panel
    return {(why.aspect, why.field): why for why in wrong_in(heard, named, part)}
