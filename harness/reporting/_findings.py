"""What each finding of the judge says: words, a sentence with its fields, or a function of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from string import Formatter
from typing import Any

from harness.lib.amounts import agreeing, amount
from harness.model import Aspect, Finding
from harness.reporting import _finding_words as words


def finding(what: Finding) -> str:
    """One finding in words, without a full stop."""
    said = _SAID[what.aspect]
    return said if isinstance(said, str) else said(what)


class _Agreeing(Formatter):
    """`{count:event}` is a number with its noun, `{count:is/are}` the verb that goes with it."""

    def format_field(self, value: Any, format_spec: str) -> str:
        if not format_spec[:1].isalpha():
            return str(super().format_field(value, format_spec))
        one, _, several = format_spec.partition("/")
        return agreeing(value, one, several) if several else amount(value, one)


_AGREEING = _Agreeing()


def _fields(template: str, **defaults: str) -> Callable[[Finding], str]:
    """A sentence with a finding's fields in it; `defaults` say what stands for those that are missing."""

    def said(what: Finding) -> str:
        fields: dict[str, Any] = {name: getattr(what, name) for name in Finding.__slots__}
        fields |= {name: text for name, text in defaults.items() if fields[name] in (None, "")}
        return _AGREEING.format(template, **fields, who=words.who(what.party), listed=", ".join(what.items))

    return said


def _reasons(found: Iterable[Finding]) -> str:
    return "; ".join(map(finding, found))


def _handlers_run(what: Finding) -> str:
    named = f": {_reasons(what.because)}" if what.because else ""
    return f"{amount(what.count or 0, 'handler')} still ran in the server{named}"


def _not_believed(what: Finding) -> str:
    seen = "nowhere" if what.hop is None else f"at {what.hop.label}"
    return f"seen {seen}, and no tap after it can be believed: {_reasons(what.because)}"


