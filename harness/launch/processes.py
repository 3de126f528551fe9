"""Child processes: start, know when they are ready, keep their output, stop the whole tree. Knows nothing of events.

    ProcessError                what went wrong with a child, with the end of its log
    ├── NotStarted              it could not be started, or ended before it was ready
    └── TimedOut                it did not do in time what was waited for

Every child leads a process group of its own and carries HARNESS_OWNER, the harness process that must outlive it: when
that ends, a watchdog stops the child and its descendants; what is left all the same is stopped at the next start.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from harness.launch.ends import wait_for_end, wait_for_group
from harness.launch.output import LONGEST_LINE, last_lines, lines
from harness.lib import lifeline
from harness.lib.ansi import printable, uncoloured
from harness.lib.patterns import Found, Pattern, compiled

KEPT_LINES, LONGEST_KEPT = 1000, 4096
"""So many lines are kept for who asks later for one, and so many characters of each."""

LONGEST_SHOWN = 2000
"""Characters of a line in an error message."""

T = TypeVar("T")


class ProcessError(Exception):
    """Something went wrong with a child process."""


class NotStarted(ProcessError):
    """It could not be started, or ended before it was ready."""


class TimedOut(ProcessError):
    """It did not do in time what was waited for."""


class Child:
    """A running child. Its standard output goes line by line to `log` and to `on_line`; its errors to `errors`.

    `on_line` is called from the thread that reads the output, with the line and `time.monotonic_ns()` of its arrival;
    `before_write` before that line is written to the log.
    """

    def __init__(
        self,
        name: str,
        argv: Sequence[str],
        *,
        log: Path,
        errors: Path | None = None,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        stdin: bool = False,
        on_line: Callable[[str, int], None] | None = None,
        before_write: Callable[[], None] = lambda: None,
    ) -> None:
        self.name, self.argv, self.log, self.errors = name, list(argv), log, errors
        self._on_line, self._before_write = on_line, before_write
        self._lines: deque[str] = deque(maxlen=KEPT_LINES)
        self._awaited: tuple[Pattern, list[Found]] | None = None
        self._troubles: list[str] = []
        self._news = threading.Condition()
        self._ended = False
        environment = {**(os.environ if env is None else env), lifeline.OWNER: lifeline.token()}
        try:
            with contextlib.ExitStack() as files:
                target = files.enter_context(errors.open("wb")) if errors is not None else subprocess.STDOUT
                self._popen = subprocess.Popen(
                    self.argv,
                    stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=target,
                    env=environment,
                    cwd=cwd,
                    start_new_session=True,
                )
        except OSError as error:
            raise NotStarted(
                f"{name} could not be started: {error.strerror}: {self.argv[0]}. Is it installed?"
            ) from None
        self.pid = self._popen.pid
        lifeline.watch_group(self.pid)
        self._reader = threading.Thread(target=self._read, name=f"output of {name}", daemon=True)
        self._reader.start()

    def _read(self) -> None:
        """Read to the end whatever happens: a pipe that is not read stops the child. What goes wrong is told."""
        assert self._popen.stdout is not None
        with self._popen.stdout as output, contextlib.ExitStack() as files:
            log = self._tried(lambda: files.enter_context(self.log.open("wb", buffering=0)))
            for raw, is_whole in lines(output):
                at_ns = time.monotonic_ns()
                self._tried(self._before_write)
                if log is not None:
                    self._tried(lambda raw=raw: log.write(raw))  # type: ignore[misc]
                if not is_whole:
                    self._trouble(f"a line of {self.name} is longer than {LONGEST_LINE >> 20} MB, and was cut")
                line = raw.decode("utf-8", "replace").rstrip("\r\n")
                if self._on_line is not None:
                    self._tried(lambda line=line, at_ns=at_ns: self._on_line(line, at_ns))  # type: ignore[misc]
                self._note(line)
        with self._news:
            self._ended = True
            self._news.notify_all()

    def _tried(self, step: Callable[[], T]) -> T | None:
        """Do one step of reading. What it raises is kept: the reader goes on, and its tap can't be believed."""
        try:
            return step()
        except Exception as error:  # noqa: BLE001  # nothing would report it in this thread
            self._trouble(f"the output of {self.name} could not be taken: {type(error).__name__}: {error}"[:500])
            return None

    def take_last(self, step: Callable[[], None]) -> None:
        """What its reader still has to do once all was read; where that fails it is as if a line had failed."""
        self._tried(step)

    def _trouble(self, what: str) -> None:
        if not self._troubles:
            self._troubles.append(what)

    def _note(self, line: str) -> None:
        """Keep a line for who waits for one, now or later."""
        with self._news:
            self._lines.append(line[:LONGEST_KEPT])
            if self._awaited is not None and not self._awaited[1]:
                wanted, found = self._awaited
                if (here := wanted.search(uncoloured(line))) is not None:
                    found.append(here)
                    self._news.notify_all()

    @property
    def trouble(self) -> str | None:
        """Why what was read of its output is not all that it printed; None as far as it is."""
        if self._troubles:
            return self._troubles[0]
        return None if self._ended or not self._is_pending() else f"the output of {self.name} was not read to its end"

    def _is_pending(self) -> bool:
        """Whether there is unread output; a child of the child may keep an empty pipe open for ever."""
        output = self._popen.stdout
        try:
            return output is not None and not output.closed and bool(select.select([output], [], [], 0)[0])
        except (OSError, ValueError):  # closed meanwhile: it was read to its end
            return False

    def wait_line(self, pattern: str, timeout_s: float) -> Found:
        """The first line of output that the pattern is found in. Raises NotStarted when the child ends before."""
        wanted, deadline = compiled(pattern), time.monotonic() + timeout_s
        with self._news:
            for line in self._lines:
                if (here := wanted.search(uncoloured(line))) is not None:
                    return here
            found = list[Found]()
            self._awaited = (wanted, found)
            self._news.wait_for(lambda: found or self._ended, max(0.0, deadline - time.monotonic()))
            self._awaited, has_ended = None, self._ended
        if found:
            return found[0]
        if has_ended:
            status = self._popen.wait()
            raise NotStarted(f"{self.name} ended with status {status} before it was ready.\n{self.tail()}")
        what = f"{self.name} printed no line like {pattern!r} within {timeout_s:g} s."
        raise TimedOut(f"{what}\n{self.tail()}")

    def wait(self, timeout_s: float) -> int:
        """The exit status, once the child has ended and all of its output has been read."""
        deadline = time.monotonic() + timeout_s
        if not wait_for_end(self._popen, timeout_s):
            raise TimedOut(f"{self.name} still runs after {timeout_s:g} s.\n{self.tail()}")
        self._reader.join(max(0.0, deadline - time.monotonic()) + 1)
        return self._popen.wait()

    def ends_within(self, timeout_s: float) -> bool:
        """Whether the child ends in that time."""
        return wait_for_end(self._popen, timeout_s)

    @property
    def status(self) -> int | None:
        """The exit status, None while it runs."""
        return self._popen.poll()

    def write(self, text: str, timeout_s: float, done: Callable[[], int] = lambda: 0) -> None:
        """Write to the child's standard input. A child that is gone is found out by `wait`.

        Raises TimedOut where nothing of it is read for so long: a pipe holds 64 kB, and then a writer waits. A child
        that is at work with what it has read is known by `done`, which rises.
        """
        assert self._popen.stdin is not None, "start the child with stdin=True"
        left = memoryview(text.encode())
        with contextlib.suppress(BrokenPipeError, ValueError):
            pipe, writable = self._popen.stdin.fileno(), select.poll()
            writable.register(pipe, select.POLLOUT)
            known = done()
            while left:
                if not writable.poll(timeout_s * 1000):
                    before, known = known, done()
                    if known > before:
                        continue
                    raise TimedOut(f"{self.name} read nothing of its input for {timeout_s:g} s.\n{self.tail()}")
                left = left[os.write(pipe, left[: select.PIPE_BUF]) :]

    def close_input(self) -> None:
        """End of the child's standard input."""
        if self._popen.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self._popen.stdin.close()

    def kill(self) -> int:
        """SIGKILL the whole tree and return the status."""
        self._signal(signal.SIGKILL)
        status = self.wait(5)
        self._end_group(5)
        return status

    def pause(self) -> None:
        """SIGSTOP the whole tree: it stands still until `go_on`."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """SIGCONT the whole tree."""
        self._signal(signal.SIGCONT)

    def dismiss(self) -> None:
        """Ask the whole tree to end, without waiting for it. A child that is gone already is fine."""
        self.close_input()
        if self._popen.poll() is None:
            self._signal(signal.SIGTERM)

    def stop(self, timeout_s: float = 3) -> None:
        """Ask the whole tree to end, then make it end."""
        self.dismiss()
        if self._popen.poll() is None and not wait_for_end(self._popen, timeout_s):
            self._signal(signal.SIGKILL)
            wait_for_end(self._popen, timeout_s)
        self._end_group(timeout_s)
        self._popen.wait()
        lifeline.forget_group(self.pid)
        self._reader.join(timeout_s)

    def tail(self, lines: int = 12) -> str:
        """The end of what the child printed, for an error message; control characters made harmless.

        What one that has ended printed last may still be on its way to the log, a second at most: a descendant of it
        may hold its output open.
        """
        if self._popen.poll() is not None:
            self._reader.join(1)
        texts = []
        for path in filter(None, (self.log, self.errors)):
            with contextlib.suppress(OSError):
                texts += [f"  | {printable(line[-LONGEST_SHOWN:])}" for line in last_lines(path, lines)]
        return "\n".join([f"The end of its log ({self.log}):", *texts]) if texts else f"Its log is empty ({self.log})."

    def _signal(self, number: int) -> bool:
        """Whether there was a process in the group to send it to; one that has ended and is not reaped yet counts."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)
            return True
        return False

    def _end_group(self, timeout_s: float) -> None:
        """Kill what the child itself left running in its group, and wait until it has ended.

        A killed process ends when it next runs: until then it holds its ports and files, and answers.
        """
        if not self._signal(signal.SIGKILL):
            return
        wait_for_group(self.pid, timeout_s)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
