"""No reducer case: the page is delivered an event whose name it doesn't know, and drops it."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from math import inf

from harness.diagnosis._behind import is_behind, is_last
from harness.diagnosis._in_common import first_of_each, repeat
from harness.diagnosis._listeners import carrier, heard_names
from harness.diagnosis.last_of_batch import TOGETHER_MS
from harness.diagnosis.page_error import told_late
from harness.diagnosis.rule import Head, Rule, losses, of, per_run
from harness.lib.amounts import amount
from harness.model import Blame, Hop, Kind, Outcome, Strength
from harness.record.evidence import Evidence
from harness.record.remembered import remembered

IN_THE_PAGE = (Hop.APPLIED, Hop.RENDERED)


class NoReducerCase(Rule):
    """Delivered, and no event of that name was ever taken into the page's state.

    Where the state is not observed: no event of that name was ever shown, while the page shows others.
    """

    head = Head(
        cause="no-reducer-case",
        title="the page is delivered an event whose name it doesn't know, and drops it",
        claims=(
            of(Kind.UNHANDLED),
            losses(Hop.APPLIED),
        ),
        by=per_run,
        taps=(Hop.DELIVERED,),
        strength=Strength.AROUND,
        against=(
            "an event of that name was applied or shown, or only one was delivered while others are lost, too, or it\n"
            "says the same as the event before it, or is the last and those before were drawn when another came; or\n"
            "nothing of several names was taken in from one event on, or up to one; or\n"
            "most is lost, of several names; or a counter alone tells that one is missing; or a script of the page\n"
            "failed soon after it; or the page has a row for each, of which nothing can be read; or another came so\n"
            "soon after it as no two that it took"
        ),
        remedy=(
            "Add a case for the name to the page's reducer, or listen under the name that the server emits. Compare\n"
            "the names on both sides: an underscore for a colon is enough."
        ),
    )

    def is_refuted(self, evidence: Evidence, outcome: Outcome) -> bool:
        return outcome.event_key in told_late(evidence, outcome.label)

    def are_refuted(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> bool:
        mine, named = _by_name(evidence, outcomes), _named(evidence)
        lost = {o.event_key for o in outcomes if o.key is not None}
        again = len(mine) > 1 and first_of_each(evidence, lost) is not None
        came = {key for seen in evidence.seen[Hop.DELIVERED].values() for key in seen}
        is_most = 2 * len(lost & came) > len(came) and len({named[key] for key in lost if key in named}) > 1
        # it is about a moment, or about what was there before, not about a name
        return is_most or again or _is_a_moment(evidence, outcomes) or _has_rows(evidence, outcomes)

    def explain(self, evidence: Evidence, outcomes: Sequence[Outcome]) -> Iterable[Blame]:
        by_name, named = _by_name(evidence, outcomes), _named(evidence)
        lost = {o.event_key for o in outcomes if o.key is not None}
        others = {named[key] for key in lost if key in named} - by_name.keys()
        for name, mine in by_name.items():
            keys = {o.key for o in mine}
            if len({(o.key, o.dashboard) for o in mine}) < 2:
                continue  # one event in one page may be lost for any reason
            if (len(keys) == 1 and not lost <= keys) or (len(keys) == 2 and others):
                continue  # so may one or two of a name, where others are lost that have nothing to do with it
            if len(keys) == 1 and all(_may_be_replaced(evidence, o) for o in mine):
                continue  # the page may take the newest of what comes together, whatever it is called
            if len(keys) == 1 and all(_may_wait(evidence, o) for o in mine):
                continue  # it is the last: it may be lost for its place as well as for its name
            if len(keys) == 1 and repeat(evidence, {key for key in keys if key is not None}):
                continue  # what says the same as the one before may be dropped for that
            yield self.blame(
                f"the page is delivered {name!r} and takes none of them into its state.",
                [f"{amount(len({o.key for o in mine}), 'event')} named {name!r} delivered, 0 {_where(mine)}"],
                mine,
                remedy=f"Add a case for {name!r} to the page's reducer, or listen under the name that the server\n"
                "emits. Compare the names on both sides: an underscore for a colon is enough.",
            )


@remembered
def _named(evidence: Evidence) -> Mapping[str, str]:
    """Event key to the event's name."""
    return evidence.events.named()


def _by_name(evidence: Evidence, outcomes: Iterable[Outcome]) -> dict[str, list[Outcome]]:
    """What may be lost for its name: not taken in, or of a name that no page ever showed while it showed others."""
    named = _named(evidence)
    shown = {named[key] for page in evidence.seen[Hop.RENDERED].values() for key in page if key in named}
    found: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        name = named.get(outcome.event_key)
        is_alone = _is_unseen(outcome) and _is_listed(evidence, outcome) and bool(shown) and name not in shown
        if name is not None and (outcome.kind is Kind.UNHANDLED or is_alone):
            found[name].append(outcome)
    return found


