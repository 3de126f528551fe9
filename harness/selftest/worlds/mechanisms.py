"""The bugs that are written into the templates: where each strikes, what it does, for whom, and what may be its cause.

They are taken from how software breaks, not from the harness's own catalogue; a cause that no rule names is not wrong
of the harness, so `causes` may be empty: then only "unexplained" is right.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from harness.model import Hop, Kind
from harness.selftest.worlds.parts import OWN_ROOMS, Parts

Strikes = Literal["some", "one", "from", "name", "batch", "none"]
"""Which events: some, one, all from one on, all of one name, those that come close together, or the page as a whole."""


@dataclass(frozen=True, slots=True)
class Mechanism:
    """One bug. `hop` is where it strikes, `pages` for whom: `all`, the `first`, or `others` than the newest."""

    id: str
    hop: Hop
    kinds: tuple[Kind, ...]
    causes: tuple[str, ...]
    strikes: Strikes
    fits: Callable[[Parts], bool]
    tells: str
    pages: Literal["all", "first", "others"] = "all"
    also: tuple[Hop, ...] = ()
    """Hops at which events are lost, or given again, for the same reason."""
    name: int = 0
    """With `strikes` "name": which of the world's names."""


UNSHOWN = (Kind.LOST, Kind.UNHANDLED, Kind.MISRENDERED, Kind.TRUNCATED)
"""What is true of an event that does not come as far as a page's state or screen."""

TOO_LATE = (Kind.LATE, Kind.REORDERED, *UNSHOWN)
"""What is true of an event that is held up: late, overtaken, or lost where the run is over before it comes."""


def _any(_parts: Parts) -> bool:
    return True


def _rows(parts: Parts) -> bool:
    return parts.view in ("attributes", "text", "table")


def _by_name(parts: Parts) -> bool:
    return parts.shape != "carrier"


def _tells_data(parts: Parts) -> bool:
    """Whether the target is told what the producer reports beside names: bytes are not, and can't be compared."""
    return parts.shape != "bytes"


def _named_fields(parts: Parts) -> bool:
    return parts.shape in ("fields", "carrier")


UNSEEN = ("sent-to-nobody",)
"""What is said of a loss inside a server whose rooms are not observed."""

