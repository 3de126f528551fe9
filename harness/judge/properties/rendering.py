"""Whether the page shows its state: counter, list, panels and connection status (P9, P15)."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from operator import attrgetter

from harness.judge.messages import own_ids
from harness.judge.messages.unread import unread
from harness.judge.panels import earlier, slips, state, unsaid
from harness.judge.panels.sight import said_otherwise, unseen
from harness.judge.properties.reloads import loaded_again
from harness.judge.rows.order import misplaced
from harness.judge.rows.own import cut_away, made_by_page
from harness.judge.rows.shown import look, order_held
from harness.model import OWN_ORDER, Aspect, Finding, Hop, Kind, Outcome, PropertyResult
from harness.model.facts import Members, Notice, PageClosed, PageConnected, View, WindowShown
from harness.record.evidence import Evidence, label_of


def shows_the_state(evidence: Evidence) -> PropertyResult:
    """P9: the counter equals the events held, a list in part says so, what the page holds is in the order in which it
    took it in, every panel that an event concerns changed.
    """
    checks, found = 0, []
    by_panels = {label: evidence.contract_of(label).by_panels for label in evidence.pages}
    seen = [label for label in evidence.pages if by_panels[label] or evidence.has_tap(Hop.RENDERED, label)]
    if not seen and not (evidence.contract.by_panels or evidence.has_tap(Hop.RENDERED)):
        return PropertyResult.of("P9", 0, note="the rendered page was not observed")
    for label in seen:
        view, loads = evidence.view(label), evidence.loads.get(label)
        if not loads:
            continue
        unproven = _why_unproven(evidence, label)
        if view is None or unproven is not None:
            doubt = unproven or Finding(Aspect.PAGE_UNREAD, party=f"dashboard:{label}")
            found.append(Outcome(Kind.UNDETERMINED, "P9", None, label, Hop.RENDERED, (Hop.RENDERED,), doubt))
            continue
        for compared, wrong in (
            look_at(evidence, label, view.body, loads[-1]) for look_at in (_page, _order, _rows, _slips)
        ):
            checks += compared
            found += wrong
    found += loaded_again(evidence)
    return PropertyResult.of("P9", checks, found, "by its panels alone" if seen and all(by_panels.values()) else "")


def _why_unproven(evidence: Evidence, label: str) -> Finding | None:
    """Why it is not known what a page showed; None where it was seen, if only by its panels."""
    if evidence.contract_of(label).by_panels:
        return evidence.why_panels_unproven(label)
    return evidence.why_unproven(Hop.RENDERED, label)


def _page(evidence: Evidence, label: str, view: View, load: str) -> tuple[int, list[Outcome]]:
    """What a page says of its events as a whole: counter, list, panels, attributes; and whether that can be seen."""
    wrong_before = state.wrong_of(evidence, view, load)
    used_again: set[str | None] = (
        {None, *evidence.lives} if evidence.lives else set()
    )  # a page may begin anew, or go on
    looked_back, before = earlier.troubles(evidence, load, wrong_before | used_again)
    wrong = [
        *counter_off(evidence, view, load),
        *_list(evidence, view, load),
        *((Kind.MISRENDERED, why) for why in state.troubles_of_panels(evidence, view, load)),
        *((Kind.MISRENDERED, why) for why in before),
        *((Kind.MISRENDERED, why) for why in said_otherwise(evidence, view, load)),
        *((Kind.UNDETERMINED, why) for why in unseen(evidence, view, load)),
        *((Kind.UNDETERMINED, why) for why in unsaid.troubles(evidence, view, load)),
    ]
    told = _without_consequences(wrong)
    return 3 + looked_back, [Outcome(kind, "P9", None, label, *_place(evidence, label, why), why) for kind, why in told]


def _order(evidence: Evidence, label: str, view: View, load: str) -> tuple[int, list[Outcome]]:
    """The events of a page's state that are not where the page took them in."""
    compared, moved = _state_order(evidence, view, load)
    why = Finding(Aspect.STATE_PLACE)
    return compared, [
        Outcome(Kind.REORDERED, "P9", key, label, *evidence.blamed(Hop.APPLIED, label, key), why) for key in moved
    ]


def _rows(evidence: Evidence, label: str, view: View, load: str) -> tuple[int, list[Outcome]]:
    """The rows of a page's list that don't say what their events say."""
    listed = look(evidence, view, load)
    doubts = [(Kind.UNDETERMINED, None, why) for why in listed.doubts]
    return listed.checks, [
        Outcome(kind, "P9", key, label, *_place(evidence, label, why), why)
        for kind, key, why in (*listed.wrong, *doubts)
    ]


