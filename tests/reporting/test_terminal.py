"""What commands print: the same facts on a terminal and elsewhere, colour only where it is wanted."""

from __future__ import annotations

import io
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from harness.lib.ansi import uncoloured
from harness.model import Hop, Unknown, stated
from harness.model.facts import Fence
from harness.reporting.progress import Bar
from harness.reporting.terminal import Progress, failure, hop_line, table, verify_table
from tests.support.history import at, clean, load, of_kind
from tests.support.reported import judged, mismatch


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "160")
    return Terminal()


def test_the_hop_line() -> None:
    _, verdict = judged(mismatch())
    expected = "emitted 4 → sent 4 → received 4 → routed 0 ✗ → delivered 0 → applied 0 → rendered 0"
    assert hop_line(verdict) == expected
    taps = tuple(hop for hop in Hop if hop is not Hop.SENT)
    _, blind = judged(clean().without(at(Hop.SENT)).promising(taps=taps))
    assert hop_line(blind).startswith("emitted 4 → sent ? → received 4 → ")
    assert "✗" not in hop_line(blind)


def test_beside_the_hops_it_says_whose_events_they_are_where_there_are_others() -> None:
    _, alone = judged(clean())
    assert alone.counted is None
    several = replace(alone, events=6, sessions=2, counted="s")
    out = io.StringIO()
    failure(several, Path("run"), out)
    lines = out.getvalue().splitlines()
    at_hops = lines.index(f"  {hop_line(several)}")
    assert lines[at_hops - 1] == "passed: Every promise held: 6 events of 2 sessions, 2 dashboards."
    assert lines[at_hops + 1] == "  counted: session s; the run has 6 events of 2 sessions"


def test_the_table_without_a_terminal_is_plain_and_aligned() -> None:
    out = io.StringIO()
    verify_table([(*judged(clean()), 1.25), (*judged(mismatch()), 123.0)], out)
    head, first, second = out.getvalue().splitlines()
    assert head.split() == ["strategy", *(hop.label for hop in Hop), "verdict", "cause", "seconds"]
    assert first.split() == ["broadcast", *"4444444", "passed", "–", "1.2"]
    assert second.split() == ["broadcast", *"4440000", "failed", "room-mismatch", "123.0"]
    assert len(head) == len(first) == len(second)
    assert "\x1b" not in out.getvalue()


def test_the_table_on_a_terminal_is_coloured(terminal: Terminal) -> None:
    verify_table([(*judged(mismatch()), 1.0)], terminal)
    shown = terminal.getvalue()
    assert "\x1b[" in shown
    assert "room-mismatch" in shown