ALL = (
    # The producer.
    Mechanism("never-sent", Hop.SENT, (Kind.LOST,), ("emit-unreached",), "some", _any,
              "the producer reports it and returns before it sends"),
    Mechanism("sent-twice", Hop.SENT, (Kind.DUPLICATED,), ("two-emit-paths",), "some", _any,
              "two places in the producer send it"),
    Mechanism("sent-falsified", Hop.SENT, (Kind.CORRUPTED,), ("payload-changed",), "some", _tells_data,
              "the producer sends other figures than it reports"),
    Mechanism("sent-later", Hop.SENT, (Kind.REORDERED,), (), "one", _any,
              "the producer sends it after the one that follows"),
    Mechanism("own-server", Hop.SENT, (Kind.LOST,), ("wrong-process",), "some", lambda p: p.producer == "python",
              "the producer emits on a server object of its own, which has no clients"),
    Mechanism("wrong-status", Hop.EMITTED, (Kind.INCOMPLETE,), ("status-disagrees",), "none", _any,
              "the producer says that it completed and exits with 1"),
    Mechanism("wrong-address", Hop.SENT, (Kind.LOST, Kind.REFUSED), ("wrong-port", "never-connected"), "none",
              lambda p: p.producer in ("python", "http") and p.contract != "auto-discovery",
              "the producer calls an address where nothing listens, and goes on"),
    Mechanism("closes-early", Hop.SENT, (Kind.LOST, Kind.REFUSED), ("emit-after-close", "exit-before-ack"), "from",
              lambda p: p.speaks_socketio, "the producer closes its connection and goes on", also=(Hop.RECEIVED,)),
    Mechanism("sends-unreported", Hop.SENT, (Kind.PHANTOM,), ("made-up",), "one", _any,
              "the producer sends an event that it does not report"),
    # The server.
    Mechanism("name-unheard", Hop.RECEIVED, (Kind.LOST,), ("ingress-name", "name-style"), "name", _by_name,
              "no handler of the server listens to one name"),
    Mechanism("handler-raises", Hop.ROUTED, (Kind.LOST,), ("handler-raises",), "one",
              lambda p: p.is_python and p.speaks_socketio, "the handler raises before it passes it on"),
    Mechanism("handler-forgets", Hop.ROUTED, (Kind.LOST,), ("never-routed", *UNSEEN), "some", _any,
              "the server takes it and passes it to no client"),
    Mechanism("worker-dies", Hop.ROUTED, (Kind.LOST,), ("never-routed", *UNSEEN), "from", lambda p: p.when != "handler",
              "what passes events on ends, and they are still taken"),
    Mechanism("other-room", Hop.ROUTED, (Kind.LOST,), ("room-mismatch", *UNSEEN), "some", _any,
              "the server emits to an empty room"),
    Mechanism("newest-only", Hop.ROUTED, (Kind.LOST,), ("left-out", "not-in-room"), "some",
              lambda p: p.processes == "one", "the server remembers one page, the newest, and emits to it", "others"),
    Mechanism("skips-one", Hop.ROUTED, (Kind.LOST,), ("left-out",), "some", lambda p: p.processes == "one",
              "the server leaves the first page out", "first"),
    Mechanism("leaves-room", Hop.ROUTED, (Kind.LOST,), ("room-left",), "from",
              lambda p: p.processes == "one" and p.to == "room", "the server takes a page out of its room", "first"),
    Mechanism("emits-twice", Hop.ROUTED, (Kind.DUPLICATED,), ("routed-twice",), "some", _any,
              "the server emits it twice"),
    Mechanism("server-falsifies", Hop.ROUTED, (Kind.CORRUPTED,), ("payload-changed",), "some", _any,
              "the server rounds a figure or cuts a text"),
    Mechanism("held-back", Hop.ROUTED, (Kind.REORDERED,), ("emitted-late",), "one", _any,
              "the server emits it after the one that follows"),
    Mechanism("routes-late", Hop.ROUTED, TOO_LATE, ("never-routed",), "one", _any,
              "the server waits before it emits it, maybe longer than the run"),
    Mechanism("other-namespace", Hop.ROUTED, (Kind.LOST,), ("egress-namespace", *UNSEEN), "some",
              lambda p: p.processes != "redis", "the server emits it in a namespace that no page is in"),
    Mechanism("invents", Hop.ROUTED, (Kind.PHANTOM,), ("made-up",), "one", _any,
              "the server emits an event that was not reported"),
    Mechanism("name-not-passed", Hop.ROUTED, (Kind.LOST,), ("never-routed", *UNSEEN), "name", _any,
              "the server passes every name but one", name=2),
    Mechanism("to-sender", Hop.ROUTED, (Kind.LOST,), ("only-sender-told", *UNSEEN), "some",
              lambda p: p.speaks_socketio and p.processes == "one",
              "the server emits it back to the producer"),
    Mechanism("merges", Hop.ROUTED, (Kind.LOST, Kind.PHANTOM), ("repacked", *UNSEEN), "some",
              lambda p: p.processes == "one", "the server sends it in a message of another name, inside of a list"),
    Mechanism("renames-field", Hop.ROUTED, (Kind.CORRUPTED,), ("payload-changed",), "some", _named_fields,
              "the server sends a field under another name"),
    Mechanism("stringifies", Hop.ROUTED, (Kind.CORRUPTED,), ("payload-changed",), "some", _named_fields,
              "the server sends a number as a text"),
    Mechanism("mixes-notes", Hop.ROUTED, (Kind.CORRUPTED,), ("payload-changed",), "some", _named_fields,
              "the server sends a field of the event before"),
    Mechanism("wrong-shift", Hop.ROUTED, (Kind.LOST, Kind.PHANTOM, Kind.CORRUPTED),
              ("payload-changed", "made-up", "identity-changed"), "one",
              lambda p: _named_fields(p) and p.ids and p.contract not in OWN_ROOMS,
              "the server sends it with the id of another session"),
    Mechanism("kicks-page", Hop.ROUTED, (*UNSHOWN, Kind.REFUSED), ("thrown-out",), "from",
              lambda p: p.processes == "one", "the server disconnects the first page in mid-session", "first"),
    Mechanism("follower-deaf", Hop.ROUTED, (Kind.LOST,), UNSEEN, "some", lambda p: p.processes == "follower",
              "the second server takes it from the first and passes it to no client"),
    # Between the server's decision and the page.
    Mechanism("frame-dropped", Hop.DELIVERED, (Kind.LOST,), (), "some", lambda p: p.processes == "one",
              "a layer under Socket.IO drops the packet"),
    Mechanism("frame-dropped-for-one", Hop.DELIVERED, (Kind.LOST,), (), "some", lambda p: p.processes == "one",
              "a layer under Socket.IO drops the packet of one page", "first"),
    Mechanism("frame-doubled", Hop.DELIVERED, (Kind.DUPLICATED,), (), "some",
              lambda p: p.processes == "one" and p.shape != "bytes",  # half a message twice is not a message
              "a layer under Socket.IO sends the packet twice"),
    Mechanism("frame-held", Hop.DELIVERED, TOO_LATE, (), "one", lambda p: p.processes == "one",
              "a layer under Socket.IO holds the packet"),
    Mechanism("frame-changed", Hop.DELIVERED, (Kind.CORRUPTED,), ("payload-changed",), "some",
              lambda p: p.processes == "one", "a layer under Socket.IO changes the packet's text"),
    Mechanism("frame-broken", Hop.DELIVERED, (*UNSHOWN, Kind.REFUSED, Kind.CORRUPTED), ("frame-unread",), "one",
              lambda p: p.processes == "one" and _named_fields(p),
              "a packet is not JSON: the page closes the connection, and comes back", also=(Hop.ROUTED,)),
    Mechanism("two-connections", Hop.DELIVERED, (Kind.DUPLICATED,), ("two-connections",), "none",
              lambda p: p.processes == "one",
              "the page opens two connections, and listens on both"),
    # The page's state.
    Mechanism("forgets-event", Hop.APPLIED, UNSHOWN, (), "some", _any,
              "the page leaves it out of its state"),
    Mechanism("page-raises", Hop.APPLIED, UNSHOWN, ("page-error",), "one", _any,
              "the page's handler throws"),
    Mechanism("keeps-falsified", Hop.APPLIED, (Kind.CORRUPTED,), ("payload-changed",), "some", lambda p: p.state,
              "the page rounds a figure or cuts a text in its state"),
    Mechanism("keeps-late", Hop.APPLIED, TOO_LATE, (), "one", _any,
              "the page takes it into its state late"),
    Mechanism("keeps-first", Hop.APPLIED, (Kind.REORDERED, Kind.MISRENDERED), ("apply-reordered",), "one",
              lambda p: p.state or _rows(p), "the page puts it before what it has"),
    Mechanism("last-of-batch", Hop.APPLIED, UNSHOWN, ("last-of-batch",), "batch",
              lambda p: not p.acknowledged and p.producer != "http", "the page keeps the last of a batch"),
    Mechanism("keeps-twice", Hop.APPLIED, (Kind.DUPLICATED, Kind.MISRENDERED), (), "some", _any,
              "the page puts it into its state twice"),
    Mechanism("name-unlistened", Hop.APPLIED, UNSHOWN,
              ("no-reducer-case", "name-style"), "name", _by_name, "the page listens to a misspelt name", name=-2),
    Mechanism("listens-twice", Hop.APPLIED, (Kind.DUPLICATED, Kind.MISRENDERED), ("listener-twice",), "name", _by_name,
              "the page registers one handler twice", name=-2),
    Mechanism("stops-listening", Hop.APPLIED, UNSHOWN, (), "from", _any,
              "the page removes its listeners in the middle of a session"),
    Mechanism("listens-once", Hop.APPLIED, UNSHOWN, ("listener-gone",), "name", _by_name,
              "the page listens to one name for one event alone", name=-2),
    Mechanism("reads-wrong-field", Hop.APPLIED, (Kind.CORRUPTED,), ("field-rename", "payload-changed"), "some",
              lambda p: p.state and _named_fields(p), "the page reads a field under a name that it doesn't have"),
    Mechanism("keeps-previous", Hop.APPLIED, (Kind.CORRUPTED,), ("payload-changed",), "some",
              lambda p: p.state and _named_fields(p), "the page keeps fields of the event before"),
    # What a person sees.
    Mechanism("escapes-text", Hop.RENDERED, (Kind.MISRENDERED, Kind.CORRUPTED), (), "some", _rows,
              "a row shows its text escaped for an address"),
    Mechanism("row-cuts", Hop.RENDERED, (Kind.MISRENDERED, Kind.CORRUPTED), (), "some", _rows,
              "a row cuts its text"),
    Mechanism("shows-previous", Hop.RENDERED, (*UNSHOWN, Kind.CORRUPTED, Kind.DUPLICATED), ("identity-changed",), "one",
              _rows, "a row shows the text of the event before"),
    Mechanism("rows-by-name", Hop.RENDERED, (Kind.TRUNCATED, Kind.LOST, Kind.MISRENDERED), ("rows-replaced",), "none",
              _rows, "of the events of one name the list shows the last"),
    Mechanism("panels-swap", Hop.RENDERED, (Kind.MISRENDERED,), ("panel-stale",), "none", _any,
              "two panels show each other's number"),
    Mechanism("shows-other", Hop.RENDERED, (Kind.MISRENDERED, Kind.CORRUPTED), (), "some", lambda p: p.has_list,
              "a row shows another text than its event's"),
    Mechanism("shows-other-number", Hop.RENDERED, (*UNSHOWN, Kind.PHANTOM, Kind.DUPLICATED, Kind.CORRUPTED),
              ("identity-changed",),
              "one", lambda p: _rows(p) and p.ids, "a row shows another number than its event's"),
    Mechanism("shows-other-name", Hop.RENDERED, (*UNSHOWN, Kind.PHANTOM, Kind.CORRUPTED), ("name-changed",),
              "one", _rows, "a row says another name than its event's"),
    Mechanism("row-empties", Hop.RENDERED, (*UNSHOWN, Kind.CORRUPTED), (), "some", _rows,
              "a row shows nothing of what its event says"),
    Mechanism("swaps-rows", Hop.RENDERED, (Kind.REORDERED, Kind.MISRENDERED), (), "one", _rows,
              "the list shows it in the place of the one before it"),
    Mechanism("counter-stops", Hop.RENDERED, (Kind.MISRENDERED, Kind.LOST), ("counter-off",), "from", _any,
              "the counter stops in the middle of a session"),
    Mechanism("counts-twice", Hop.RENDERED, (Kind.MISRENDERED, Kind.LOST), ("counter-off",), "none", _any,
              "the counter counts the events of one name twice"),
    Mechanism("panel-lags", Hop.RENDERED, (Kind.MISRENDERED,), ("panel-stale",), "none", _any,
              "the panels show what they were to show an event before"),
    Mechanism("panel-stops", Hop.RENDERED, (Kind.MISRENDERED,), ("panel-stale",), "from", _any,
              "the panels stop in the middle of a session"),
    Mechanism("leaves-out", Hop.RENDERED, (Kind.TRUNCATED, Kind.LOST, Kind.MISRENDERED),
              ("rows-left-out", "list-sliced"), "some", _rows, "the list leaves it out"),
    Mechanism("draws-twice", Hop.RENDERED, (Kind.DUPLICATED, Kind.MISRENDERED), ("row-twice",), "some", _rows,
              "the list shows it in two rows"),
    Mechanism("slices", Hop.RENDERED, (Kind.TRUNCATED, Kind.LOST, Kind.MISRENDERED), ("list-sliced",), "none", _rows,
              "the list shows the last four, and nothing says so"),
    Mechanism("miscounts", Hop.RENDERED, (Kind.MISRENDERED, Kind.LOST), ("counter-off",), "none", _any,
              "the counter is one short"),
    Mechanism("panel-stale", Hop.RENDERED, (Kind.MISRENDERED,), ("panel-stale",), "none", _any,
              "a panel does not change when its events come"),
    Mechanism("hides", Hop.RENDERED, UNSHOWN, ("rows-left-out", "list-sliced"), "one",
              lambda p: _rows(p) and p.direction == "append", "a style hides its row"),
    Mechanism("sorts-rows", Hop.RENDERED, (Kind.REORDERED, Kind.MISRENDERED), (), "none", _rows,
              "the list sorts its rows by their text"),
    Mechanism("panel-counts-all", Hop.RENDERED, (Kind.MISRENDERED,), (), "none", _any,
              "a panel counts the events of all names"),
    Mechanism("says-offline", Hop.RENDERED, (Kind.MISRENDERED,), (), "from", lambda p: p.speaks_socketio,
              "the page says that it is offline, and it isn't"),
    Mechanism("draws-late", Hop.RENDERED, TOO_LATE, ("render-delayed",), "one", _rows,
              "the page draws it long after it has it"),
)  # fmt: skip

BY_ID = {each.id: each for each in ALL}


def fitting(parts: Parts) -> list[Mechanism]:
    """The bugs that can be put into a world of these parts."""
    return [each for each in ALL if each.fits(parts)]
