"""Two pictures of a run as SVG text: the hops with their counts, and the events on their way. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harness.lib.amounts import amount
from harness.model import Answer, Event, Hop, Kind, Outcome, Verdict
from harness.record.evidence import Evidence
from harness.reporting import sentences
from harness.reporting.figures import broken, hop_names
from harness.reporting.passages import REPLAY, in_order, is_seen, producer_of, rooms_of, wrongs
from harness.reporting.svg import arrow, cross, dot, line, picture, text

_STEP, _LEFT, _RADIUS, _PATH_Y = 136, 78, 27, 74
_FIRST_ROW, _ROW, _LANE, _MARGIN = 78, 26, 132, 190
MOST_DASHBOARDS, MOST_ROOMS, MOST_PRODUCERS = 6, 3, 3
OTHER = "other rooms"


def hop_picture(verdict: Verdict) -> str:
    """The seven hops as a path with the count at each. Blind hops are dashed, the break is red."""
    bad = broken(verdict) if verdict.answer is Answer.FAILED else ()
    shapes = [shape for hop in Hop for shape in (*_leg(hop, verdict, bad), *_node(hop, verdict, bad))]
    words = f"{verdict.answer}: {verdict.blame[0].cause} at {hop_names(bad)}" if verdict.blame else str(verdict.answer)
    shapes.append(text(_LEFT - _RADIUS, 158, words, "bad" if bad else "name", "start", 120))
    told = ", ".join(f"{hop.label} {_count(verdict, hop)}" for hop in Hop)
    description = f"Events of the run's session at each hop: {told}. {sentences.verdict(verdict)}"
    return picture(_LEFT * 2 + _STEP * 6, 178, f"Hops: {verdict.answer}", description, shapes)


def _count(verdict: Verdict, hop: Hop) -> str:
    count = verdict.hops.get(hop)
    return "?" if count is None else str(count)


def _leg(hop: Hop, verdict: Verdict, bad: Sequence[Hop]) -> Iterator[str]:
    """The way to a hop: solid where something came through, dotted after the break or where a hop is not observed."""
    if hop is Hop.EMITTED:
        return
    start, end = _LEFT + _STEP * (hop - 1) + _RADIUS + 6, _LEFT + _STEP * hop - _RADIUS - 6
    kind = "ok" if verdict.hops.get(hop) else "gone"
    yield arrow(start, _PATH_Y, end, kind)
    if bad and hop == bad[0]:
        yield cross((start + end) / 2, _PATH_Y, 8)


def _node(hop: Hop, verdict: Verdict, bad: Sequence[Hop]) -> Iterator[str]:
    x, count = _LEFT + _STEP * hop, verdict.hops.get(hop)
    kind = "broken" if hop in bad else "blind" if count is None else "node" if count else "empty"
    yield dot(x, _PATH_Y, _RADIUS, f"blind {kind}" if count is None and hop in bad else kind)
    size = "count" if len(_count(verdict, hop)) < 5 else "many"
    yield text(x, _PATH_Y + 6, _count(verdict, hop), f"{size} bad" if hop in bad else size)
    yield text(x, _PATH_Y + 50, hop.label, "name bad" if hop in bad else "name")
    if count is None:
        yield text(x, _PATH_Y - 38, "no tap", "soft")


# Events on their way


@dataclass(frozen=True, slots=True)
class Lanes:
    """Where on the picture each party is, left to right."""

    producers: tuple[str, ...]
    rooms: tuple[str, ...]
    dashboards: tuple[str, ...]

    def x(self, name: str) -> float:
        """The middle of a lane, by its name."""
        return _MARGIN + _LANE * self.names.index(name)

    @property
    def names(self) -> tuple[str, ...]:
        rooms, pages = (f"room {room}" for room in self.rooms), (f"dashboard {label}" for label in self.dashboards)
        return (*self.producers, "server", *rooms, *pages)


def sequence_picture(evidence: Evidence, verdict: Verdict, limit: int = 24) -> str:
    """Lanes for CLI, server, rooms and dashboards; a row for each event, with a cross where it was lost.

    At most `limit` events: the first ones, and those that went wrong. The picture says how many it leaves out.
    """
    wrong, keys = wrongs(verdict), in_order(evidence)
    chosen = _chosen(keys, wrong, limit)
    events = {index: evidence.events[keys[index]] for index in chosen}
    lanes = _lanes(evidence, [*events.values()])
    shapes, y, before = [], float(_FIRST_ROW), -1
    for index in chosen:
        if index - before > 1:
            shapes.append(text(16, y, f"… {index - before - 1} more", "soft", "start"))
            y += _ROW
        shapes += _row(evidence, lanes, events[index], wrong.get(keys[index], {}), y)
        y, before = y + _ROW, index
    if before < len(keys) - 1:
        shapes.append(text(16, y, f"… {len(keys) - 1 - before} more", "soft", "start"))
        y += _ROW
    shapes = [*_heads(lanes, y), *shapes, *_legend(y + 14)]
    width = max(_MARGIN + _LANE * (len(lanes.names) - 1) + 90, 760)
    description = f"{amount(len(keys), 'event')} of the run, {len(wrong)} of them wrong. {sentences.verdict(verdict)}"
    return picture(width, y + 34, "Events on their way", description, shapes)


def _chosen(keys: Sequence[str], wrong: dict[str, dict[str | None, Outcome]], limit: int) -> list[int]:
    if len(keys) <= limit:
        return list(range(len(keys)))
    head = list(range(limit // 2))
    tail = [i for i, key in enumerate(keys) if i >= limit // 2 and key in wrong][: limit - len(head)] if wrong else []
    rest = range(len(head), len(head) + limit - len(head) - len(tail))
    return sorted({*head, *tail, *rest})


def _lanes(evidence: Evidence, events: Sequence[Event]) -> Lanes:
    producers = dict.fromkeys(producer_of(evidence, event) for event in events)
    rooms = dict.fromkeys(room for event in events for room, _ in rooms_of(evidence, event))
    first = [room for room in rooms if room not in (REPLAY, OTHER)]
    shown = (
        *first[:MOST_ROOMS],
        *((OTHER,) if len(first) > MOST_ROOMS else ()),
        *((REPLAY,) if REPLAY in rooms else ()),
    )
    return Lanes(tuple(producers)[:MOST_PRODUCERS] or ("cli",), shown, tuple(evidence.loads)[:MOST_DASHBOARDS])


def _row(evidence: Evidence, lanes: Lanes, event: Event, wrong: dict[str | None, Outcome], y: float) -> Iterator[str]:
    yield text(16, y + 4, f"{event.seq if event.seq is not None else '–'} {event.name}", "soft", "start", 24)
    sender = producer_of(evidence, event)
    start, server = lanes.x(sender if sender in lanes.producers else lanes.producers[-1]), lanes.x("server")
    known = [hop for hop in (Hop.EMITTED, Hop.SENT) if event.key in evidence.once[hop]]
    came_in = any(event.key in evidence.once[hop] for hop in (Hop.RECEIVED, Hop.ROUTED))
    if came_in:
        yield arrow(start, y, server)
        yield from _onward(evidence, lanes, event, wrong, y)
    elif known:
        reach = start + 14 if known[-1] is Hop.EMITTED else (start + server) / 2
        yield line(start, y, reach, y, "gone")
        yield from [cross(reach, y)] if wrong else []
        yield from _pages(evidence, lanes, event, wrong, y)
    else:
        yield from _pages(evidence, lanes, event, wrong, y)


def _onward(
    evidence: Evidence, lanes: Lanes, event: Event, wrong: dict[str | None, Outcome], y: float
) -> Iterator[str]:
    """From the server through the rooms to the dashboards."""
    at = lanes.x("server")
    for room, has_members in rooms_of(evidence, event):
        end = lanes.x(f"room {room if room in lanes.rooms else OTHER}")
        yield arrow(lanes.x("server"), y, end, "ok" if has_members else "gone")
        if not has_members and wrong:
            yield cross(end, y)
        at = max(at, end) if has_members else at
    if any(Hop.ROUTED in outcome.hops for outcome in wrong.values()) and not rooms_of(evidence, event):
        yield cross(at + 14, y)
    reached = [label for label in lanes.dashboards if is_seen(evidence, Hop.DELIVERED, label, event.key)]
    if reached:
        yield arrow(at, y, lanes.x(f"dashboard {reached[-1]}") - 6)
    yield from _pages(evidence, lanes, event, wrong, y)


def _pages(evidence: Evidence, lanes: Lanes, event: Event, wrong: dict[str | None, Outcome], y: float) -> Iterator[str]:
    """What each dashboard has of an event: nothing, its frame, its row, or a cross where one is missing."""
    for label in lanes.dashboards:
        x = lanes.x(f"dashboard {label}")
        shown = any(is_seen(evidence, hop, label, event.key) for hop in (Hop.RENDERED, Hop.APPLIED, Hop.DELIVERED))
        if shown:
            yield dot(x, y, 5, "node" if is_seen(evidence, Hop.RENDERED, label, event.key) else "empty")
        outcome = wrong.get(label)
        if outcome is not None and not _is_stopped(evidence, outcome):
            where = x + 14 if shown else x - 14 if Hop.DELIVERED in outcome.hops else x
            yield cross(where, y, 4)
            if outcome.kind is not Kind.LOST:
                yield text(x + 22, y + 4, outcome.kind, "soft bad", "start", 14)


def _is_stopped(evidence: Evidence, outcome: Outcome) -> bool:
    """Whether the event was lost for all dashboards at once: its cross is there, once."""
    early = bool(outcome.hops) and outcome.hops[-1] < Hop.DELIVERED
    return outcome.kind is Kind.LOST and early and not evidence.recipients.get(outcome.event_key)


def _heads(lanes: Lanes, bottom: float) -> Iterator[str]:
    for index, name in enumerate(lanes.names):
        x = _MARGIN + _LANE * index
        kind, _, own = name.replace("cli:", "CLI ", 1).partition(" ")
        yield text(x, 28, kind, "name")
        yield text(x, 44, own, "soft", limit=18)
        yield line(x, 54, x, bottom - 8, "lane")


def _legend(y: float) -> Iterator[str]:
    yield dot(20, y, 5, "node")
    yield text(32, y + 4, "shown to a person", "soft", "start")
    yield dot(160, y, 5, "empty")
    yield text(172, y + 4, "arrived, not shown", "soft", "start")
    yield cross(306, y, 4)
    yield text(318, y + 4, "lost here, or wrong", "soft", "start")
