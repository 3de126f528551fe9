"""The processes of one system: each is started when those that it needs are ready, and its address is kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from harness.launch.ports import claimed_port
from harness.launch.processes import Child
from harness.launch.readiness import demand_free, port_of, wait_ready, wait_there
from harness.launch.workdir import prepare
from harness.target.process import Command, Process, TargetError, Work
from harness.target.spec import Target


class Around(Protocol):
    """What stands around the processes: it knows what they are told, and hears when they are ready."""

    before_log_write: Callable[[], None]
    """Called before each write of a child's output to its log, in the thread that reads that output."""

    def values(self) -> Mapping[str, str]:
        """What placeholders of a command stand for, as far as it is known now."""

    def environment(self, process: Process, filled: Mapping[str, str]) -> dict[str, str]:
        """The environment that a process starts in; `filled` are the variables of its command."""

    def became_ready(self, process: Process) -> None:
        """A process is ready at its address, which no party has been told yet."""


class Children:
    """Every process of a target. Logs and work folders lie in `folder`; `cleanup` stops what was started."""

    def __init__(self, target: Target, folder: Path, around: Around, cleanup: ExitStack) -> None:
        self._target, self._folder, self._around, self._cleanup = target, folder, around, cleanup
        self._children: dict[str, Child] = {}
        self.ports: dict[str, int] = {}
        self.addresses: dict[str, str] = {}
        """Process to its address once it is ready, as `http://127.0.0.1:3000`; empty for one that has none."""
        self.incarnation = 1
        """How many servers there have been, one in the place of the other."""
        self._starts = Counter[str]()
        self._stopped: set[str] = set()

    def spawn(self) -> None:
        """Start the processes, each when those that it needs are ready.

        Raises ProcessError for a process that doesn't come up, TargetError for one that can't with these settings.
        """
        for process in self._target.processes:
            if process.url is not None:
                self.ports[process.name] = port_of(process.url)
                continue
            demand_free(process.port, f"process {process.name}")
            if process.listens:
                chosen = self._cleanup.enter_context(claimed_port()) if process.port is None else process.port
                self.ports[process.name] = chosen
        for process in self._target.processes:
            for needed in process.after:
                self._await(needed)
            if process.url is None:
                self._spawn(process)

    def wait(self) -> None:
        """Until every process is ready; raises as `spawn` does."""
        for process in self._target.processes:
            self._await(process.name)

    def place(self, name: str) -> tuple[str, int]:
        """Host and port of a process that is ready."""
        address = self.addresses[name]
        return urlsplit(address).hostname or "127.0.0.1", port_of(address)

    def pid(self, name: str) -> int:
        """The process id of the process that runs now under a name."""
        return self._children[name].pid

    @property
    def logs(self) -> list[Path]:
        """Every log, in the order of the processes' starts."""
        return sorted(self._folder.glob("*.log"))

    @property
    def servers(self) -> list[str]:
        """The servers that are started here."""
        return [each.name for each in self._ours() if each.serves]

    def ended_servers(self) -> list[tuple[str, int]]:
        """Servers that have ended by themselves, each with its exit status."""
        return self._ended(self.servers)

    def ended_others(self) -> list[tuple[str, int]]:
        """The same of the processes that are no servers; one that was started to end has status 0."""
        return self._ended([each.name for each in self._ours() if not each.serves])

    def _ended(self, names: list[str]) -> list[tuple[str, int]]:
        running = [name for name in names if name not in self._stopped]
        known = [(name, self._children[name].status) for name in running]
        return [(name, status) for name, status in known if status is not None]

    def stop_server(self, kill: bool) -> None:
        """Stop the server, by SIGTERM or by SIGKILL. Raises TargetError for one that ran already."""
        self.stop(self._target.server.name, kill)

    def start_server(self) -> None:
        """Start the next server, whose `incarnation` is counted already, at the address of the one that was stopped."""
        self.start(self._target.server.name)

    def stop(self, name: str, kill: bool) -> None:
        """Stop a process, by SIGTERM or by SIGKILL. Raises TargetError for one that ran already."""
        process = self._named(name)
        if process.url is not None:
            raise TargetError(f"process {name} is not ours to restart: it ran already, at {process.url}.")
        if self.addresses[name]:
            self.ports[name] = port_of(self.addresses[name])
        if kill:
            self._children[name].kill()
        self._children[name].stop()
        self._stopped.add(name)

    def start(self, name: str) -> None:
        """Start a process at the address of the one that was stopped, and wait until it is ready."""
        self._stopped.discard(name)
        del self.addresses[name]
        self._spawn(self._named(name))
        self._await(name)

    def dismiss(self) -> None:
        """Ask every process to end; what waits for that has less to wait for then."""
        for child in self._children.values():
            child.dismiss()

    def _ours(self) -> list[Process]:
        """The processes that are started here."""
        return [each for each in self._target.processes if each.url is None]

    def _named(self, name: str) -> Process:
        return next(each for each in self._target.processes if each.name == name)

    def _spawn(self, process: Process) -> None:
        """Start one process; its next start goes by another name in its log."""
        self._starts[process.name] += 1
        command, again = process.command, f"-{count}" if (count := self._starts[process.name]) > 1 else ""
        label = f"{process.name}{again}"
        work = prepare(self._folder / "work" / label, command.work) if _wants_work(command) else self._folder
        values = {**self._around.values(), "port": str(self.ports.get(process.name, "")), "work": str(work)}
        child = Child(
            label,
            command.fill(**values),
            log=self._folder / f"{label}.log",
            env=self._around.environment(process, command.fill_env(**values)),
            cwd=command.cwd or work,
            before_write=lambda: self._around.before_log_write(),  # asked anew: a fault may come and go
        )
        self._cleanup.callback(child.stop)
        self._children[process.name] = child

    def _await(self, name: str) -> None:
        """Wait until a process is ready, and keep its address."""
        if name in self.addresses:
            return
        process = self._named(name)
        if process.url is not None:
            self.addresses[name] = wait_there(process, process.url, self._target.ready_s)
        else:
            child, port = self._children[name], self.ports.get(name, 0)
            self.addresses[name] = wait_ready(process, child, port, self._target.ready_s)
        self._around.became_ready(process)
        if self.addresses[name]:
            self.ports[name] = port_of(self.addresses[name])


def _wants_work(command: Command) -> bool:
    texts = (*command.argv, *command.env.values())
    return command.cwd is None or command.work != Work() or any("{work}" in text for text in texts)
