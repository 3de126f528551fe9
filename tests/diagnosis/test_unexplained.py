"""What no rule explains is told with the facts: what a CLI said on standard error is one of them."""

from __future__ import annotations

from dataclasses import replace

from harness.diagnosis import verdict_of
from harness.model import Items
from harness.model.facts import CliMessage
from harness.reporting import sentences
from tests.support.ledgers import PANELS, TASK, Story

WARNING = "RuntimeWarning: coroutine 'AsyncClient.emit' was never awaited"


def test_what_a_cli_said_on_standard_error_belongs_to_what_went_wrong_in_it() -> None:
    items = Items("skill:started", "skill", "title", {"skill:started": "", "skill:completed": ""})
    story = Story("broadcast", panels=(replace(PANELS[0], items=items),), declared=()).open("A").start("main")
    story.emit("main", TASK[0], "skill:started", TASK[-1]).fact(CliMessage, "cli:main", text=WARNING).end("main")
    told = {f"digest-{seq}": {"skill": "tidy"} for seq in (1, 2, 3)}
    [blame] = verdict_of(replace(story.ledger(), payloads=told)).blame
    assert blame.cause == "unexplained"
    assert f"cli:main: on standard error: {WARNING}" in [sentences.line(each) for each in blame.evidence]