_SAID: Mapping[Aspect, str | Callable[[Finding], str]] = {
    Aspect.WATCHED: "the dashboard watched when the server had it",
    Aspect.WATCHED_TO_THE_END: "the dashboard watched to the end",
    Aspect.JOURNAL_PROMISED: "routed before, and the journal is promised",
    Aspect.CAME_BACK: "the dashboard was disconnected when it was routed, and came back",
    Aspect.REJECTED: _fields("session {session} was rejected ({text})", text="no code"),
    Aspect.NEVER_ASKED: _fields("{who} never asked for session {session}"),
    Aspect.NOT_FOR_PAGE: words.not_for_page,
    Aspect.NOT_CONNECTED: _fields("{who} was not connected to the server"),
    Aspect.NOT_ENTITLED: _fields("the pass of {who} is not for session {session}"),
    Aspect.TOLD_NOT_ENTITLED: _fields("{who} was told of session {session} by {other}, and its pass is not for that"),
    Aspect.PERHAPS_WATCHED: "it is not known whether the dashboard watched when this was due",
    Aspect.PERHAPS_LEFT: "the dashboard left, and it is not known when this was due",
    Aspect.UNACKNOWLEDGED: "the producer never had it acknowledged",
    Aspect.JOURNAL_SHORT: "the journal kept too little, and the page was told so",
    Aspect.GIVEN_UP: words.given_up,
    Aspect.LEAVING: "the dashboard had left, or was leaving",
    Aspect.AWAY: "the dashboard was away, and no replay is promised",
    Aspect.STRUCK: words.struck,
    Aspect.SUBSCRIBING: "routed while the subscription was on its way",
    Aspect.ROUTED_BEFORE: "routed before the dashboard watched",
    Aspect.NEVER_REPORTED: "the CLI never reported it",
    Aspect.PERHAPS_OTHERS: _fields(
        "{count:event} came that no CLI of this run reported; the system runs for others too, and without a session "
        "it is not known whose they are"
    ),
    Aspect.UNDELIVERED: "in the state, never delivered and never routed there",
    Aspect.RESOLVED_NOBODY: _fields("resolved no recipient, while dashboard {listed} is expected"),
    Aspect.UNDECLARED: "unrouted: no recipient was resolved, none was expected, and it was not declared",
    Aspect.NO_RECIPIENT: _fields("connected as {party}, and not among the {count:recipient}"),
    Aspect.NOT_HERE: "not delivered, and another dashboard has it",
    Aspect.SILENT_GAP: words.silent_gap,
    Aspect.NOT_SEEN_TO_RECOVER: _fields(
        "{count:event} did not come to {party} after the fault was over, and nothing shows whether the system had "
        "recovered by then: a task that goes on for longer would"
    ),
    Aspect.NOT_KEPT: _fields("{found:event} of session {session} {found:was/were} not kept, and the page was not told"),
    Aspect.REPEATED: words.repeated,
    Aspect.SUBSCRIBED_TWICE: _fields("{count} {count:copy/copies} after subscribing twice"),
    Aspect.ORDER: _fields("came after {other}"),
    Aspect.APPLIED_ORDER: "in the state in another order than delivered",
    Aspect.LATENCY: words.latency,
    Aspect.STARVED: lambda what: (
        f"{what.measured_ms or 0:.0f} ms, and the bound is {what.bound_ms or 0:.0f} ms: the machine was starved, and "
        f"had no processor for the run in {what.found} ms of them"
    ),
    Aspect.NAME: _fields("is called {found!r}, and was {expected!r}"),
    Aspect.NOT_AS_DESCRIBED: _fields("it does not match its description: {text}"),
    Aspect.PAYLOAD: words.payload,
    Aspect.COUNTER: _fields("the counter shows {found}, and the page holds {expected:event}"),
    Aspect.LIST_CUT: _fields("the list shows {found} of {expected:event}, and nothing says that it is a part"),
    Aspect.LIST_TOTAL: words.list_total,
    Aspect.ROWS_GONE: _fields(
        "{count:row} that the list showed {count:is/are} gone, {items[0]} first, and nothing says that it shows a part"
    ),
    Aspect.ROWS_OLDEST: _fields(
        "the list keeps the oldest {found:row}, and none of the {count:event} after them ever had a row, nor is there "
        'room to scroll to them; a list that shows the first ones is described by window = "oldest" in [page.list]'
    ),
    Aspect.ROW_BETWEEN: _fields("it never had a row, and events before and after it have one"),
    Aspect.ROW_HIDDEN: _fields("its row is in the document, and a person can't see it"),
    Aspect.ROW_UNREAD: _fields(
        "its row has {field} {expected!r} in the document, and a person can't read it: it has no colour or no size, or "
        "is cut away"
    ),
    Aspect.STATE_PLACE: _fields("it does not stand in the page's state where it was taken in"),
    Aspect.ROW_PLACE: _fields("its row does not stand where it was delivered, as the rows around it do"),
    Aspect.ROWS_ORDER: _fields(
        "the {count} rows of the list are neither in the order of delivery nor against it; a list with an order of its "
        'own is described by order = "own" in [page.list]'
    ),
    Aspect.ROW_TEXT: _fields("its row should show {field} {expected!r}, and shows {found!r}"),
    Aspect.ROW_BESIDE: _fields("its row should have {field} {expected!r} in a {other}, and has {found!r}"),
    Aspect.NOTHING_YET: _fields("the page says {found!r} beside {count:item}"),
    Aspect.PANEL_UNSAID: _fields(
        "panel {panel} shows {found!r} of an item whose {field} is {expected!r}, and nothing says how that reads: it "
        "was not compared (`by` in the items of [[page.panels]], or `states` that fit)"
    ),
    Aspect.ITEM_AGAIN: _fields("panel {panel} lists {text!r} {count} times, and its events make {expected} of it"),
    Aspect.ITEM_MARK: _fields("panel {panel} shows {text!r} with the marks {found!r}, and its state is {expected!r}"),
    Aspect.SLIP: _fields("{field} says {found!r}, which a script writes where it has no value: {text!r}"),
    Aspect.ROW_UNEXPLAINED: _fields(
        "rows of {other} say {text!r}, which is not in their events' data, so that it was not compared"
    ),
    Aspect.ROW_NUMBER: _fields(
        "rows of {other} say {found} in {text!r}, which no event says, nor do they make it: it was not compared. Where "
        "the page works it out itself, `reads` in [page.list] says how rows read"
    ),
    Aspect.OVERWRITTEN: _fields(
        "{field} was sent as {expected}, and the server puts {found} in its place, so in {count:event}: nothing says "
        "whether that is meant (`replaced` in [events])"
    ),
    Aspect.ROW_MARKUP: _fields(
        "a row shows {found!r} where its event's {field} is {expected!r}: the page takes it for markup, or strips it; "
        "nothing says whether that is meant"
    ),
    Aspect.LIST_ROWS: _fields(
        "the list shows {count:row} that {count:is/are} not in the page's state, {items[0]} first"
    ),
    Aspect.PANEL_ABSENT: _fields("panel {panel} is not on the page, and {count:event} {count:concerns/concern} it"),
    Aspect.PANEL_UNCHANGED: _fields("panel {panel} never changed, and {count:event} {count:concerns/concern} it"),
    Aspect.PANEL_ITEM: _fields(
        "panel {panel} shows {text!r} not as its events say ({expected}), or not in its place: {found!r}"
    ),
    Aspect.PANEL_VALUE: words.panel_value,
    Aspect.PANEL_WORDS: _fields("panel {panel} shows {field} {found!r} instead of {expected!r}"),
    Aspect.STATUS: words.status,
    Aspect.ROW_POSITION: _fields("its row says {other} {found!r} instead of {expected!r}"),
    Aspect.OWN_ID: _fields("{other} to {who} says {field} {found!r}, and its connection is {expected!r}"),
    Aspect.TIME_BACK: _fields("its {field} is {found}, before that of the event before it, {expected}"),
    Aspect.PART_HIDDEN: _fields("a person can't see the {field}: open it with `page.open`, or leave it out"),
    Aspect.ARGUMENTS: _fields("its message has {found} arguments instead of {expected}"),
    Aspect.LOADED_AGAIN: _fields(
        "{party} loaded itself again after it had {count:event}, and what it showed was gone (`reloads` of `[page]`)"
    ),
    Aspect.TEXT_OTHERWISE: _fields("the {field} says {found!r}, and its attribute {expected}"),
    Aspect.STATUS_TEXT: _fields("the page says {found!r} when it is connected, and when it is not"),
    Aspect.INTRUSION: _fields("{text}"),
    Aspect.DASHBOARD_OUTSIDE: words.outside,
    Aspect.DASHBOARD_UNOPENED: _fields("{who} has a Socket.IO client, and never connected"),
    Aspect.DASHBOARD_FAILED: _fields("a script of {who} failed, and it never connected"),
    Aspect.DASHBOARD_HUNG_UP: _fields("{who} closed its own connection, and never came back"),
    Aspect.CONNECTION_LOST: _fields("{who} lost its connection ({text}), and had none in the end"),
    Aspect.DASHBOARD_DISMISSED: _fields("{who} was disconnected by the server, and never came back"),
    Aspect.CLI_REFUSED: _fields("{party} was refused by the server: {text}"),
    Aspect.CLI_UNREACHED: _fields("{party} never reached the server: {text}"),
    Aspect.CLI_OUTSIDE: _fields("{party} could not connect: {text}"),
    Aspect.SESSION_REFUSED: _fields("session {session} was refused: {text}", text="the answer carried no code"),
    Aspect.SESSION_UNANSWERED: _fields("session {session} was never answered"),
    Aspect.EVENT_REFUSED: _fields(
        "the server refused it ({text}), it reached no dashboard, and {party} exited with status 0",
        text="without a reason",
    ),
    Aspect.REQUEST_UNANSWERED: _fields("{who} asked to {request} {session}, and was never answered"),
    Aspect.UNKNOWN_SESSION: words.unknown_session,
    Aspect.ANSWER_DATA: _fields(
        "{who} asked to {request} {session}, and the answer says {field} {found!r} instead of {expected!r}"
    ),
    Aspect.STATE_VALUE: words.state_value,
    Aspect.PANEL_SESSION: _fields(
        "panel {panel} stays with session {found}, and the page heard of or asked for session {expected} last"
    ),
    Aspect.PANEL_ORDER: _fields("panel {panel} has session {found} in the place of {expected}"),
    Aspect.NOTICE_TIME: _fields("{other} of session {session} says {field} {found!r}, and that was {expected}"),
    Aspect.NOTICE_LIST: lambda found: (
        f"{found.other} to {found.party} {'leaves out' if found.expected else 'lists'} session {found.session}, "
        f"which was {'' if found.expected else 'not '}active then"
    ),
    Aspect.NOTICE_LAST: _fields(
        "{other} of session {session} says {field} {found}, and the last event that was routed by then is {expected}"
    ),
    Aspect.TIME_WRONG: _fields("its {field} is {found!r}, and it was reported at {expected}"),
    Aspect.TOTAL: _fields(
        "{other} of session {session} says {field} {found}, which by the events before it is {expected}"
    ),
    Aspect.CLI_ENDED: _fields("the CLI of session {session} ended with status {found}"),
    Aspect.TERMINAL_COUNT: _fields(
        "session {session} has {count} terminal events; its CLI exited with status {found}", found="None"
    ),
    Aspect.TERMINAL_LAST: _fields("session {session} went on after its terminal event {expected}"),
    Aspect.FIRST_EVENT: _fields("session {session} began with {found}, and not with {expected}"),
    Aspect.BEGUN_AGAIN: _fields("session {session} began a second time, with {other} ({listed})"),
    Aspect.NOT_BEGUN: _fields("session {session} has {other} ({listed}) of an item that never began or had ended"),
    Aspect.ENDED_EARLY: _fields(
        "{other} said that session {session} had ended ({found}), and an event of it came after that"
    ),
    Aspect.ENDED_AS: _fields("{other} says {found!r} of session {session}, which ended with {expected}"),
    Aspect.END_UNTOLD: _fields("session {session} has ended, and no {other} said so"),
    Aspect.NOTICE_DATA: _fields(
        "{other} of session {session} says {found} in field {field!r}, and {request} said {expected}"
    ),
    Aspect.EXIT_STATUS: _fields("session {session} ended with {expected}, and its CLI with status {found}"),
    Aspect.NOT_ENDED_WELL: _fields(
        "session {session} ended well with exit status 0, though {other} ({listed}) is the last event of its item"
    ),
    Aspect.SERVER_ENDED: _fields("the server's process {party!r} ended by itself with status {found}"),
    Aspect.SECOND_ACTIVE: _fields("session {session} was accepted while {other} was active"),
    Aspect.REJECTION: lambda what: f"session {what.session} was rejected, but {_reasons(what.because)}",
    Aspect.NO_CODE: "the answer carried no code",
    Aspect.ANSWER_SLOW: _fields("the answer took {measured_ms:.0f} ms"),
    Aspect.EXIT_ZERO: "its CLI exited with status 0",
    Aspect.SHOWN: _fields("its events were shown by {listed}"),
    Aspect.NOT_RELEASED: _fields("{session} had ended, and {count:later opening} {count:was/were} refused: {text}"),
    Aspect.UNANNOUNCED: _fields("session {session} was not announced, and its events came"),
    Aspect.ANNOUNCED_LATE: _fields("session {session} was announced after its first event"),
    Aspect.NEVER_JOINED: _fields("session {session} was announced and never joined"),
    Aspect.JOINED_LATE: _fields("session {session} was announced and joined {measured_ms:.0f} ms later"),
    Aspect.UNTOLD: _fields("connected while session {session} was active, and was not told of it"),
    Aspect.ANNOUNCED_OFTEN: _fields("session {session} was announced {count:time} over {expected:connection}"),
    Aspect.EMPTY_SESSION: lambda what: f"empty session {what.session} did not {' and '.join(what.items)}",
    Aspect.BROKEN_OFF: words.broken_off,
    Aspect.STEP_BLOCKED: _fields("the run went no further: {other} could not be done: {text}"),
    Aspect.NO_TAP: _fields("hop {hop.label} has no tap"),
    Aspect.NO_OBSERVER: _fields("there is no tap of hop {hop.label}"),
    Aspect.TAP_DEAD: _fields(
        "the {hop.label} tap of {party} was dead {field} the run ({text})", text="it missed its canary"
    ),
    Aspect.TAP_UNPROVEN: lambda what: (
        f"the {'' if what.hop is None else what.hop.label} tap of {what.party} was not proven alive "
        f"{' and '.join(what.items)} the run"
    ),
    Aspect.ONE_SIDED: _fields("{text}"),
    Aspect.TAP_MISSED: _fields("the tap of hop {hop.label} missed events that were seen after it"),
    Aspect.TAP_MISSED_IT: "it was routed to the page and is in its state: the delivered tap missed it",
    Aspect.TAP_ASLEEP: _fields("the tap of hop {hop.label} saw nothing, and events were seen at {other}"),
    Aspect.NO_EVENT_FOUND: _fields(
        "no event is at hop {hop.label}, and some were seen at {other}: pages were given {count:message} ({listed}) in "
        "which none is found where [events] says that its fields are, such as {text}"
    ),
    Aspect.NOT_BELIEVED: _not_believed,
    Aspect.UNKNOWN_DASHBOARD: _fields("the server knows a dashboard {party} that no page of the run holds"),
    Aspect.NOTHING_SIGHTED: words.nothing_sighted,
    Aspect.NEVER_SEEN: _fields("declared and never seen at any hop: {listed}"),
    Aspect.HANDLERS_UNKNOWN: "it is not known whether handlers still run in the server",
    Aspect.HANDLERS_RUN: _handlers_run,
    Aspect.HANDLER_RUNS: words.handler_runs,
    Aspect.HANDLER_HOLDS: words.handler_holds,
    Aspect.NO_FENCE: _fields("no fence was sent to {who}"),
    Aspect.FENCE_LOST: _fields("no fence came back from {who}: {text}", text="no answer"),
    Aspect.AFTER_FENCE: _fields("{who} was delivered something after its last fence"),
    Aspect.REST_UNKNOWN: _fields("it was not observed whether the page of {who} came to rest"),
    Aspect.RESTLESS: _fields("the page of {who} did not come to rest: {text}", text="no reason given"),
    Aspect.PAGE_UNREAD: _fields("the page of {who} was not read at the end"),
    Aspect.ROWS_UNREAD: _fields(
        "none of the {count:row} of {who} is read as an event of the run, as {text!r}, though they show what events "
        "say: `pattern` (or `name`, `called`) in [page.list] fits none of them, or none of their names is an event's"
    ),
    Aspect.PAGE_UNLOADED: "its page never loaded",
    Aspect.HELD_ELSEWHERE: _fields(
        "the server has {found} more than the pages are seen to hold, and whether one of them is its own is not known"
    ),
    Aspect.UNSEEN: lambda what: f"{words.who(what.party)} was not seen to connect: {_reasons(what.because)}",
    Aspect.EXIT_UNSEEN: _fields("the exit of the CLI of session {session} was not observed"),
    Aspect.LOSER_EXIT_UNSEEN: _fields("session {session} was rejected, and the exit of its CLI was not observed"),
    Aspect.LEASE_UNKNOWN: _fields(
        "{session} had lost its connection, and no CLI tried again when its lease was surely over"
    ),
    Aspect.BROKE: _fields("{party} could not be checked, because its code broke: {text}"),
    Aspect.CUT: "the ledger stops before its end: the harness was stopped while it wrote",
    Aspect.TAMPERED: "the ledger was changed after it was written: from there on, nothing of it is believed",
    Aspect.NOT_EXERCISED: "was to be exercised, and was never checked",
    Aspect.HOP_SKIPPED: _fields(
        "the record contradicts itself: hop {hop.label} lacks {count:event} that {count:was/were} seen later ({items})"
    ),
    Aspect.NUMBERS_MISSING: _fields(
        "the record contradicts itself: session {session} has no events with the numbers {items}"
    ),
    Aspect.NOT_ITS_RECIPIENT: _fields(
        "the record contradicts itself: {who} was delivered {count:event} that {count:was/were} routed to others only "
        "({items})"
    ),
    Aspect.TIME_BEFORE_CAUSE: _fields(
        "the record contradicts itself: {items} was at hop {hop.label} seconds before it was at the hop before"
    ),
    Aspect.RECORD_LACKS: _fields(
        "the record contradicts itself: it lacks a record of kind {field} of {party}: {text}",
        text="what else it holds needs one",
    ),
    Aspect.RECORD_TWICE: _fields("the record contradicts itself: {party} told the same ({field}) twice in one instant"),
    Aspect.RECORD_DISAGREES: _fields("the record contradicts itself about {field} of {party}: {expected}, and {found}"),
    Aspect.ACKNOWLEDGED_UNKNOWN: _fields(
        "the record contradicts itself: {count:event} {count:was/were} acknowledged, and seen at no hop ({items})"
    ),
    Aspect.ACKNOWLEDGEMENT_MISSING: _fields(
        "{items} was received, and {party} has no answer to it, though it has one to every other event"
    ),
    Aspect.REFUSED_AND_ROUTED: _fields("{count:event} {count:was/were} refused, and routed all the same ({items})"),
    Aspect.ONE_SIDE_ONLY: _fields(
        "the record contradicts itself: only one side of {who} and the server has this {field} ({request})",
        request="without a name",
    ),
    Aspect.SHOWN_LAST: _fields(
        "the record contradicts itself: {who} showed {expected} last for {field}, and {found} in the end"
    ),
    Aspect.STATED: _fields("{text}"),
}
"""What each aspect says: words, a sentence with fields of the finding, or a function of it."""
