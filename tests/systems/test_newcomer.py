"""A newcomer's walk on the system on Node: the questions answered, what `target check` says written down, verified."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from harness.__main__ import main
from harness.model import Answer
from harness.reporting import sentences
from harness.target.file import load
from harness.verify import verify

TARGETS = Path(__file__).resolve().parents[2] / "fixtures" / "targets"

ANSWERS = {
    "name": "orders",
    "process.server.ready.http": "/",
    "cli.env": "SHIFT={session}",
    "cli.output.event": r"^→ (?P<name>\S+) #\d+ (?P<payload>\{.*\})$",
    "cli.output.fields.session": "shift",
    "cli.output.fields.seq": "n",
    "events.own": "hello",
    "page.connection.selector": "#status",
    "page.connection.connected": "online",
    "page.count.selector": "#count",
    "page.list.selector": "#orders li",
    "page.list.pattern": r"^(?P<name>\w+):",
}
"""What the newcomer knows of the system; every other question is answered by an empty line."""

pytestmark = pytest.mark.slow


def test_a_newcomer_gets_from_the_questions_to_a_verdict(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "node_modules").symlink_to(TARGETS / "node_modules")
    shop = shutil.copytree(TARGETS / "node", tmp_path / "shop", ignore=shutil.ignore_patterns("broken", "*.toml"))
    path = shop / "target.toml"
    given = [word for key, answer in ANSWERS.items() for word in ("--set", f"{key}={answer}")]
    assert main(["target", "init", str(path), "--yes", *given]) == 0

    assert main(["target", "check", str(path)]) == 1
    wrong = [line for line in capsys.readouterr().out.splitlines() if line.startswith("WRONG")]
    [names] = {found[1] for line in wrong if (found := re.search(r"say in \[events\] (names = \{.*\})", line))}
    assert any("other data at delivered in 10 of 10 events: events.added" in line for line in wrong)
    said = path.read_text("utf-8").replace("[events]\n", f'[events]\n{names}\nadded = ["receivedAt"]\n')
    path.write_text(said, "utf-8")

    assert main(["target", "check", str(path)]) == 0
    target = load(path)
    [judged] = verify(target, target.strategies, lambda text: None)
    assert judged.verdict.answer is Answer.PASSED, (sentences.verdict(judged.verdict), judged.verdict.unknowns)
    assert len(said.splitlines()) < 60
