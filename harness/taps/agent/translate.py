"""From an agent's raw records to the words of the harness. Pure: one record in, sightings and facts out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from harness.model import Event, Hop, Record, Sighting
from harness.model.facts import (
    Acknowledged,
    Answered,
    BackgroundError,
    Blocked,
    HandlerError,
    LateHandler,
    NeverAwaited,
    NoHandler,
    NoticeRouted,
    PostDropped,
    Published,
    Requested,
    Unrouted,
    UnservedEmit,
)
from harness.record.identity import Envelope
from harness.taps.agent import connections, posts
from harness.taps.agent.observed import fact
from harness.taps.agent.redacted import has_redacted
from harness.taps.answers import Answers, words

Identify: TypeAlias = Callable[[str, Sequence[Any]], Event | None]
"""Which event a Socket.IO message (its name, its arguments) carries; None when it is a request or a notice."""

OUTSIDE = "no handler"
"""What is said of who emits an event, where that is a worker, a thread or a timer."""

FROM_CLIENTS = {"send", "receive", "send_failed", "ack", "post", "posted", "post_answer"}
"""The kinds of records of messages to the server."""

FROM_SERVER = {"route", "publish"}
"""Those of messages to pages."""

HOOKS_OF_HOP = {
    Hop.SENT: ("send",),
    Hop.RECEIVED: ("receive",),
    Hop.ROUTED: ("route", "recipients"),
}
"""Without all of these hooks the hop is blind."""


@dataclass(frozen=True, slots=True)
class Translator:
    """Understands the records of one observer; `translator(record)` gives the sightings and facts in it.

    `ingress` identifies what the CLI sends, `egress` what the server sends. `role` is `server` or `client`, or `beside`
    for a process of the system that is neither.
    """

    observer: str
    role: str
    ingress: Identify
    egress: Identify
    requests: dict[tuple[str | None, int], tuple[str, ...]] = field(default_factory=dict, compare=False)
    """Process and number of a request to the keys of the events that it brought."""
    paths: set[str] = field(default_factory=set, compare=False)
    """Where events were posted to, over plain HTTP."""
    answers: Answers = field(default_factory=Answers, compare=False)

    def __call__(self, record: Mapping[str, Any]) -> list[Record]:
        """None for a kind that says nothing to a judge: hello, hooks, sync, and what a later agent may add."""
        make = _KINDS.get(record["k"])
        return [] if make is None else [told for each in self._spread(record) for told in make(each, self)]

    def _spread(self, record: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        """A record of one message with several events as one of each; any other as it is."""
        kind, name = record["k"], record.get("event")
        identify = self.ingress if kind in FROM_CLIENTS else self.egress
        if not isinstance(identify, Envelope) or identify.each is None or name is None:
            return [record]
        if kind not in FROM_CLIENTS and kind not in FROM_SERVER:
            return [record]
        found = [args for args in identify.spread(name, record["args"]) if identify(name, args) is not None]
        return [{**record, "args": args} for args in found] or [record]


def missing_hooks(hop: Hop, hooks: Mapping[str, bool]) -> tuple[str, ...]:
    """The hooks that the hop's tap is made of and that are not in place; with any, the hop is blind."""
    return tuple(hook for hook in HOOKS_OF_HOP[hop] if not hooks.get(hook))


def _room(room: Any) -> str | tuple[str, ...] | None:
    """The room of an emit, or the several ones."""
    return tuple(map(str, room)) if isinstance(room, list) else room


def _sighting(
    record: Mapping[str, Any],
    by: Translator,
    hop: Hop,
    event: Event,
    recipients: tuple[str, ...] | None = None,
    **detail: Any,
) -> Sighting:
    """A payload with a secret taken out has no digest: it can't be compared with what the page got."""
    known = replace(event, digest=None, told=None) if has_redacted(record["args"]) else event
    detail |= {"namespace": record["ns"], **_given(record, "process"), **known.rest}
    return Sighting(hop, known, by.observer, record["n"], record["t"], recipients, detail)


