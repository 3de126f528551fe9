"""A newcomer's walk on the system on Node: the questions answered, the file mended by the check, the task judged."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

import pytest

from harness.__main__ import main

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
    """What the newcomer does not know of the wire, the check writes, as far as a run leaves no doubt."""
    (tmp_path / "node_modules").symlink_to(TARGETS / "node_modules")
    shop = shutil.copytree(TARGETS / "node", tmp_path / "shop", ignore=shutil.ignore_patterns("broken", "*.toml"))
    path = shop / "target.toml"
    given = [word for key, answer in ANSWERS.items() for word in ("--set", f"{key}={answer}")]
    assert main(["target", "init", str(path), "--yes", *given]) == 0

    assert main(["target", "check", str(path), "--fix"]) == 0
    told = capsys.readouterr().out
    assert "strategy: judged: " in told and "WRONG" not in told
    said = tomllib.loads(path.read_text("utf-8"))["events"]
    names = {"placed": "order:placed", "paid": "order:paid", "served": "order:served", "closed": "order:closed"}
    assert (said["names"], said["added"]) == (names, ["receivedAt"])
    assert len(path.read_text("utf-8").splitlines()) < 60
