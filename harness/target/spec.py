"""A system under test: its processes, what is on its wire, and where to look; process.py says how they start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from harness.model import Hop, Panel, SessionList, SessionNotice, Total
from harness.record.identity import Envelope
from harness.taps.cli_output import PLAIN, Format
from harness.taps.page.spec import PageSpec
from harness.target.process import Command, Process, SeenBy, Step


@dataclass(frozen=True, slots=True)
class Target:
    """All that the harness knows of a system. Times are in milliseconds where the name says so."""

    name: str
    strategies: tuple[str, ...]
    processes: tuple[Process, ...]
    page_url: str
    do: Command
    """Does one task: placeholders task, session, server, project, token_file."""
    pipe: Command | None
    """Publishes the events that it reads, one JSON line each: the same placeholders, and window. None: it can't."""
    output: Format
    ingress: Envelope
    egress: Envelope
    own_events: tuple[str, ...]
    declared: tuple[str, ...]
    terminal: tuple[str, ...]
    terminal_ok: tuple[str, ...]
    panels: tuple[Panel, ...]
    page: PageSpec
    task: str
    items: Envelope = PLAIN
    """How an item of the page's list or state says which event it is, in the words of its `StoreSpec`."""
    time: str | None = None
    zone: str | None = None
    row_says: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    """Data fields that the server puts in: they are compared from then on."""
    replaced: tuple[str, ...] = ()
    """Those of them that are sent already, and in whose place it puts its own."""
    made: tuple[str, ...] = ()
    """Names of the events that the server makes by itself: no CLI reports them."""
    listed: tuple[str, ...] = ()
    """Names of the events that the page's list shows; all of them where none is named."""
    initial: tuple[str, ...] = ()
    totals: Mapping[str, Mapping[str, Total]] = field(default_factory=dict)
    state: tuple[Panel, ...] = ()
    notices: Mapping[str, SessionNotice] = field(default_factory=dict)
    """The server's messages that tell pages of sessions, by their names."""
    replays: bool = True
    keeps: int | None = None
    """Of so many events of a session at most none is missing in the journal; None: that is not known."""
    in_turn: bool = False
    """Whether pages and producers are given its servers in turn: no balancer stands before them."""
    side_by_side: bool = False
    """Whether two of it may run at once: it has neither a port nor a file at a place of its own."""
    bound_ms: float = 2000
    drawn_ms: float | None = None
    promised: tuple[str, ...] = ()
    """Names of the events that its page is promised, and no others; all of them where none is named."""
    page_name: str = "page"
    pages: Mapping[str, Target] = field(default_factory=dict)
    """Dashboards that show another page of it, each to the same target with what that page has of its own."""
    lists: Mapping[str, SessionList] = field(default_factory=dict)
    """The server's messages that list the active sessions, by their names."""
    ids: Mapping[str, str] = field(default_factory=dict)
    """The server's messages that tell a page the id of its connection, to where they say it."""
    arguments: tuple[int | None, int | None] = (None, None)
    """How many arguments a message to the server has, and one from it; None where the target doesn't say."""
    reloads: bool = False
    """Whether pages load themselves again while they are used."""
    ready_s: float = 20.0
    run_s: float = 20.0
    quiet_ms: float = 300
    blind: tuple[Hop, ...] = ()
    blind_because: Mapping[Hop, str] = field(default_factory=dict)
    """Why a hop can't be observed, as far as the target says."""
    cli_said_by: str = "command"
    """The key of the target file that says what its producer does."""
    cli_seen_by: str = "agent"
    cli_port: int | None = None
    """The server's port that is written into the producer; the wire proxy answers there."""
    routings: tuple[str, ...] = ()
    """Ways of routing beside its strategies that its server knows, which promise nothing."""
    reroute: tuple[str, ...] = ()
    described: bool = False
    """Whether payloads are compared with the system's own description of its messages."""
    origins: Mapping[str, str] = field(default_factory=dict)
    """Origins beside its own that its page asks, to what answers in their place: BLOCK, or a folder."""
    storage: Path | None = None
    """Cookies and storage that each dashboard begins with, as Playwright writes them."""
    opening: tuple[Step, ...] = ()
    choosing: tuple[Step, ...] = ()
    by_hand: Command | None = None
    """How a person does a task; None: as the harness does it. Placeholders as in `do`."""
    secret_names: tuple[str, ...] = ()
    """Further parts of names that mark a secret, and what secret values look like."""
    secret_patterns: tuple[str, ...] = ()
    passes: Command | None = None
    """Prints a pass, or writes it to `out`: placeholders role, session (`*`: all) and out. None: none is needed."""
    answers: bool = True
    """Whether pages and CLIs ask for sessions in the words of the reference system, and the server answers."""

    def of(self, dashboard: str) -> Target:
        """The same as it is for one dashboard, which may show another page than others do."""
        return self.pages.get(dashboard, self)

    @property
    def each_page(self) -> tuple[Target, ...]:
        """The same for each of its pages, the first one first."""
        return (self, *{other.page_name: other for other in self.pages.values()}.values())

    @property
    def context_options(self) -> dict[str, Any]:
        """What the browser contexts of its dashboards are opened with, beside what the harness wants of them.

        A certificate that the file names is checked when its process is ready; the browser knows no such thing.
        """
        has_own = any(process.certificate is not None for process in self.processes)
        told = {} if self.storage is None else {"storage_state": self.storage}
        return {**told, "ignore_https_errors": True} if has_own else told

    @property
    def servers(self) -> tuple[Process, ...]:
        """The Socket.IO servers."""
        return tuple(process for process in self.processes if process.serves)

    @property
    def folders(self) -> tuple[Path, ...]:
        """The folders of its own code: those that its processes and its CLI work in, unless they are made for a run."""
        commands = (*(process.command for process in self.processes), self.do, *([self.pipe] if self.pipe else ()))
        return tuple(dict.fromkeys(command.cwd for command in commands if command.cwd is not None))

    @property
    def server(self) -> Process:
        """The first Socket.IO server: the one that `{server}` stands for."""
        return self.servers[0]

    def serving_with(self, *arguments: str) -> Target:
        """The same target, its first server started with more arguments."""
        server = self.server
        command = replace(server.command, argv=(*server.command.argv, *arguments))
        changed = (replace(each, command=command) if each is server else each for each in self.processes)
        return replace(self, processes=tuple(changed))

    @property
    def seen_by(self) -> SeenBy:
        """Who sees what passes its server and its CLIs."""
        return SeenBy(self.server.seen_by, self.cli_seen_by)

    @property
    def takes_events(self) -> bool:
        """Whether its CLI publishes the events that a workload hands to it, in sessions that can be asked for.

        Full workloads restart servers, and expect no other party's sessions: not where it is shared with others.
        """
        return self.pipe is not None and self.answers and not self.is_shared and not self.pages

    @property
    def is_shared(self) -> bool:
        """Whether others may use it at the same time, and before: a server of it ran already."""
        return any(server.url is not None for server in self.servers)

    @property
    def gives_session(self) -> bool:
        """Whether the CLI is told which session to use."""
        return any("{session}" in text for text in (*self.do.argv, *self.do.env.values()))

    @property
    def page_chooses(self) -> bool:
        """Whether a dashboard is told which session to show: by its address, as it is opened, or after that."""
        said = (self.page_url, *(text for step in self.opening for text in (step.selector, step.text)))
        return bool(self.choosing) or any("{session}" in text for text in said)

    @property
    def chooses_by_itself(self) -> bool:
        """Whether a dashboard must be told its session, in a way that only this target knows."""
        return self.page_chooses and not self.answers

    @property
    def chooses_when_open(self) -> bool:
        """Whether what a dashboard shows is chosen on its page, so that one can be open that has chosen nothing."""
        said = (self.page_url, *(text for step in self.opening for text in (step.selector, step.text)))
        return bool(self.choosing) and not self.answers and not any("{session}" in text for text in said)

    @property
    def names_sessions(self) -> bool:
        """Whether the CLI makes up a session id that is known only when it says it."""
        return not self.gives_session and (self.output.session is not None or self.egress.session is not None)

    @property
    def blind_hops(self) -> tuple[Hop, ...]:
        """The hops that are not observed."""
        return tuple(hop for hop in Hop if hop not in self.taps)

    @property
    def taps(self) -> tuple[Hop, ...]:
        """The hops that are observed."""
        return self.taps_seen_by(self.seen_by)

    @property
    def by_panels(self) -> bool:
        """Whether panels alone show what the page makes of events: it has neither a list nor a counter of them."""
        is_alone = self.page.row is None and self.page.counter is None and bool(self.panels)
        return is_alone and Hop.RENDERED not in self.blind

    @property
    def ends(self) -> Hop:
        """How far each event must be seen to come: less far only where the target calls the rest blind."""
        if not self.by_panels and Hop.RENDERED not in self.blind:
            return Hop.RENDERED
        return Hop.DELIVERED if Hop.APPLIED in self.blind or self.page.store is None else Hop.APPLIED

    def taps_seen_by(self, seen_by: SeenBy) -> tuple[Hop, ...]:
        """The same where others look into its processes."""
        unseen = {*self.blind, *({Hop.SENT, Hop.RECEIVED, Hop.ROUTED} - {*seen_by.hops})}
        if self.page.store is None:
            unseen.add(Hop.APPLIED)
        if self.page.row is None and self.page.counter is None:
            unseen.add(Hop.RENDERED)
        if self.output.silent:
            unseen.add(Hop.EMITTED)
        return tuple(hop for hop in Hop if hop not in unseen)