def _send(record: Mapping[str, Any], by: Translator) -> list[Record]:
    event = by.ingress(record["event"], record["args"])
    if event is not None:
        place = _given(record, "where", "bytes")
        return [_sighting(record, by, Hop.SENT, event, **place)]
    return [_request(record, by)]


def _receive(record: Mapping[str, Any], by: Translator) -> list[Record]:
    event = by.ingress(record["event"], record["args"])
    if event is not None:
        if (number := record.get("request")) is not None:
            request = record.get("process"), number
            by.requests[request] = (*by.requests.get(request, ()), event.key)
        carrier = {} if record["event"] == event.name else {"carrier": record["event"]}
        unasked: dict[str, Any] = {"unasked": True} if record["id"] is None else {}
        return [_sighting(record, by, Hop.RECEIVED, event, sid=record["sid"], **carrier, **unasked)]
    return [_request(record, by)]


def _request(record: Mapping[str, Any], by: Translator) -> Record:
    body = Requested(record["event"], record["args"], record["id"], record.get("sid"), record["ns"])
    return fact(record, by, body)


def _send_failed(record: Mapping[str, Any], by: Translator) -> list[Record]:
    """An event that didn't leave counts as not acknowledged."""
    event = by.ingress(record["event"], record["args"])
    if event is None:
        return []
    told = Acknowledged(event.key, False, f"not sent: {record['error']}", record["ns"], record.get("where"))
    return [fact(record, by, told)]


def _ack(record: Mapping[str, Any], by: Translator) -> list[Record]:
    result = record["result"]
    event = None if record["event"] is None else by.ingress(record["event"], record["args"])
    if event is None:
        return [fact(record, by, Answered(record["event"], result, record["id"], namespace=record["ns"]))]
    error = by.answers.refusal(record["event"], result, record["args"])
    says = words(result) if error is None else None
    return [fact(record, by, Acknowledged(event.key, error is None, error, record["ns"], says=says))]


def _route(record: Mapping[str, Any], by: Translator) -> list[Record]:
    event = by.egress(record["event"], record["args"])
    if by.role != "server" and not record["served"]:
        if record.get("published"):
            return _publish(record, by)
        return [] if record["publishes"] else [_unserved(record, by, event)]
    recipients = None if record["recipients"] is None else tuple(record["recipients"])
    if event is None:
        return [_notice(record, by, recipients)]
    detail = _pick(record, "room", "where", "served", "publishes") | _given(
        record, "except", "flags", "dropped", "foreign", "recovered"
    )
    detail |= _emitted_by(record, by, event)
    sighting = _sighting(record, by, Hop.ROUTED, event, recipients, **detail)
    told: list[Record] = [sighting, *(_publish(record, by) if record.get("published") else ())]
    if recipients is None or recipients:
        return told
    around = record["rooms"], tuple(record["connected"])
    return [
        *told,
        fact(record, by, Unrouted(event.key, _room(record["room"]), record["where"], *around, record["ns"])),
    ]


def _notice(record: Mapping[str, Any], by: Translator, recipients: tuple[str, ...] | None) -> Record:
    args = record["args"]
    told = NoticeRouted(record["event"], args[0] if args else None, recipients, record["where"], record["ns"])
    return fact(record, by, told)


def _emitted_by(record: Mapping[str, Any], by: Translator, event: Event) -> dict[str, str]:
    """Which event's handler emits this one, where that is another's; `OUTSIDE` where no handler does.

    Nothing is said where the handler of the event itself does, or where that is not known.
    """
    if "request" not in record:
        return {}
    number = record["request"]
    who = (OUTSIDE,) if number is None else by.requests.get((record.get("process"), number), (event.key,))
    return {} if event.key in who else {"emitted_by": who[0]}


def _unserved(record: Mapping[str, Any], by: Translator, event: Event | None) -> Record:
    known = event or by.ingress(record["event"], record["args"])
    key = known.key if known is not None else None
    about = record["where"], _room(record["room"]), record["ns"], record.get("process")
    body = UnservedEmit(record["event"], key, *about)
    return fact(record, by, body)


