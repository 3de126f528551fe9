"""The Markdown report: everything is counted from the ledger, every section is there, and it stays short."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from harness.extensions import REPORTER, BadExtension, check
from harness.model import Fact, Hop
from harness.model.facts import (
    Acknowledged,
    ActionTaken,
    CliExited,
    CliSession,
    CliStarted,
    Fence,
    HandlerError,
    Notice,
    Refused,
    RunBegun,
    Screenshot,
    StepBegun,
    View,
)
from harness.record.ledger import FILE
from harness.reporting import reporters
from harness.reporting.excerpt import READ_BYTES, excerpt
from tests.support.history import MS, History, at, clean, load, of_kind, with_data
from tests.support.reported import NASTY, judged, long_run, mismatch, report, tokens

SECTIONS = (
    "Test set-up",
    "Execution",
    "Results",
    "Root cause",
    "Properties",
    "Verification checklist",
    "Event types expected and received",
    "Conclusion",
    "Next steps",
    "Screenshots",
    "Errors on record",
    "Logs",
    "How it was judged",
)


def section(markdown: str, title: str) -> str:
    """What is below a heading, to the next of its rank."""
    rank = "## " if f"\n## {title}\n" in markdown else "### "
    return markdown.partition(f"\n{rank}{title}\n")[2].partition(f"\n{rank}")[0]


def test_every_section_is_there_in_order() -> None:
    for markdown in (report(clean()), report(mismatch())):
        assert tuple(line[3:] for line in markdown.splitlines() if line.startswith("## ")) == SECTIONS


def test_a_passed_run_has_no_cause_and_nothing_to_mend() -> None:
    markdown = report(clean())
    assert markdown.startswith("# ✅ broadcast: passed\n")
    assert "None: every promise held." in section(markdown, "Root cause")
    assert "Nothing to mend" in section(markdown, "Next steps")
    assert "- [ ]" not in section(markdown, "Verification checklist")


def test_the_room_mismatch_is_told_with_hop_place_evidence_and_remedy() -> None:
    markdown = report(mismatch())
    assert markdown.startswith("# ❌ broadcast: failed\n")
    cause = section(markdown, "Root cause")
    assert "### room-mismatch" in cause
    assert "**Hop**: routed\n" in cause
    assert "**Place**: `server/exchange.py:85 route`" in cause
    assert "members of room 's': none" in cause
    assert "**Remedy**: Let dashboards join room 's'" in cause
    assert "| 3 | **routed** ❌ | the server resolved a recipient | 0 | yes |" in markdown
    checks = section(markdown, "Verification checklist")
    assert "- [x] Events received: 4 of 4" in checks
    assert "- [ ] Events routed: 0 of 4 (**failed**)" in checks
    assert "1. Let dashboards join room 's'" in section(markdown, "Next steps")


def test_hops_cause_and_remedy_stand_first() -> None:
    first = report(mismatch()).partition("\n## ")[0]
    assert first.index("lost at routed") < first.index("![Events at each hop](hops.svg)")
    assert "- **Cause**: room-mismatch, at routed\n- **What to do**: Let dashboards join room 's'" in first
    assert "**Cause**" not in report(clean()).partition("\n## ")[0]


def test_counts_are_counted_before_and_after() -> None:
    history = clean(("A",))
    hello = {"name": "hello", "payload": None}
    history.records[2:2] = (  # after the page's load, ahead of its first event
        History().tell(Notice, load("A"), **hello).tell(Notice, load("A"), **hello).records
    )
    history.promising(dashboards=("A",)).changed(of_kind(View), with_data(counter=5))
    assert "| `A` | 2 | 5 | **3** ❌ | 4 |" in report(history)
    assert "| `A` | 0 | 0 | **0** ❌ | 4 |" in report(mismatch())
    assert "| `A` | 0 | 4 | **4** ✅ | 4 |" in report(clean())


def test_what_was_not_observed_is_a_question_mark_and_not_a_failure() -> None:
    markdown = report(clean().without(of_kind(View, load("A"))))
    assert "| `A` | 0 | ? | **?** ❔ | 4 |" in markdown
    assert "event count rose by ?, expected 4 (unknown)" in markdown


def test_a_blind_hop_is_called_blind() -> None:
    taps = tuple(hop for hop in Hop if hop is not Hop.APPLIED)
    markdown = report(clean().without(at(Hop.APPLIED)).promising(taps=taps))
    assert "| 5 | applied | a page's state held it | ? | blind |" in markdown
    assert "**Blind hops**: applied" in section(markdown, "How it was judged")
    assert "- [ ] Events applied: ? of 4 (unknown)" in markdown


def test_an_unknown_verdict_says_what_is_missing() -> None:
    markdown = report(clean().without(of_kind(Fence, load("A"))))
    assert markdown.startswith("# ❔ broadcast: unknown\n")
    assert "evidence is missing" in section(markdown, "Root cause")
    assert "1. Supply what is missing: " in section(markdown, "Next steps")


def test_types_sessions_and_work_are_counted() -> None:
    history = clean().without(at(Hop.RENDERED, "s/2", "B"))
    types = section(report(history), "Event types expected and received")
    assert "| `step:done` | 2 | 2 | 2 | 2 | 1 |" in types
    markdown = report(clean())
    assert "**Counted: 4 events**" in markdown
    assert "**Counted** `steps: 2 done`" in markdown
    assert "| `s` | `cli:main` | 4 | 4 of 4 | 4 of 4 |" in markdown


def test_only_what_the_cli_reported_counts_as_emitted() -> None:
    markdown = report(clean().without(at(Hop.EMITTED, "s/2")))
    assert "**Counted: 3 events**" in markdown
    assert "**Counted** `steps: 1 done`" in markdown
    assert "| `step:done` | 1 | 2 | 2 | 2 | 2 |" in markdown
    assert "| `s` | `cli:main` | 3 | 4 of 4 | 4 of 4 |" in markdown


def test_a_declared_type_that_never_came_is_in_the_table() -> None:
    history = clean().promising(declared=("run:started", "run:paused"))
    assert "| `run:paused` (declared, never seen) | 0 | 0 | 0 | 0 | 0 |" in report(history)


def test_the_command_is_shown_without_its_secrets() -> None:
    argv = ["shannon", "do", "a task", "--token", "hush", "--api-secret=hush", "--token-file", "/run/token"]
    history = clean().tell(CliStarted, "cli:main", argv=argv, cwd="/tmp/a b")
    shown = section(report(history), "Execution")
    assert "cd '/tmp/a b'\nshannon do 'a task' --token '(redacted)' '--api-secret=(redacted)'" in shown
    assert "--token-file /run/token" in shown
    assert "hush" not in shown


def test_the_duration_is_that_of_the_work_and_beside_it_that_of_the_process() -> None:
    history = clean().tell(CliStarted, "cli:main", argv=["x"], cwd="/")
    history.changed(of_kind(CliExited), lambda fact: replace(fact, at_ns=1500 * MS))
    history.changed(at(Hop.EMITTED), lambda sighting: replace(sighting, at_ns=100 * MS))
    history.changed(at(Hop.EMITTED, "s/4"), lambda sighting: replace(sighting, at_ns=500 * MS))
    assert "**Duration**: 0.40 s from its first to its last event; its process ran for 1.50 s" in report(history)
    assert "**Duration**: unknown" in report(clean().without(at(Hop.EMITTED)))


def test_steps_are_in_the_order_of_the_harness() -> None:
    history = clean().tell(StepBegun, "harness", name="second").tell(ActionTaken, load("A"), name="first")
    history.changed(of_kind(StepBegun), lambda fact: replace(fact, at_ns=5))
    steps = section(report(history), "Execution")
    assert steps.index("`first`") < steps.index("`second`")


def test_errors_on_record_are_told_once_and_counted() -> None:
    history = clean()
    for _ in range(3):
        history.tell(Refused, "server", reason="bad-token", origin=None, sid=None)
    history.tell(HandlerError, "server", name="publish", error="KeyError: 'x'", where="app.py:12", sid="1")
    history.tell(Refused, "server", reason="fence", namespace="/__fence_1__")
    history.changed(of_kind(Acknowledged, key="s/4"), with_data(ok=False, error="too-large"))
    told = section(report(history), "Errors on record")
    assert "- refused at `server`: `reason bad-token` (3 times)" in told
    assert "`error KeyError: 'x'; name publish; where app.py:12`" in told
    assert "not acknowledged, `cli:main`: `s/4`, `too-large`" in told
    assert "fence" not in told
    assert "None." in section(report(clean()), "Errors on record")


def test_screenshots_stand_side_by_side(tmp_path: Path) -> None:
    history = clean()
    (tmp_path / "screenshots").mkdir()
    for caption in ("before", "after", "lost"):
        name = f"screenshots/A-{caption}.png"
        (tmp_path / name).write_bytes(b"png") if caption != "lost" else None
        history.tell(Screenshot, load("A"), path=name, caption=caption, dashboard="A")
    shown = section(report(history, tmp_path), "Screenshots")
    assert "| `before` | `after` | `lost` |" in shown
    assert "![Dashboard A, before](screenshots/A-before.png) | ![Dashboard A, after](screenshots/A-after.png)" in shown
    assert "`screenshots/A-lost.png` (the file is gone)" in shown


@pytest.mark.parametrize(
    "path", ["/etc/passwd.png", "../../up.png", "a b.png", "x](http://evil.test)", "http://e/x.png"]
)
def test_a_path_that_leads_elsewhere_is_not_a_picture(path: str) -> None:
    history = clean().tell(Screenshot, load("A"), path=path, caption="before", dashboard="A")
    images = [token.attrs["src"] for token in tokens(report(history)) if token.type == "image"]
    assert images == ["hops.svg", "sequence.svg"]


def test_logs_are_excerpts_and_the_main_cli_comes_first(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "cli-beside.out").write_text("beside\n")
    (logs / "cli-main.out").write_text("Event: run:started\n")
    (logs / "server.log").write_text("```\n# not a heading\n" + NASTY + "\n")
    (logs / "cli-main.err").write_text("")
    shown = section(report(clean(), tmp_path), "Logs")
    assert [line for line in shown.splitlines() if line.startswith("### ")] == [
        "### `cli-main.out`",
        "### `server.log`",
        "### `cli-beside.out`",
    ]
    assert "\x1b" not in shown
    (fence,) = [t.content for t in tokens(shown) if t.type == "fence" and "not a heading" in t.content]
    assert "␛[31m" in fence


def test_a_long_log_keeps_what_matters(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    lines = [f"line {number}" for number in range(5000)]
    lines[700], lines[2500] = "ValueError: an Error", "emitted to room s-77 for nobody"
    log.write_text("\n".join(lines) + "\n")
    shown = excerpt(log, ["s-77"]).splitlines()
    assert shown[0] == "line 0"
    assert shown[-1] == "line 4999"
    assert {"ValueError: an Error", "emitted to room s-77 for nobody"} <= set(shown)
    assert len(shown) < 60
    kept = sum(1 for line in shown if not line.startswith("…"))
    assert kept + sum(int(line.split()[1]) for line in shown if line.startswith("…")) == 5000


def test_a_log_is_read_and_shown_with_bounds(tmp_path: Path) -> None:
    log = tmp_path / "huge.log"
    log.write_bytes(b"x" * (READ_BYTES + 10) + b"\n")
    shown = excerpt(log)
    assert len(shown) < 400
    assert shown.endswith("… 11 more bytes in the file")
    assert excerpt(tmp_path / "absent.log") == "(no such log)"


def test_the_date_is_that_of_the_session_or_of_the_ledger(tmp_path: Path) -> None:
    history = clean().promising(session="do_20251116_153316_856369b4")
    assert "**Date**: 2025-11-16 15:33:16, as its session id says (the zone of its machine)\n" in report(history)
    (tmp_path / FILE).write_text("")
    assert " UTC\n" in report(clean(), tmp_path)


def test_thousands_of_events_are_a_short_report() -> None:
    markdown = report(long_run(3000))
    assert markdown.startswith("# ✅")
    assert len(markdown) < 30_000
    assert "… and 2940 more" in markdown
    assert "**Counted: 3,000 events**" in markdown


def test_writing_again_gives_the_same_three_files(tmp_path: Path) -> None:
    evidence, verdict = judged(mismatch())
    reporter = reporters()["markdown"]
    first = {
        path.name: path.read_bytes() for path in (reporter.write(evidence, verdict, tmp_path), *tmp_path.iterdir())
    }
    assert set(first) == {"report.md", "hops.svg", "sequence.svg"}
    reporter.write(evidence, verdict, tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == first


def test_the_date_has_its_zone_and_the_commit_stands_with_it() -> None:
    history = clean().tell(RunBegun, "harness", at="2025-11-16T15:33:16.250-05:00", commit="c0ffee1234", changed=True)
    told = report(history)
    assert "**Date**: 2025-11-16 15:33:16-05:00\n" in told
    assert "**Commit**: c0ffee1234, with changes that are not committed\n" in told
    assert "**Commit**" not in report(clean())


def grey(file: Path, value: int) -> None:
    Image.new("L", (24, 24), value).save(file)


@pytest.mark.parametrize(
    ("after", "told", "is_marked"),
    [
        (128, "No visible difference", False),
        (255, "| changed: 100.0 % of the picture |", True),
        (None, "is gone", False),
    ],
    ids=["nothing", "all of it", "no picture"],
)
def test_what_changed_in_a_picture_is_told_and_marked(
    tmp_path: Path, after: int | None, told: str, is_marked: bool
) -> None:
    history = clean()
    for caption, value in {"before": 128, "after": after}.items():
        history.tell(Screenshot, load("A"), path=f"A-{caption}.png", caption=caption, dashboard="A")
        if value is not None:
            grey(tmp_path / f"A-{caption}.png", value)
    text = reporters()["markdown"].write(*judged(history), tmp_path).read_text()
    assert told in text
    assert ("](A-after-changed.png)" in text) is (tmp_path / "A-after-changed.png").exists() is is_marked


def test_a_screenshot_outside_of_the_run_is_not_opened(tmp_path: Path) -> None:
    run_dir, outside = tmp_path / "run", tmp_path / "A-after.png"
    run_dir.mkdir()
    grey(outside, 0)
    grey(run_dir / "A-before.png", 255)
    history = clean()
    for caption, path in {"before": "A-before.png", "after": "../A-after.png"}.items():
        history.tell(Screenshot, load("A"), path=path, caption=caption, dashboard="A")
    assert "of the picture" not in reporters()["markdown"].write(*judged(history), run_dir).read_text()
    assert [*tmp_path.glob("*-changed.png")] == []


def test_a_reporter_without_write_is_refused() -> None:
    class Wrong:
        name = "wrong"

    with pytest.raises(BadExtension, match="has no method write"):
        check(REPORTER, Wrong(), Wrong.name, "somewhere.REPORTER")


def test_the_exit_of_a_cli_that_failed_stands_with_the_cause() -> None:
    failed = mismatch().changed(of_kind(CliExited), with_data(status=1))
    assert "- **CLI**: `cli:main` ended with status 1" in report(failed).partition("\n## ")[0]
    assert "ended with status" not in report(mismatch()).partition("\n## ")[0]


def test_a_cli_that_reported_nothing_is_named_with_its_exit() -> None:
    silent = clean().without(lambda r: r.observer == "cli:main" and not isinstance(r, Fact))
    silent.without(lambda r: isinstance(r, Fact) and isinstance(r.body, CliSession))
    assert "**CLI**: `cli:main`, which reported no event of it, exit status 0" in section(report(silent), "Session")
