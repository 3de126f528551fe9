"""A system verified in each of its states: which states those are, what is told of each, and where it changed."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.archive.history import Point, brief, change, lines, markdown
from harness.archive.index import Indexed
from harness.archive.states import Checkout, State, StatesError, git, states
from harness.commands.parser import main
from harness.locations import RUNS_SETTING
from tests.support.reported import NASTY

VERIFY = """
import json, os, sys
said = json.load(open("said.json"))
for strategy, told in said.items():
    folder = os.path.join(os.environ["HARNESS_RUNS"], strategy)
    os.makedirs(folder)
    open(os.path.join(folder, "run.ledger"), "w").close()
    with open(os.path.join(folder, "verdict.json"), "w") as file:
        json.dump({"target": "t", "strategy": strategy, "hops": {"emitted": 2}, "seconds": 1, **told}, file)
open("left-behind", "w").close()
sys.exit(0 if said else 4)
"""
PASSED = {"broadcast": {"verdict": "passed", "blame": []}}
LOST = {"broadcast": {"verdict": "failed", "blame": [{"cause": "room-mismatch", "hop": "routed"}]}}
SENT = {"broadcast": {"verdict": "failed", "blame": [{"cause": "wrong-process", "hop": "sent"}]}}


def run(verdict: str = "passed", bad: str = "", cause: str = "", strategy: str = "broadcast") -> Indexed:
    return Indexed("run", 0.0, "t", strategy, verdict, cause, (4, 4, 4, 0, 0, 0, None), bad, 1.0)


LOST_RUN = run("failed", "routed", "room-mismatch")


@pytest.mark.parametrize(
    ("before", "now", "told"),
    [
        (None, LOST_RUN, ""),
        (LOST_RUN, LOST_RUN, ""),
        (run(), LOST_RUN, "breaks at routed"),
        (run(), run("unknown"), "is unknown now"),
        (LOST_RUN, run(), "passes again"),
        (LOST_RUN, run("failed", "sent", "wrong-process"), "routed → sent"),
        (LOST_RUN, run("failed", "routed", "not-in-room"), "room-mismatch → not-in-room"),
    ],
)
def test_a_change_is_told_against_the_state_before(before: Indexed | None, now: Indexed, told: str) -> None:
    assert change(before, now) == told


def test_a_state_without_a_run_is_skipped_and_a_strategy_compared_with_itself() -> None:
    a, b, c = (State(letter * 40, f"state {letter}") for letter in "abc")
    points = [
        Point(a, run(), 0),
        Point(b, None, 4),
        Point(c, run(), 0),
        Point(c, run("failed", "sent", strategy="x"), 1),
    ]
    assert [line[-1] for line in lines(points)] == ["", "", "", ""]
    assert lines(points)[1][-3:] == ("no run", "exit status 4", "")


def test_what_a_commit_says_is_text_in_a_table() -> None:
    table = markdown([Point(State("a" * 40, NASTY), LOST_RUN, 1)])
    assert [line.count(" | ") for line in table.splitlines()] == [12] * 3
    assert "<script>" not in table
    assert "| **0** ✗ |" in table


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Makes a repository with a commit for each of some states, in whose folder `app` the commands run."""
    for name in ("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"):
        monkeypatch.setenv(name, "tester")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    app = tmp_path / "system" / "app"
    app.mkdir(parents=True)
    git(app.parent, "init", "--quiet")
    (tmp_path / "verify.py").write_text(VERIFY)
    monkeypatch.setenv(RUNS_SETTING, str(tmp_path / "reports" / "runs"))
    monkeypatch.chdir(app)

    def made(**said: object) -> Path:
        for subject, each in said.items():
            (app / "said.json").write_text(json.dumps(each))
            git(app, "add", "--all")
            git(app, "commit", "--quiet", "--message", subject)
        return app

    return made


def test_a_range_begins_with_its_first_state_and_single_ones_may_be_named(repository: Callable[..., Path]) -> None:
    app = repository(one=PASSED, two=LOST, three=SENT)
    assert [each.subject for each in states(app, ["HEAD~2..HEAD"])] == ["one", "two", "three"]
    assert [each.subject for each in states(app, ["HEAD~1.."])] == ["two", "three"]
    assert [each.subject for each in states(app, ["HEAD", "HEAD~2", "HEAD"])] == ["three", "one"]


@pytest.mark.parametrize("wanted", ["nowhere", "HEAD..nowhere", "HEAD...HEAD", "--output=x"])
def test_what_is_not_a_state_is_told(repository: Callable[..., Path], wanted: str) -> None:
    with pytest.raises(StatesError, match=r"not a commit here|two dots"):
        states(repository(one=PASSED), [wanted])


def test_a_folder_without_git_is_told(tmp_path: Path) -> None:
    with pytest.raises(StatesError, match="not a git repository"):
        states(tmp_path, ["HEAD"])


def test_states_are_laid_out_beside_the_repository_which_is_not_touched(repository: Callable[..., Path]) -> None:
    app = repository(one=PASSED, two=LOST)
    (app / "said.json").write_text("being edited")
    before = git(app, "status", "--porcelain"), git(app, "worktree", "list"), git(app, "stash", "list")
    first, second = states(app, ["HEAD~1..HEAD"])
    with Checkout(app) as checkout:
        checkout.lay_out(first)
        assert json.loads((checkout.work / "said.json").read_text()) == PASSED
        (checkout.work / "left-behind").touch()
        checkout.lay_out(second)
        assert [each.name for each in checkout.work.iterdir()] == ["said.json"]
    assert not checkout.work.exists()
    assert (git(app, "status", "--porcelain"), git(app, "worktree", "list"), git(app, "stash", "list")) == before


def test_the_command_tells_each_state_and_ends_as_the_last_one_stands(
    repository: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    repository(one=PASSED, two=LOST, three=SENT, four={}, five=PASSED)
    table, programs = tmp_path / "table.md", tmp_path / "history.json"
    verify = ["--", sys.executable, str(tmp_path / "verify.py")]
    assert main(["history", "HEAD~4..HEAD", "--table", str(table), "--json", str(programs), *verify]) == 0
    printed = capsys.readouterr()
    assert [line.split()[-1] for line in printed.out.splitlines()[2:4]] == ["routed", "sent"]
    assert brief([Point(State("a" * 40, "one"), LOST_RUN, 1)])[0][3] == "4 4 4 0✗ 0 0 ?"
    assert "4/5" in printed.err and "no run, exit status 4" in printed.err
    told = json.loads(programs.read_text())
    assert told["schema"] == 1
    assert [each["change"] for each in told["states"]] == ["", "breaks at routed", "routed → sent", "", "passes again"]
    assert table.read_text().count("\n") == 7
    assert main(["history", "HEAD~3", "--quiet", *verify]) == 1
    assert main(["history", "HEAD~1", "--quiet", *verify]) == 4


def test_wrong_use_is_told(repository: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
    repository(one=PASSED)
    assert main(["history", "no-such-state"]) == 2
    assert "git log" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["history"])
    assert "STATE" in capsys.readouterr().err
    assert main(["history", "HEAD", "--", "/no/such/program"]) == 4
    assert subprocess.run(["git", "status", "--porcelain"], capture_output=True, check=True).stdout == b""