@pytest.mark.parametrize("columns", [40, 60, 80])
def test_where_the_table_has_no_room_each_run_is_a_block(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("NO_COLOR", "1")
    verify_table([(*judged(clean()), 1.25), (*judged(mismatch()), 3.0)], terminal)
    lines = uncoloured(terminal.getvalue()).splitlines()
    assert [line for line in lines if not line.startswith("  ")] == [
        "broadcast: passed in 1.2 s",
        "broadcast: failed in 3.0 s: room-mismatch",
    ]
    assert max(map(len, lines)) <= max(columns, 42)
    steps = [step.strip() for line in lines if line.startswith("  ") for step in line.split("→") if step.strip()]
    assert steps[7:] == ["emitted 4", "sent 4", "received 4", "routed 0 ✗", "delivered 0", "applied 0", "rendered 0"]


def test_a_bar_tells_the_time_that_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter([0.0, 0.0, 50.0, 60.0, 90.0])
    monkeypatch.setattr("harness.reporting.progress.time.monotonic", lambda: next(now))
    out = io.StringIO()
    with Bar("soak", 3, stream=out) as bar:
        for text in ("one", "two", "three"):
            bar.advance(text)
    assert out.getvalue().splitlines() == [
        "[  50.0 s] 1/3 one, about 2 min left",
        "[  60.0 s] 2/3 two, about 30 s left",
        "[  90.0 s] 3/3 three",
    ]


def test_no_color_is_respected(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    verify_table([(*judged(mismatch()), 1.0)], terminal)
    assert "\x1b[3" not in terminal.getvalue()
    assert "failed" in terminal.getvalue()


def test_markup_of_the_terminal_library_is_text(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    evidence, verdict = judged(clean())
    named = replace(verdict, unknowns=(Unknown(None, stated("[bold]why[/bold]")),))
    verify_table([(evidence, named, 1.0)], terminal)
    assert "[bold]why[/bold]" in terminal.getvalue()


def test_a_failure_is_told_with_cause_evidence_remedy_and_path() -> None:
    out = io.StringIO()
    failure(judged(mismatch())[1], Path("reports/runs/x"), out)
    lines = [line.strip() for line in out.getvalue().splitlines()]
    assert lines[1].startswith("failed: 4 of 4 events lost at routed")
    assert lines[2].startswith("emitted 4 → ")
    assert lines[3].startswith("cause: room-mismatch: ")
    assert "members of room 's': none" in lines
    assert any(line.startswith("remedy: ") for line in lines)
    assert lines[-1] == "run: reports/runs/x"


def test_an_unknown_verdict_is_told_with_what_is_missing() -> None:
    out = io.StringIO()
    failure(judged(clean().without(of_kind(Fence, load("A"))))[1], Path("x"), out)
    assert "unknown: P12" in out.getvalue()


def test_what_the_stream_can_not_show_is_not_an_error() -> None:
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="ascii")
    failure(judged(mismatch())[1], Path("x"), out)
    assert b"emitted 4 \\u2192 sent 4" in raw.getvalue()


def test_progress_is_a_line_for_each_step() -> None:
    out = io.StringIO()
    with Progress(stream=out) as progress:
        progress.step("starting\x1b[2J")
        progress.step("judging")
    first, second = out.getvalue().splitlines()
    assert first.endswith(" s] starting␛[2J")
    assert second.endswith(" s] judging")


def test_quiet_progress_says_nothing(terminal: Terminal) -> None:
    for out in (io.StringIO(), terminal):
        with Progress(quiet=True, stream=out) as progress:
            progress.step("starting")
        assert out.getvalue() == ""


def test_progress_on_a_terminal_leaves_it_as_it_was(terminal: Terminal) -> None:
    def broken_off() -> None:
        with Progress(stream=terminal) as progress:
            progress.step("[red]judging[/red]")
            raise KeyError

    with pytest.raises(KeyError):
        broken_off()
    shown = terminal.getvalue()
    assert "[red]judging[/red]" in shown
    assert shown.count("\x1b[?25l") == shown.count("\x1b[?25h") == 1  # the cursor is hidden, and shown again


def test_nothing_heavy_is_imported_before_it_is_needed() -> None:
    told = "import sys; from harness.reporting import reporters; reporters(); import harness.reporting.terminal;"
    told += "print([m for m in ('rich', 'allure', 'pytest', 'markdown_it', 'playwright') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize(("columns", "is_table"), [(79, False), (80, True), (160, True)])
def test_where_a_narrow_terminal_would_break_a_table_each_line_is_a_block(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, columns: int, is_table: bool
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    runs = [f"broadcast-do_20261130_10240{n}_262bc88f" for n in (1, 2)]
    table(("", *runs, ""), [("verdict", "failed", "passed", "≠"), ("emitted", "10", "10", "")], (), terminal)
    told = [line.rstrip() for line in uncoloured(terminal.getvalue()).splitlines()]
    blocks = ["verdict", f"  {runs[0]}: failed", f"  {runs[1]}: passed", "  ≠"]
    blocks += ["emitted", f"  {runs[0]}: 10", f"  {runs[1]}: 10"]
    assert (told == blocks) is not is_table