def _publish(record: Mapping[str, Any], by: Translator) -> list[Record]:
    """A client-role process that emits through a message queue sends by it; in others each process's emit follows."""
    event = by.egress(record["event"], record["args"]) or by.ingress(record["event"], record["args"])
    if by.role != "client":
        about = _room(record["room"]), record["where"], record["ns"], record.get("process")
        queue = record["queue"], record["channel"]
        return [] if event is None else [fact(record, by, Published(event.key, *about, *queue))]
    told = _pick(record, "room", "queue", "channel", "where")
    return [] if event is None else [_sighting(record, by, Hop.SENT, event, **told)]


def _not_queued(record: Mapping[str, Any], by: Translator) -> list[Record]:
    """What a client-role process gave to a queue that is away never left it, and the library swallowed that."""
    event = by.egress(record["event"], record["args"]) or by.ingress(record["event"], record["args"])
    if event is None or by.role != "client":
        return []
    why = f"not sent: the message queue at {record['queue']} did not take it, and the library went on"
    return [fact(record, by, Acknowledged(event.key, False, why, record["ns"], record["where"], queue=record["queue"]))]


def _answer(record: Mapping[str, Any], by: Translator) -> list[Record]:
    return [fact(record, by, Answered(record["event"], record["args"], record["id"], record["sid"], record["ns"]))]


def _no_handler(record: Mapping[str, Any], by: Translator) -> list[Record]:
    told = NoHandler(record["sid"], record["event"], record.get("why"), record.get("ns"), record.get("where"))
    return [fact(record, by, told)]


def _late_handler(record: Mapping[str, Any], by: Translator) -> list[Record]:
    late = LateHandler(record["sid"], record["event"], record["missed"], record["where"], record.get("ns"))
    return [fact(record, by, late)]


def _blocked(record: Mapping[str, Any], by: Translator) -> list[Record]:
    """What blocks the loop of a CLI blocks that CLI alone."""
    if by.role != "server":
        return []
    who = record["sid"], record["event"], record["where"], record.get("process")
    return [fact(record, by, Blocked(record["ms"], *who))]


def _handler_error(record: Mapping[str, Any], by: Translator) -> list[Record]:
    error = HandlerError(record["sid"], record["event"], record["error"], record["where"], record.get("ns"))
    return [fact(record, by, error)]


def _raised(record: Mapping[str, Any], by: Translator) -> list[Record]:
    """Of a client its own standard error tells."""
    if by.role != "server":
        return []
    return [fact(record, by, BackgroundError(record["in"], record["error"], record["where"], record.get("process")))]


def _unawaited(record: Mapping[str, Any], by: Translator) -> list[Record]:
    """An emit's own event, else the one whose handler called what was not awaited."""
    event, name, number = None, record["event"], record["request"]
    if name is not None:
        one, other = (by.ingress, by.egress) if by.role == "client" else (by.egress, by.ingress)
        event = one(name, record["args"]) or other(name, record["args"])
    asked = () if event is not None or number is None else by.requests.get((record.get("process"), number), ())
    key = next(iter(asked), None)
    about = record["room"], record["sid"], record["asked"], record["where"], record.get("process")
    told = NeverAwaited(record["function"], tuple(record["does"]), key if event is None else event.key, name, *about)
    return [fact(record, by, told)]


def _post_dropped(record: Mapping[str, Any], by: Translator) -> list[Record]:
    size = str(record["bytes"])
    length = int(size) if size.isascii() and size.isdigit() else None
    return [fact(record, by, PostDropped(record["sid"], record["error"], length))]


def _pick(record: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: record[key] for key in keys}


def _given(record: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: record[key] for key in keys if record.get(key) is not None}


_KINDS: Mapping[str, Callable[[Mapping[str, Any], Any], list[Record]]] = {
    "send": _send,
    "send_failed": _send_failed,
    "receive": _receive,
    "ack": _ack,
    "route": _route,
    "publish": _publish,
    "not_queued": _not_queued,
    "answer": _answer,
    "no_handler": _no_handler,
    "late_handler": _late_handler,
    "blocked": _blocked,
    "handler_error": _handler_error,
    "raised": _raised,
    "unawaited": _unawaited,
    **connections.KINDS,
    **posts.KINDS,
    "post_dropped": _post_dropped,
}