def _slips(evidence: Evidence, label: str, view: View, load: str) -> tuple[int, list[Outcome]]:
    """What the page says where a script of it has no value; this is no comparison with what it holds."""
    found = slips.troubles(evidence, view, load)
    return 0, [Outcome(Kind.MISRENDERED, "P9", key, label, *_place(evidence, label, why), why) for key, why in found]


def _without_consequences(wrong: list[tuple[Kind, Finding]]) -> list[tuple[Kind, Finding]]:
    """A counter that is wrong is told once: not for its words too, nor as a list that is cut and shows all there is."""
    counter = next((why for _, why in wrong if why.aspect is Aspect.COUNTER), None)
    return wrong if counter is None else [each for each in wrong if not _follows(each[1], counter)]


def _follows(why: Finding, counter: Finding) -> bool:
    if why.aspect is Aspect.LIST_CUT and isinstance(why.found, int) and isinstance(counter.expected, int):
        return why.found >= counter.expected
    return why.aspect is Aspect.TEXT_OTHERWISE


COMPARED_WITH_STATE = (
    *(Aspect.COUNTER, Aspect.PANEL_VALUE, Aspect.PANEL_ITEM, Aspect.PANEL_UNCHANGED),
    *(Aspect.ROW_PLACE, Aspect.ROWS_ORDER, Aspect.ROW_TEXT, Aspect.ROW_BESIDE, Aspect.ITEM_MARK),
    *(Aspect.ITEM_AGAIN, Aspect.ROWS_OLDEST, Aspect.SLIP),
)
"""What is compared with the page's state, or with what it was delivered where its state can't be seen."""


def _place(evidence: Evidence, label: str, why: Finding) -> tuple[Hop | None, tuple[Hop, ...]]:
    """Where a page went wrong: in drawing, or already in its state where that can't be seen."""
    if why.aspect in COMPARED_WITH_STATE or (why.aspect is Aspect.LIST_TOTAL and why.field == "events"):
        return evidence.blamed(Hop.RENDERED, label)
    return Hop.RENDERED, (Hop.RENDERED,)


def counter_off(evidence: Evidence, view: View, load: str) -> Iterator[tuple[Kind, Finding]]:
    """The counter is the number of events in the state; where that can't be seen, of those that were delivered.

    What was delivered twice may count once or twice: which of it is right is not for the counter to say.
    """
    shown, held = view.counter, _held(evidence, view, load)
    if held is not None and shown is not None and not held[0] <= shown <= held[1]:
        yield Kind.MISRENDERED, Finding(Aspect.COUNTER, expected=held[1 if shown > held[1] else 0], found=shown)


def _held(evidence: Evidence, view: View, load: str) -> tuple[int, int] | None:
    """How many events a page holds, at least and at most; None where that is not known."""
    if view.state_events is not None:
        return len(view.state_events), len(view.state_events)
    came = evidence.keys_on_page(Hop.DELIVERED, load)
    if not evidence.has_tap(Hop.DELIVERED) or not evidence.keys_on_page(Hop.RENDERED, load) <= came:
        return None  # it shows what came in messages that the target file does not describe
    return _delivered(evidence, view, load)


def _delivered(evidence: Evidence, view: View, load: str) -> tuple[int, int]:
    """How many events a page was given, each once, and each as often as it came, with those of its connection."""
    names = evidence.contract_at(load).own_events
    own = [fact for fact in evidence.facts(Notice) if fact.observer == load and fact.body.name in names]
    told = evidence.shown[Hop.DELIVERED].get(load)
    once = len(evidence.keys_on_page(Hop.DELIVERED, load))
    strange = sum(map(len, unread(evidence, load).values()))  # the page may read what the target does not
    itself = len(made_by_page(evidence, view, load))
    most = max(once, 0 if told is None else len(told.events)) + strange + cut_away(evidence, view, load)
    return len(own) + itself + once, len(own) + itself + most


def _state_order(evidence: Evidence, view: View, load: str) -> tuple[int, list[str]]:
    """The state holds its events in the order in which it took them in."""
    if view.state_events is None:
        return 0, []
    order = OWN_ORDER if evidence.contract_at(load).list_order == OWN_ORDER else None
    return misplaced(view.state_events, order_held(evidence, load), evidence.events, order)


def is_cut_short(evidence: Evidence, view: View, load: str) -> bool:
    """Whether the list shows fewer rows than the page counts events, and nothing says that it is a part.

    A list with one row for each event is whole, where the page counts also what it was given once more.
    """
    listed, counter = view.rows, view.counter
    if listed is None or counter is None or len(listed) >= counter or view.window is not None:
        return False
    once, given = evidence.keys_on_page(Hop.DELIVERED, load), evidence.shown[Hop.DELIVERED].get(load)
    again = 0 if given is None else len(given.events) - len(once)
    return not (once <= {*listed} and 0 < counter - len(listed) <= again)


