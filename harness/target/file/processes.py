"""What a target file says of the processes of a system: its keys, checked and described."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from harness.taps.seen_by import taps
from harness.target.file.kinds import Pattern, TapName
from harness.target.file.part import Part, Text


class Ready(Part):
    """How a process is known to be ready. One of the three; without any, a process is ready when its port answers."""

    http: str | None = Field(default=None, pattern="^/", description="path that answers with a status below 500")
    log: Pattern | None = Field(default=None, description="line of output; a group `url` or `port` gives its address")
    tcp: bool = Field(default=False, description="its port takes connections")

    @model_validator(mode="after")
    def one(self) -> Ready:
        """Refuse two ways at once."""
        if sum((self.http is not None, self.log is not None, self.tcp)) > 1:
            raise ValueError("one of http, log and tcp says when it is ready, not several.")
        return self


class Work(Part):
    """The fresh folder `{work}` that is made for a process each time it starts."""

    copy_from: str | None = Field(
        default=None, description="folder whose content is copied into it, from the target's folder"
    )
    files: dict[str, str] = Field(default={}, description="files to write into it: path to text")
    git: bool = Field(default=False, description="make it a Git repository, with what is in it committed")


class Composed(Part):
    """A service of a Compose file: `docker compose` starts it, and it is ready when it is healthy there."""

    service: str = Field(pattern=r"^[A-Za-z0-9][\w.-]*$", description="its name in the Compose file")
    port: int | None = Field(
        default=None, ge=1, le=65535, description="port inside the container, which the Compose file publishes"
    )
    file: str | None = Field(
        default=None, description="the Compose file, from the process's folder; else the one that docker finds there"
    )


class Access(Part):
    """Passes, where the system lets in who has one: with one for a session, a dashboard must hear of no other."""

    command: list[Text] = Field(
        default=[],
        description="makes a pass, and prints it or writes it to `{out}`: for `{role}` (`dashboard` or `producer`) and "
        "`{session}` (an id, or `*` for all)",
    )
    folder: str = Field(default=".", description="where it starts, from the target file's folder")
    env: dict[str, str] = Field(
        default={}, description="environment beside the harness's own; placeholders are filled in"
    )

    @property
    def work(self) -> Work:
        """Nothing is put into its folder."""
        return Work()


class Process(Part):
    """A process of the system. They start in the order of the file, each when those before it are ready."""

    command: list[str] = Field(
        default=[], description="program and arguments; placeholders are filled in; needed where there is no `url`"
    )
    url: str | None = Field(
        default=None,
        description="address of one that runs already, as `http://localhost:3000`: it is neither started nor stopped, "
        "and seen by the wire `proxy` unless `nobody` does",
    )
    compose: Composed | None = Field(
        default=None,
        description="or a service of a Compose file: started with what it depends on, in a project of its own",
    )
    folder: str = Field(
        default=".", description="where it starts, from the target file's folder; `{work}` for a fresh one"
    )
    env: dict[str, str] = Field(
        default={}, description="environment beside the harness's own; placeholders are filled in"
    )
    port: int | None = Field(
        default=None,
        ge=0,
        le=65535,
        description="fixed port; 0: it chooses one itself and its log says which; else a free one",
    )
    certificate: str | None = Field(
        default=None,
        description="file with the certificate of a server behind HTTPS, or of who signed it, where this machine does "
        "not know it: its address begins with https then",
    )
    ready: Ready = Field(default=Ready(), description="how it is known to be ready")
    work: Work = Field(default=Work(), description="what is in its fresh folder `{work}`")
    serves: bool | None = Field(
        default=None, description="whether it is a Socket.IO server; without it the process called `server` is"
    )
    seen_by: TapName = Field(
        default="agent",
        description="how its traffic is observed: `agent`, by itself in every process of Python or Node.js that the "
        "command starts; wire `proxy` in front; `nobody`; or a tap of an installed package (docs/write-a-tap.md)",
    )

    @model_validator(mode="before")
    @classmethod
    def seen_from_outside(cls, said: Any) -> Any:
        """No agent comes into a process that runs already, nor by itself into a container: the proxy sees those."""
        if isinstance(said, dict) and "compose" in said:
            return {"seen_by": "proxy", **said}
        is_there = isinstance(said, dict) and isinstance(said.get("url"), str)
        if not is_there:
            return said
        return {"seen_by": "nobody" if said["url"].startswith("https:") else "proxy", **said}

    @model_validator(mode="after")
    def started_or_there(self) -> Process:
        """Refuse one that is neither started nor there, and what only one that is started can have."""
        seen_by = taps()[self.seen_by]
        if self.certificate is not None and seen_by.stands_in_front:
            raise ValueError('`seen_by`: the wire proxy does not speak TLS: say "agent" or "nobody".')
        if self.compose is not None:
            return self._in_a_container(self.compose)
        if self.url is None:
            if not self.command:
                raise ValueError('either `command = ["…"]` starts it, or `url = "http://…"` says where it runs.')
            return self
        if wrong := sorted(self.model_fields_set & {"command", "folder", "env", "port", "work"}):
            raise ValueError(f"with `url` it runs already: leave {', '.join(f'`{key}`' for key in wrong)} out.")
        if self.ready.log is not None:
            raise ValueError("with `url` it runs already, and its log is not read: leave `ready.log` out.")
        place = urlsplit(self.url)
        if place.scheme not in ("http", "https") or not place.hostname or place.query or place.fragment:
            raise ValueError(
                f"`url`: {self.url!r} is not an address: write http://HOST:PORT, as http://localhost:3000."
            )
        if place.scheme == "https" and seen_by.stands_in_front:
            raise ValueError('`seen_by`: the wire proxy does not speak TLS: say "nobody", or leave it out.')
        if seen_by.server_hops and not seen_by.stands_in_front:  # it comes into a process as that starts
            raise ValueError('`seen_by`: no agent comes into a process that runs already: say "proxy" or "nobody".')
        return self

    def _in_a_container(self, composed: Composed) -> Process:
        """Refuse what only a process of this machine can have."""
        if wrong := sorted(self.model_fields_set & {"command", "url", "port", "work", "ready", "certificate"}):
            named = ", ".join(f"`{key}`" for key in wrong)
            raise ValueError(f"with `compose` it is in a container, ready when that is healthy: leave {named} out.")
        if self.serves and composed.port is None:
            raise ValueError("`compose.port` is missing: at which port of its container the server listens.")
        return self
