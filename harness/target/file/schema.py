"""What a target file says, as pydantic models: the one place where its keys are defined, checked and described."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from harness.target.file.cli import Cli
from harness.target.file.events import Events
from harness.target.file.kinds import Pattern, StrategyName, groups
from harness.target.file.pages import FIRST, OtherPage, Page, labels_of
from harness.target.file.part import Name, Part, Text
from harness.target.file.processes import Access, Process

HopName = Literal["emitted", "sent", "received", "routed", "delivered", "applied", "rendered"]


class Bounds(Part):
    """How long things may take."""

    latency_ms: float = Field(default=2000, gt=0, description="from emitted to rendered")
    drawn_ms: float | None = Field(
        default=None,
        gt=0,
        description="until panels show what the page has taken in, while sessions go on; without it, `latency_ms`",
    )
    ready_s: float = Field(default=20, gt=0, description="until a process is ready")
    run_s: float = Field(default=20, gt=0, description="until the CLI has ended, and for each thing waited for")
    quiet_ms: float = Field(
        default=300, gt=0, description="how long nothing may come, where it is not known what is in flight"
    )


class Secrets(Part):
    """What is secret, beside token, password, cookie and the like: it is compared, and kept as a digest."""

    names: list[Text] = Field(default=[], description="further parts of names of fields, options and variables")
    patterns: list[Pattern] = Field(
        default=[], description="what secret values look like wherever they stand; a group may be the value"
    )


class TargetFile(Part):
    """A system under test."""

    extends: str | None = Field(
        default=None, description="a target file, from this one's folder: what this one says goes over what that says"
    )
    name: Name = Field(description="what reports call it")
    strategy: StrategyName | list[StrategyName] = Field(
        description="who is promised the events: one way, or several; installed packages may have more "
        "(docs/write-a-strategy.md)"
    )
    replays: bool = Field(default=False, description="what a dashboard missed is promised to be sent again")
    keeps: int | None = Field(
        default=None,
        ge=1,
        description="of so many events of a session at most all are kept to be sent again: "
        "only of longer ones pages may be told of a gap (`protocol`)",
    )
    side_by_side: bool = Field(
        default=False,
        description="two of the system may run at once, for none of its ports and files is fixed: "
        "the next strategy's processes start while the present one is verified",
    )
    protocol: bool = Field(
        default=False,
        description="whether page, server and CLI ask each other for sessions as docs/protocol.md says",
    )
    blind: list[HopName] | dict[HopName, Text] = Field(
        default=[],
        description='hops that cannot be observed in this system; with the reasons: `{ rendered = "a canvas" }`',
    )
    process: dict[Name, Process] = Field(min_length=1, description="its processes, in the order of their start")
    cli: Cli = Field(description="its producer")
    events: Events = Field(default=Events(), description="its events on the wire")
    page: Page = Field(description="its dashboard")
    pages: dict[Name, OtherPage] = Field(default={}, description="further pages, beside its dashboard")
    bounds: Bounds = Field(default=Bounds(), description="how long things may take")
    secrets: Secrets = Field(default=Secrets(), description="what is secret in it")
    access: Access = Field(default=Access(), description="how passes are made that dashboards and producers need")

    @field_validator("strategy")
    @classmethod
    def some(cls, value: Any) -> Any:
        """Refuse an empty list."""
        if value == []:
            raise ValueError("at least one strategy is promised.")
        return value

    @model_validator(mode="after")
    def told_apart(self) -> TargetFile:
        """Refuse pages whose dashboards would be called as others are."""
        labels = [label for name, page in self.pages.items() for label in labels_of(name, page.dashboards)]
        again = next((label for label in labels if labels.count(label) > 1 or label in FIRST), None)
        if again is not None:
            raise ValueError(f"`pages`: two dashboards would be called {again}: give the page another name.")
        if self.pages and self.cli.pipe is not None:
            raise ValueError("`pages`: several pages watch one task together: leave `cli.pipe` out.")
        return self

    @property
    def each_page(self) -> list[tuple[tuple[str, ...], Page]]:
        """Where each page is in the file, and what it says of it."""
        return [(("page",), self.page), *((("pages", name), page) for name, page in self.pages.items())]

    @property
    def strategies(self) -> tuple[str, ...]:
        """The promised ways of routing."""
        return (self.strategy,) if isinstance(self.strategy, str) else tuple(self.strategy)

    def serves(self, name: str) -> bool:
        """Whether a process is a Socket.IO server."""
        said = self.process[name].serves
        return name == "server" if said is None else said

    def listens(self, name: str) -> bool:
        """Whether a process has a port: a server has, and one that is told or tells its port, or is asked at it."""
        process = self.process[name]
        if process.compose is not None:
            return process.compose.port is not None
        if self.serves(name) or process.url is not None or process.port is not None:
            return True
        if process.ready.http is not None or process.ready.tcp:
            return True
        tells = process.ready.log is not None and not groups(process.ready.log).isdisjoint({"url", "port"})
        told = "{port}" in process.model_dump_json()
        asked = any(f"{{{name}{part}}}" in self.model_dump_json() for part in ("", ".port"))
        return tells or told or asked