def _list(evidence: Evidence, view: View, load: str) -> Iterator[tuple[Kind, Finding]]:
    listed, counter, state = view.rows, view.counter, view.state_events
    if is_cut_short(evidence, view, load):
        yield Kind.TRUNCATED, Finding(Aspect.LIST_CUT, expected=counter, found=len(listed or ()))
    if view.window is not None and (wrong := _wrong_note(evidence, view, view.window, load)) is not None:
        yield Kind.MISRENDERED, wrong
    if listed is not None and state is not None and listed != state and (strange := sorted({*listed} - {*state})):
        yield Kind.MISRENDERED, Finding(Aspect.LIST_ROWS, count=len(strange), items=tuple(strange[:5]))


def _wrong_note(evidence: Evidence, view: View, note: WindowShown, load: str) -> Finding | None:
    """What the note of a list that is shown in part says wrongly: the number of all.

    How many it shows is not compared: a list that draws those in sight has some before and after them in the document.
    """
    if view.counter is not None and note.total not in (None, view.counter):
        return Finding(Aspect.LIST_TOTAL, expected=view.counter, found=note.total)
    if view.counter is None and note.total is not None and not evidence.contract_at(load).listed:
        held = _held(evidence, view, load)
        if held is not None and not held[0] <= note.total <= held[1]:
            return Finding(Aspect.LIST_TOTAL, field="events", expected=held[0], found=note.total)
    return None


def honest_status(evidence: Evidence) -> PropertyResult:
    """P15: "Connected" exactly while the server counts the dashboard as a member, at quiescence."""
    members = evidence.facts(Members, "server")
    checks, found = own_ids.troubles(evidence)
    if not members:
        return PropertyResult.of("P15", checks, found, note="the server's members were not observed")
    if (
        evidence.has_tap(Hop.RECEIVED)
        and not evidence.alive[Hop.RECEIVED]
        and (unproven := evidence.why_blind(Hop.RECEIVED, None)) is not None
    ):
        unknown = Outcome(Kind.UNDETERMINED, "P15", None, None, None, (), unproven)
        return PropertyResult.of("P15", checks, [*found, unknown])
    connected = set(members[-1].body.connected)
    for label in evidence.pages:
        view, loads = evidence.view(label), evidence.loads.get(label)
        if view is None or not loads or evidence.strikes.is_gone(f"dashboard:{label}"):
            continue  # a page that was closed says nothing any more
        told = [*_said_of_connection(view.body)]
        checks += len(told)
        mine = {sid for sid, load in evidence.sids.items() if load == loads[-1]} & connected
        wrong = [each for each in told if each[1] != bool(mine) and not _just_changed(evidence, loads[-1], each[1])]
        for hop, says_connected, text in wrong[:1]:  # what is shown of a state that is wrong can't be right
            if says_connected and (doubt := _held_elsewhere(evidence, loads[-1], connected)) is not None:
                why = Finding(Aspect.UNSEEN, party=f"dashboard:{label}", because=(doubt,))
                found.append(Outcome(Kind.UNDETERMINED, "P15", None, label, None, (), why))
            else:
                field = None if hop is Hop.RENDERED else "connection"
                why = Finding(Aspect.STATUS, field=field, expected=bool(mine), found=text)
                found.append(Outcome(Kind.MISRENDERED, "P15", None, label, hop, (hop,), why))
    return PropertyResult.of("P15", checks, found)


def _said_of_connection(view: View) -> Iterator[tuple[Hop, bool, str]]:
    """Where a page says whether it is connected, first in its state: the hop, whether it does, and its words."""
    if view.state_connected is not None:
        yield Hop.APPLIED, view.state_connected, view.state_connection or ""
    if view.status is not None:
        yield Hop.RENDERED, view.status.connected, view.status.text


def _just_changed(evidence: Evidence, load: str, says_connected: bool) -> bool:
    """Whether a page says what its own client knows, which the server could not know yet, or the other way round.

    Page and server are not asked at one instant: what changed within the bound before may be on its way.
    """
    changes = [f for f in (*evidence.facts(PageConnected), *evidence.facts(PageClosed)) if f.observer == load]
    last = max(changes, key=attrgetter("n"), default=None)
    view = evidence.view(label_of(load))
    if last is None or view is None or isinstance(last.body, PageConnected) is not says_connected:
        return False
    return view.at_ns - last.at_ns < evidence.contract.bound_ms * 1e6


def _held_elsewhere(evidence: Evidence, load: str, connected: AbstractSet[str]) -> Finding | None:
    """Why a page that was never seen to connect may be connected all the same: the server has members beside."""
    strangers = connected - evidence.sids.keys()
    if load in evidence.sids.values() or not strangers:
        return None
    return Finding(Aspect.HELD_ELSEWHERE, found=len(strangers))
