"""Payloads that are large, foreign or hostile arrive whole, and stay text."""

from __future__ import annotations

import pytest

from harness.run.run import Run
from harness.run.workloads._items import Item, first_half, second_half

HOSTILE = {
    "html": "<img src=x onerror=\"alert('run')\"><script>document.title='run'</script>",
    "link": "javascript:alert(1)",
    "ansi": "\x1b[2J\x1b[31mred\x1b]0;title\x07",
    "control": "".join(chr(code) for code in range(32)),
    "right to left": "\u202e\u05e9\u05dc\u05d5\u05dd abc \u0645\u0631\u062d\u0628\u0627",
    "unicode": "\U0001f680 e\u0301 \u4f60\u597d \ufeff \u2028 \u0000",
    "numbers": [0, -0.0, 1.0, 1e21, 9007199254740991],
    "prototype": {"__proto__": {"polluted": True}, "constructor": 1},
}


def wanted(run: Run) -> dict[str, str] | None:
    return {"A": run.main} if run.contract.strategy == "subscription" else None


@pytest.mark.proves("P1", "P5", "P10", dashboards="A")
def test_hostile_text_stays_text(run: Run) -> None:
    run.open_dashboards("A", sessions=wanted(run))
    session = run.pipe("main", run.main)
    names = ("execution:started", "skill:started", "checkpoint:created", "skill:completed", "note:hostile")
    hostile = [Item(name, {"skill": text, "title": text, "label": text, "task": text, "error": text, "id": text})
               for name in names
               for text in (HOSTILE["html"],)]  # fmt: skip
    session.publish([*hostile, Item("note:all", HOSTILE), Item("execution:completed", {"task": "tidy the notes"})])
    session.finish()


@pytest.mark.proves("P1", "P5", dashboards="A", strategies=["broadcast", "subscription"])
def test_a_payload_of_900_kilobytes_arrives_whole(run: Run) -> None:
    run.open_dashboards("A", sessions=wanted(run))
    session = run.pipe("main", run.main)
    session.publish([*first_half(), Item("note:large", {"text": "x" * 900_000}), *second_half()])
    assert session.finish() == 0


@pytest.mark.proves("P1", "P5", dashboards="A", strategies=["broadcast"])
def test_a_payload_of_900_kilobytes_arrives_over_polling(run: Run) -> None:
    run.open_dashboards("A", transport="polling")
    session = run.pipe("main", run.main)
    session.publish([*first_half(), Item("note:large", {"text": "x" * 900_000}), *second_half()])
    assert session.finish() == 0
