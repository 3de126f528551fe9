"""The end of a run: what is waited for, and the proof that nothing is on its way any more."""

from __future__ import annotations

import contextlib
import time

from harness.launch.processes import TimedOut
from harness.model import Hop
from harness.model.facts import BrokenOff, StepBlocked
from harness.run.dashboard import PageStepError
from harness.run.lacking import is_behind
from harness.run.quiescence import Proof, prove_absence, wait_quiet
from harness.run.recording import Recording
from harness.run.waiting import RunError
from harness.taps.seen_by import Patience

PAUSE_S = 0.02
"""How long to wait between two looks at a server, or at pages, that still have something to do."""

COMES_BACK_S = 2.5
"""How long a page may take to connect again: socket.io-client tries after half a second to one and a half."""

CONCLUDE_S = 2.0
"""How long each step of concluding a run may take that was broken off."""

SLACK_S = 0.05
"""How much longer than the bound of latency is waited without a word: what has not come by then is late for sure."""

LATE = 1.5
"""How many bounds of latency one has at the end: a page that holds more events than it shows, a handler with one."""


class Concluding(Recording):
    """A run's record up to its end: as planned, where a part was ended by another party, or where it can't go on."""

    _step = "opening the system's page and starting its CLI"
    """What is being done, in a tester's words."""

    def end_clis(self) -> None:
        """End the CLIs that still run: the one that does not end by itself is killed."""
        for cli in self.clis:
            if cli.exit_status is None:
                try:
                    cli.finish()
                except TimedOut:
                    cli.kill()

    def settle(self) -> None:
        """Prove that nothing is on its way any more: CLIs ended, no handler runs, fences back, pages still."""
        for cli in self.clis:
            if cli.exit_status is None:
                cli.finish()
        self._conclude()

    def break_off(self) -> bool:
        """Whether a run failed because a part of it was ended by another party; then that is recorded.

        What there is is concluded as far as it can be, in seconds: the record says how far the run came.
        """
        ended = list(self._ended_by_others())
        if not ended:
            return False
        self.stack.is_spoiled = True
        own = self.stack.resources.ended()
        for each in ended:
            self.tell(BrokenOff(*each, of_system=each != own))
        self.timeout_s = min(self.timeout_s, CONCLUDE_S)
        for cli in self.clis:
            cli.end_within(CONCLUDE_S)
        with contextlib.suppress(Exception):  # the rest of the record stands, and what is not proven is unknown
            self._conclude()
        return True

    def go_no_further(self, error: Exception) -> bool:
        """Whether what stopped a workload may be the system's doing; then the record says at which step it stopped.

        What came by then is concluded and judged: a bug may keep a person from doing what a tester planned.
        """
        if not isinstance(error, RunError | TimedOut | PageStepError):
            return False
        self.stack.is_spoiled = True
        for cli in self.clis:
            cli.note_end()
        self.tell(StepBlocked(self._step, str(error).splitlines()[0][:500]))
        for cli in self.clis:
            cli.end_within(CONCLUDE_S)
        with contextlib.suppress(Exception):  # what is not proven then is unknown
            self._conclude()
        return True

    def _conclude(self) -> None:
        """What is proven once the CLIs have ended."""
        self._tell_ended_servers()
        self._tell_ended_others()
        self.stack.hear_helpers(self.timeout_s)
        self._wait_back()
        self._server_alive("after", self._patience())
        moves = self._news.moves
        self.wait_delivered()
        with self._spans("proof of absence"):
            proofs = self._prove_drawn()
        if self._news.moves != moves:  # a page that lost its connection meanwhile is a member anew
            self._server_alive("after")
        for dashboard, proof in zip(self.present, proofs, strict=True):
            dashboard.conclude(proof)
        for each in self.beside:
            each.conclude()
        self._tell_starvation()

    def _prove_drawn(self) -> list[Proof]:
        """The proof of every page, once those that are behind have drawn what they will, or had their time.

        Too late and never are not the same: what such a page still draws is waited for.
        """
        proofs, patience_s = self._prove(), LATE * self.contract.bound_ms / 1000
        deadline = time.monotonic() + patience_s
        while time.monotonic() < deadline:
            pages = zip(self.present, proofs, strict=True)
            late = [(each, proof) for each, proof in pages if is_behind(proof, patience_s, each.tap.given)]
            if not late:
                break
            for dashboard, proof in late:
                dashboard.wait_drawn(proof, deadline)
            proofs = self._prove()
        return proofs

    def _patience(self) -> Patience:
        """How long the server is waited for."""
        is_seen = {Hop.RECEIVED, Hop.ROUTED} <= set(self.stack.taps)
        return Patience(
            self._outstanding,
            self._bound_s,
            lambda: self._news.pause(PAUSE_S),
            self._news.is_held if is_seen else lambda _sid, _name: False,
            lambda: LATE * self.contract.bound_ms / 1000 + self._starvation.since(self._news.last_taken_s),
        )

    def _outstanding(self) -> int:
        """How many events the server took and has not passed on, as far as taps can tell."""
        taps = self.stack.taps
        taken = next((hop for hop in (Hop.RECEIVED, Hop.SENT) if hop in taps), Hop.EMITTED)
        return self._news.outstanding(taken, Hop.ROUTED if Hop.ROUTED in taps else Hop.DELIVERED)

    def _bound_s(self) -> float:
        """The monotonic time after which an event that was taken last is late."""
        return self._news.last_taken_s + self.contract.bound_ms / 1000

    def wait_delivered(self) -> None:
        """Wait for what the server took or routed until the pages have it, or until that is late.

        Without a word to the server: one that sends only when something wakes it is late, and a fence would wake it.
        What the machine kept waiting meanwhile is not late, and is waited for on top, but not without end: a system
        that never rests takes the processor from itself.
        """
        taps = set(self.stack.taps)
        if Hop.ROUTED in taps and Hop.DELIVERED not in taps:
            return
        missing = self._news.undelivered if Hop.ROUTED in taps else self._outstanding
        if Hop.ROUTED in taps:
            self.drain()  # which connection is whose, they tell as well
        deadline = 0.0
        while missing():
            if time.monotonic() >= max(deadline, self._bound_s() + SLACK_S):
                starved_s = min(self._starvation.since(self._news.last_taken_s), self.timeout_s)
                deadline = self._bound_s() + SLACK_S + starved_s
                if time.monotonic() >= deadline:
                    return
            self.drain()
            self._news.pause(PAUSE_S)

    def _wait_back(self) -> None:
        """Wait for pages that have just lost their connection: their clients make another, and may be told what is new.

        A page that came to its last state without one stays without: it is waited for as long as a client does.
        """
        self.drain()
        deadline, loads = time.monotonic() + COMES_BACK_S, {each.tap.observer for each in self.present}
        while self._news.away() & loads and not [*self.stack.children.ended_servers()] and time.monotonic() < deadline:
            self.drain()
            self._news.pause(PAUSE_S)

    def _prove(self) -> list[Proof]:
        """Fence, stillness and view of every page."""
        taps, means = [dashboard.tap for dashboard in self.present], "wire"
        if not {Hop.SENT, Hop.RECEIVED} <= set(self.stack.taps) or len(self.stack.target.servers) > 1:
            # Whether the producer's last event has come as far as the pages' queues is not known: not seen, or not
            # what is on its way between servers.
            means = "quiet"
            wait_quiet(taps, self.stack.target.quiet_ms, self.timeout_s)
        return prove_absence(taps, self.timeout_s, means, self.stack.target.quiet_ms)