def _is_a_moment(evidence: Evidence, outcomes: Iterable[Outcome]) -> bool:
    """Whether pages lack, of several names, all that came from one event on, or all up to one."""
    named = _named(evidence)
    lost: dict[str, set[str]] = defaultdict(set)
    for outcome in outcomes:
        lost[outcome.label].add(outcome.event_key)
    for label, keys in lost.items():
        given = [key for load in evidence.loads_of(label) for key in evidence.keys_on_page(Hop.DELIVERED, load)]
        places = [place for place, key in enumerate(given) if key in keys] or [0]
        is_from_one_on = places[0] > 0 and keys.issuperset(given[places[0] :])
        is_up_to_one = places[-1] < len(given) - 1 and keys.issuperset(given[: places[-1] + 1])
        has_names = len({named[key] for key in keys if key in named}) > 1
        if not (has_names and (is_from_one_on or is_up_to_one)):
            return False
    return bool(lost)


def _is_unseen(outcome: Outcome) -> bool:
    """Lost in the page, where its state is not observed."""
    return outcome.kind is Kind.LOST and outcome.hops == IN_THE_PAGE


def _may_wait(evidence: Evidence, outcome: Outcome) -> bool:
    """Whether an event is the last given to a page that draws what it has when another comes, or that knows the name.

    That is known to a page which listens to it as to each of the others.
    """
    if not _is_unseen(outcome) or not is_last(evidence, outcome):
        return False
    loads = evidence.loads_of(outcome.label)
    return is_behind(evidence, outcome) or any(_is_listened_to(evidence, load, outcome.event_key) for load in loads)


def _may_be_replaced(evidence: Evidence, outcome: Outcome) -> bool:
    """Whether another event came as soon after it as no two that the page took both."""
    for load in evidence.loads_of(outcome.label):
        given = evidence.on_page(Hop.DELIVERED, load)
        came = [sighting.at_ns for sighting in given.of(outcome.event_key)[:1]]
        gap = _next_after(evidence, load, came[0]) if came else None
        if gap is not None and gap / 1e6 <= TOGETHER_MS and gap < _closest_taken(evidence, load):
            return True
    return False


def _next_after(evidence: Evidence, load: str, at_ns: int) -> int | None:
    """How long after a moment the next event came to a page, in nanoseconds; None where none did."""
    times = _times(evidence, load)
    after = bisect_right(times, at_ns)
    return times[after] - at_ns if after < len(times) else None


@remembered
def _times(evidence: Evidence, load: str) -> Sequence[int]:
    return sorted(sighting.at_ns for sighting in evidence.on_page(Hop.DELIVERED, load))


@remembered
def _closest_taken(evidence: Evidence, load: str) -> float:
    """How soon after one event another came, at least, of any two that the page took both; in nanoseconds."""
    taken = evidence.seen[Hop.APPLIED if evidence.has_tap(Hop.APPLIED) else Hop.RENDERED].get(load, {}).keys()
    came = [(sighting.at_ns, sighting.event.key in taken) for sighting in evidence.on_page(Hop.DELIVERED, load)]
    return min((two[0] - one[0] for one, two in pairwise(came) if one[1] and two[1]), default=inf)


def _is_listened_to(evidence: Evidence, load: str, key: str) -> bool:
    """Whether a page listens to the Socket.IO name under which an event came, and no event of another name came so.

    A name that carries all of them does not say that the page knows each.
    """
    given = evidence.on_page(Hop.DELIVERED, load)
    message = next(iter(given.of(key)), None)
    if message is None or carrier(message) not in heard_names(evidence, load):
        return False
    return {each.event.name for each in given if carrier(each) == carrier(message)} == {message.event.name}


def _is_listed(evidence: Evidence, outcome: Outcome) -> bool:
    """Whether a page lists its events: a counter alone does not tell which one is missing."""
    view = evidence.view(outcome.label)
    return view is None or view.body.rows is not None


def _has_rows(evidence: Evidence, outcomes: Iterable[Outcome]) -> bool:
    """Whether each page that lacks some has as many rows that show nothing: it drew them, and knows their name."""
    lost: dict[str, set[str]] = defaultdict(set)
    for outcome in outcomes:
        if not _is_unseen(outcome):
            return False
        lost[outcome.label].add(outcome.event_key)
    return bool(lost) and all(_unknown_rows(evidence, label) >= len(keys) for label, keys in lost.items())


def _unknown_rows(evidence: Evidence, label: str) -> int:
    """How many rows a page shows of which nothing says what they are: no event's, and not its own."""
    view, known = evidence.view(label), {*evidence.events, *evidence.contract_of(label).own_events}
    return sum(row not in known for row in (view.body.rows if view else None) or ())


def _where(outcomes: Sequence[Outcome]) -> str:
    return "shown" if _is_unseen(outcomes[0]) else "applied"


RULE = NoReducerCase()
