"""What exactly was compared, promised or doubted, as data. The sentences are made of it at the edge, in reporting."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from harness.model.record import Hop

Value: TypeAlias = str | int | float | bool | None
"""What was expected or found; what is neither a number nor a text is given as its text."""


class Aspect(StrEnum):
    """What a finding is about. The comment gives the fields that it has besides."""

    # Why an event is owed to a dashboard, or is not.
    WATCHED = "watched"
    WATCHED_TO_THE_END = "watched-to-the-end"
    JOURNAL_PROMISED = "journal-promised"
    CAME_BACK = "came-back"  # away when it was routed, and back afterwards
    REJECTED = "rejected"  # session, text: the code
    NEVER_ASKED = "never-asked"  # party, session
    NOT_FOR_PAGE = "not-for-page"  # party; items: names of the events that its page is promised
    NOT_CONNECTED = "not-connected"  # party
    NOT_ENTITLED = "not-entitled"  # party, session
    PERHAPS_WATCHED = "perhaps-watched"
    PERHAPS_LEFT = "perhaps-left"
    UNACKNOWLEDGED = "unacknowledged"
    JOURNAL_SHORT = "journal-short"  # and the page was told so
    TOLD_NOT_ENTITLED = "told-not-entitled"  # party, session, other: the message's name
    GIVEN_UP = "given-up"  # party; session where it is one of several
    LEAVING = "leaving"
    AWAY = "away"
    STRUCK = "struck"  # party; items: who was struck by a fault while it was on its way
    SUBSCRIBING = "subscribing"  # the request was on its way
    ROUTED_BEFORE = "routed-before"

    # Where events went.
    NEVER_REPORTED = "never-reported"
    PERHAPS_OTHERS = "perhaps-others"  # count: events without a session that no CLI of the run reported
    UNDELIVERED = "undelivered"  # in the state, never delivered and never routed there
    RESOLVED_NOBODY = "resolved-nobody"  # items: the dashboards that it was owed to
    UNDECLARED = "undeclared"  # no recipient, none owed, and that was not declared
    NO_RECIPIENT = "no-recipient"  # party: the sid that is not among them, count: how many are
    NOT_HERE = "not-here"  # another dashboard was delivered it
    SILENT_GAP = "silent-gap"  # party, count
    NOT_SEEN_TO_RECOVER = "not-seen-to-recover"  # party, count: events after a fault
    NOT_KEPT = "not-kept"  # session, found: how many; a journal that kept too little, and the page was not told

    # How often, in which order, when.
    REPEATED = "repeated"  # count; party: the page load or the sid, where it is one
    SUBSCRIBED_TWICE = "subscribed-twice"  # count
    ORDER = "order"  # other: the event that it came after
    APPLIED_ORDER = "applied-order"
    LATENCY = "latency"  # measured_ms, bound_ms, hop: before which most of it passed, or items: at which hops

    # What events say.
    NAME = "name"  # expected, found
    NOT_AS_DESCRIBED = "not-as-described"  # text: where, and what it had to be
    TIME_WRONG = "time-wrong"  # field, expected: when it was reported, found
    TIME_BACK = "time-back"  # field, expected: the time of the event before it, found
    PAYLOAD = "payload"  # field, expected, found: JSON, count: fields that differ; or digests, where it was not kept

    # What a page shows.
    COUNTER = "counter"  # expected: the events that the page holds, found
    LIST_CUT = "list-cut"  # expected: the counter, found: the rows
    LIST_TOTAL = "list-total"  # field: what is counted, expected: the counter or those, found: what the window says
    LIST_ROWS = "list-rows"  # count, items: the first of the rows that are not in the state
    ROWS_GONE = "rows-gone"  # count, items: the first rows that were shown and are gone; found: how many are left
    ROWS_OLDEST = "rows-oldest"  # count: the newer events that never had a row, found: the rows of the oldest ones
    ROW_BETWEEN = "row-between"  # it never had a row, and others before and after it have
    ROW_HIDDEN = "row-hidden"  # count: the rows of the list
    STATE_PLACE = "state-place"  # not in the order in which the page took its events in
    PANEL_ORDER = "panel-order"  # panel, expected, found: the session whose part stands there
    PANEL_SESSION = "panel-session"  # panel, expected: the session that the page heard of or asked for last, found
    STATE_VALUE = "state-value"  # session, or none; field, expected, found: what the state holds beside its events
    ROW_UNREAD = "row-unread"  # field, expected: what its event says there, and no person can read in its row
    ROW_PLACE = "row-place"  # not in the order of delivery, as the rows around it are
    ROWS_ORDER = "rows-order"  # count: the rows of a list that is in no order that can be told
    ROW_TEXT = "row-text"  # field, expected, found: the text that stands there instead
    ROW_BESIDE = "row-beside"  # field, expected, found, other: "title or label", or "class or data attribute"
    NOTHING_YET = "nothing-yet"  # count: the items, found: the text that says that there are none, panel: if in one
    SLIP = "slip"  # field: the part, found: what a script writes where it has no value, text: all that stands there
    ROW_UNEXPLAINED = "row-unexplained"  # text, other: the name; rows say something that is not in their events' data
    ROW_NUMBER = "row-number"  # text, found: a number in it that no event says or makes, other: the name
    OVERWRITTEN = "overwritten"  # field, expected: what was sent, found: the server's own in its place, count: events
    ROW_MARKUP = "row-markup"  # field, expected: a text with tags, found: what its row shows in its place
    PANEL_ABSENT = "panel-absent"  # panel, count: events that concern it
    PANEL_UNCHANGED = "panel-unchanged"  # panel, count
    PANEL_VALUE = "panel-value"  # panel, field, expected, found: its text
    PANEL_WORDS = "panel-words"  # panel, field, expected: the pattern that the whole of it has to fit, found: its text
    PANEL_UNSAID = "panel-unsaid"  # panel, field, expected: what an item's event says there, found: what it shows
    PANEL_ITEM = "panel-item"  # panel, text: the item, expected: the pattern of its state, found: the panel's text
    ITEM_AGAIN = "item-again"  # panel, text: the item, count: how often it is listed, expected: how often it may be
    ITEM_MARK = "item-mark"  # panel, text: the item, expected: the mark of its state, found: its marks
    PART_HIDDEN = "part-hidden"  # field: the part of the page, panel: where it is one
    ARGUMENTS = "arguments"  # expected, found: how many arguments a message has
    LOADED_AGAIN = "loaded-again"  # party, count: the events that it had
    TEXT_OTHERWISE = "text-otherwise"  # field: the part, expected: what its attribute says, found: its text
    STATUS_TEXT = "status-text"  # found: the words, the same when connected and when not
    ROW_POSITION = "row-position"  # expected, found: the place in its list that a row says, other: the attribute
    OWN_ID = "own-id"  # party, other: the message, field, expected: the ids of its connections, found
    STATUS = "status"  # field: of its state, expected: whether the server counts it, found: what the page says
    INTRUSION = "intrusion"  # text: what a payload brought about

    # Who was let in, and answered.
    DASHBOARD_OUTSIDE = "dashboard-outside"  # party, text: the refusal
    DASHBOARD_UNOPENED = "dashboard-unopened"  # party: it has a Socket.IO client, and never connected
    DASHBOARD_FAILED = "dashboard-failed"  # party: a script of it failed, and it never connected
    DASHBOARD_DISMISSED = "dashboard-dismissed"  # party
    DASHBOARD_HUNG_UP = "dashboard-hung-up"  # party
    CONNECTION_LOST = "connection-lost"  # party, text: how it ended
    CLI_REFUSED = "cli-refused"  # party, text: by the server
    CLI_UNREACHED = "cli-unreached"  # party, text: it never got to the server
    CLI_OUTSIDE = "cli-outside"  # party, text: which of the two is not known
    SESSION_REFUSED = "session-refused"  # session, text: the code
    SESSION_UNANSWERED = "session-unanswered"  # session
    EVENT_REFUSED = "event-refused"  # session, party: its CLI, which exited with status 0, text: the answer
    REQUEST_UNANSWERED = "request-unanswered"  # party, request, session
    ANSWER_DATA = "answer-data"  # party, request, session, field, expected, found
    UNKNOWN_SESSION = "unknown-session"  # session, found: the answer; None for none

    # How sessions and servers end.
    CLI_ENDED = "cli-ended"  # session, found: the exit status, in a system that has no terminal events
    TERMINAL_COUNT = "terminal-count"  # session, count, found: the exit status
    TOTAL = "total"  # session, other: the event, field, expected: what its session makes of it, found
    FIRST_EVENT = "first-event"  # session, expected: how a session begins, found: its first event
    BEGUN_AGAIN = "begun-again"  # session, other: the event that begins it, items: the later one
    NOT_BEGUN = "not-begun"  # session, other: the event that ends something, items: that event
    TERMINAL_LAST = "terminal-last"  # session, expected: its terminal event
    EXIT_STATUS = "exit-status"  # session, expected: its terminal event, found: the exit status
    NOT_ENDED_WELL = "not-ended-well"  # session, other: its last event, items: that event, in a session that ended well
    ENDED_EARLY = "ended-early"  # session, other: the notice, found: the status in it
    ENDED_AS = "ended-as"  # session, other: the notice, expected: the terminal event, found: the status in it
    END_UNTOLD = "end-untold"  # session, other: the notice
    NOTICE_TIME = "notice-time"  # session, other: the notice, field, expected: until when, found
    NOTICE_LIST = "notice-list"  # party, other: the message, session, expected: whether that was active
    NOTICE_LAST = "notice-last"  # session, other: the notice, field, expected: the last number, found
    NOTICE_DATA = "notice-data"  # session, other: the notice, request, field, expected: what was asked for, found
    SERVER_ENDED = "server-ended"  # party: the process, found: the exit status

    # One session at a time.
    SECOND_ACTIVE = "second-active"  # session, other: the session that was active
    REJECTION = "rejection"  # session, because: what was wrong with it
    NO_CODE = "no-code"
    ANSWER_SLOW = "answer-slow"  # measured_ms, bound_ms
    EXIT_ZERO = "exit-zero"
    SHOWN = "shown"  # items: the page loads
    NOT_RELEASED = "not-released"  # session, count: openings that were refused, text: the last code

    # Announcements.
    UNANNOUNCED = "unannounced"  # session
    ANNOUNCED_LATE = "announced-late"  # session
    NEVER_JOINED = "never-joined"  # session
    JOINED_LATE = "joined-late"  # session, measured_ms, bound_ms
    UNTOLD = "untold"  # session
    ANNOUNCED_OFTEN = "announced-often"  # session, count, expected: the connections
    EMPTY_SESSION = "empty-session"  # session, items: appear, end

    # What is not known.
    STARVED = "starved"  # measured_ms, bound_ms, found: the milliseconds of it in which processes had no processor
    STEP_BLOCKED = "step-blocked"  # other: the step, text: why it could not be done
    BROKEN_OFF = "broken-off"  # party: who had ended, found: the exit status, negative for a signal
    NO_TAP = "no-tap"  # hop
    NO_OBSERVER = "no-observer"  # hop: it has a tap, and no party has it
    TAP_DEAD = "tap-dead"  # hop, party, field: the phase, text: why
    TAP_UNPROVEN = "tap-unproven"  # hop, party, items: the phases
    ONE_SIDED = "one-sided"  # hop, party, text: why silence proves nothing
    TAP_MISSED = "tap-missed"  # hop: events that were seen after it
    TAP_MISSED_IT = "tap-missed-it"  # routed to the page and in its state, not delivered
    TAP_ASLEEP = "tap-asleep"  # hop, other: a hop after it that saw events
    NO_EVENT_FOUND = "no-event-found"  # hop, other: a later hop with events, count, items: names, text: a message
    NOT_BELIEVED = "not-believed"  # hop: the last that saw it, because
    UNKNOWN_DASHBOARD = "unknown-dashboard"  # party: a sid
    NOTHING_SIGHTED = "nothing-sighted"  # party, found, text: a CLI that ended with that status, and what it said
    NEVER_SEEN = "never-seen"  # items: declared names
    HANDLERS_UNKNOWN = "handlers-unknown"
    HANDLERS_RUN = "handlers-run"  # count, because: those that are known
    HANDLER_RUNS = "handler-runs"  # request: what it handles, measured_ms, other: where it is
    HANDLER_HOLDS = "handler-holds"  # request: what it handles, measured_ms, bound_ms, other: where it is, hop
    NO_FENCE = "no-fence"  # party
    FENCE_LOST = "fence-lost"  # party, text: why
    AFTER_FENCE = "after-fence"  # party
    REST_UNKNOWN = "rest-unknown"  # party
    RESTLESS = "restless"  # party, text: why
    PAGE_UNREAD = "page-unread"  # party
    ROWS_UNREAD = "rows-unread"  # party, count: its rows, text: the first
    PAGE_UNLOADED = "page-unloaded"
    UNSEEN = "unseen"  # party: not seen to connect, because
    HELD_ELSEWHERE = "held-elsewhere"  # found: members of the server that no connection of a page is
    EXIT_UNSEEN = "exit-unseen"  # session
    LOSER_EXIT_UNSEEN = "loser-exit-unseen"  # session: one that was rejected
    LEASE_UNKNOWN = "lease-unknown"  # session: its connection was lost, and its lease may have held
    BROKE = "broke"  # party: the property or strategy, text: the exception
    CUT = "cut"  # the ledger stops before its end
    TAMPERED = "tampered"  # the ledger was changed after it was written
    NOT_EXERCISED = "not-exercised"

    # Where a record contradicts itself.
    HOP_SKIPPED = "hop-skipped"  # hop, count, items: the first that later hops saw; party: the page, if it is one
    NUMBERS_MISSING = "numbers-missing"  # session, items: the first numbers
    NOT_ITS_RECIPIENT = "not-its-recipient"  # party, count, items: events that it was delivered and not routed
    TIME_BEFORE_CAUSE = "time-before-cause"  # hop, items: the event
    RECORD_LACKS = "record-lacks"  # party, field: the kind of record, text: of what, where it is not of the party
    RECORD_TWICE = "record-twice"  # party, field: the kind of record
    RECORD_DISAGREES = "record-disagrees"  # party, field, expected, found
    ACKNOWLEDGED_UNKNOWN = "acknowledged-unknown"  # count, items: acknowledged, and never seen
    ACKNOWLEDGEMENT_MISSING = "acknowledgement-missing"  # party, items: the one event
    REFUSED_AND_ROUTED = "refused-and-routed"  # count, items: they were refused, and routed
    ONE_SIDE_ONLY = "one-side-only"  # party, field: request or answer, request: its name
    SHOWN_LAST = "shown-last"  # party, field, expected: what it showed last, found: what it shows in the end

    STATED = "stated"  # text: words of a strategy that has a finding of its own


@dataclass(frozen=True, slots=True)
class Finding:
    """What was compared, with what was expected and found; which fields there are is up to the aspect.

    `party` is who it is about as the ledger has it: `dashboard:A` (or a load of it), `cli:main`, a process, a sid.
    `field` is what of it: a panel's value, a path in a payload. `because` are the findings that it follows from.
    """

    aspect: Aspect
    session: str | None = None
    party: str | None = None
    request: str | None = None
    hop: Hop | None = None
    panel: str | None = None
    field: str | None = None
    expected: Value = None
    found: Value = None
    count: int | None = None
    measured_ms: float | None = None
    bound_ms: float | None = None
    other: str | None = None
    items: tuple[str, ...] = ()
    text: str | None = None
    because: tuple[Finding, ...] = ()


def value(found: object) -> Value:
    """Numbers and texts as they are, everything else as its text."""
    return found if found is None or isinstance(found, str | int | float) else str(found)


def stated(text: str) -> Finding:
    """A finding in a strategy's own words, where no aspect says it."""
    return Finding(Aspect.STATED, text=text)
