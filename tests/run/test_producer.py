"""A CLI of a run: what its taps say of themselves when it has ended."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from harness.launch.processes import Child, TimedOut
from harness.model import Body, Fact, Hop, Record, Sighting
from harness.model.facts import CliExited, CliMessage, StepBlocked, TapTried
from harness.run import producer
from harness.run.conclusion import Concluding
from harness.run.producer import Cli, told
from harness.run.waiting import RunError
from harness.taps.cli_output import CliOutput, Format

if TYPE_CHECKING:
    from harness.launch.stack import Stack

FORM = Format(None, r"^\* (?P<name>\w+)$", continuation=r"\s+")


def ran(folder: Path, code: str, broken: str | None = None) -> list[Record]:
    """What was written of a CLI with that code; writing the event `broken` fails."""
    written: list[Record] = []

    def write(record: Record) -> None:
        if isinstance(record, Sighting) and record.event.name == broken:
            raise OSError(28, "No space left on device")
        written.append(record)

    tap = CliOutput("cli:main", FORM, write, "s")
    tap.alive("before", 0)
    argv = [sys.executable, "-c", code]
    child = Child("cli:main", argv, log=folder / "out", errors=folder / "err", stdin=True, on_line=tap.line)
    with child:
        Cli("main", "s", child, tap, lambda cli: None, 20).finish()
    return written


def canaries(written: list[Record]) -> list[tuple[str, bool]]:
    tried = [each.body for each in written if isinstance(each, Fact) and isinstance(each.body, TapTried)]
    assert all(each.hops == (Hop.EMITTED,) for each in tried)
    return [(each.phase, each.alive) for each in tried]


def test_a_cli_that_was_read_to_its_end_is_believed(tmp_path: Path) -> None:
    assert canaries(ran(tmp_path, "print('* one\\n* two')")) == [("before", True), ("after", True)]


@pytest.mark.parametrize("broken", ["one", "two"])
def test_a_line_that_could_not_be_taken_makes_the_tap_dead_and_never_the_cli_silent(
    tmp_path: Path, broken: str
) -> None:
    written = ran(tmp_path, "print('* one\\n* two')", broken)
    assert canaries(written) == [("before", True), ("after", False)]
    [why] = [each.body.why for each in written if isinstance(each, Fact) and isinstance(each.body, TapTried)][1:]
    assert why is not None and "No space left on device" in why
    assert len([each for each in written if isinstance(each, Sighting)]) == 1, "the other event is there"


@pytest.mark.parametrize("is_at_work", [True, False])
def test_a_slow_system_is_waited_for_as_long_as_it_gets_on(tmp_path: Path, is_at_work: bool) -> None:
    """Its patience is a tenth of a second; the CLI ends once it was looked at twenty times."""
    may_end, looks = tmp_path / "may-end", [0]

    def done() -> int:
        looks[0] += 1
        if looks[0] == 20:
            may_end.touch()
        return looks[0] if is_at_work else 0

    code = f"import os, time\nwhile not os.path.exists({str(may_end)!r}): time.sleep(0.01)"
    tap = CliOutput("cli:main", FORM, lambda record: None, "s")
    argv = [sys.executable, "-c", code]
    with Child("cli:main", argv, log=tmp_path / "out", errors=tmp_path / "err", stdin=True) as child:
        cli = Cli("main", "s", child, tap, lambda cli: None, 0.1)
        if is_at_work:
            assert cli.finish(done) == 0
        else:
            with pytest.raises(TimedOut, match="still runs"):
                cli.finish(done)


def test_of_endless_errors_the_beginning_and_the_end_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(producer, "TOLD_BYTES", 1000)
    errors = tmp_path / "err"
    errors.write_text("".join(f"error {number:06}\n" for number in range(10_000)))
    kept = list(told(errors))
    assert kept[0] == "error 000000" and kept[-1] == "error 009999" and len(kept) < 200
    assert [line for line in kept if "bytes are left out here" in line]
    written = ran(tmp_path, "import sys; print('a\\nb', file=sys.stderr)")
    assert [each.body.text for each in written if isinstance(each, Fact) and isinstance(each.body, CliMessage)] == [
        "a",
        "b",
    ]


def test_who_has_ended_by_itself_is_no_consequence_of_the_step_that_it_blocked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its end comes first in the record; of those that are told to end, after it."""
    said: list[Body] = []
    monkeypatch.setattr(Concluding, "tell", lambda _, body: said.append(body))
    monkeypatch.setattr(Concluding, "_conclude", lambda _: None)
    run = object.__new__(Concluding)
    run.stack = cast("Stack", SimpleNamespace(is_spoiled=False))

    def began(label: str, code: str) -> Cli:
        tap = CliOutput(f"cli:{label}", FORM, lambda record: said.append(cast("Fact[Body]", record).body), "s")
        argv = [sys.executable, "-c", code]
        child = Child(label, argv, log=tmp_path / label, errors=tmp_path / f"{label}.err", stdin=True)
        return Cli(label, "s", child, tap, lambda cli: None, 20)

    failed, reading = began("failed", "raise SystemExit(6)"), began("reading", "import sys; sys.stdin.read()")
    run.clis = [reading, failed]
    with failed.child, reading.child:
        assert failed.child.ends_within(20)
        assert run.go_no_further(RunError("waited for what failed was to send"))
    told_ = [
        body.status if isinstance(body, CliExited) else None
        for body in said
        if isinstance(body, CliExited | StepBlocked)
    ]
    assert told_ == [6, None, 0]
