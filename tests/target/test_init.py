"""`harness target init`: questions or flags, and a file that is right."""

from __future__ import annotations

import io
import tomllib
from pathlib import Path

import pytest

from harness.__main__ import main
from harness.target.file import load
from harness.target.file.ask import QUESTIONS, ask, by_flags, to_toml, write
from harness.target.process import TargetError


def test_a_person_who_only_presses_enter_gets_a_file_that_is_right(tmp_path: Path) -> None:
    path = tmp_path / "target.toml"
    asked: list[str] = []
    write(path, ask({}, lambda text: asked.append(text) or ""), force=False)  # type: ignore[func-returns-value]
    target = load(path)
    assert target.do.argv == ("node", "producer.js", "{server}")
    assert target.server.command.env == {"PORT": "{port}"}
    assert len(asked) == len(QUESTIONS) - 2, "what belongs to an element that isn't there isn't asked"


def test_answers_come_from_flags_and_the_rest_from_the_person(tmp_path: Path) -> None:
    flags = by_flags(["name=shop", "page.list.selector=#orders li", r"cli.output.event=^> (?P<name>\S+)$"])
    answers = ask(flags, lambda text: "agent" if "sees" in text else "")
    said = tomllib.loads(to_toml(answers))
    assert (said["name"], said["cli"]["seen_by"]) == ("shop", "agent")
    assert said["cli"]["output"]["event"] == r"^> (?P<name>\S+)$"
    assert said["page"]["list"] == {"selector": "#orders li", "pattern": r"(?P<name>\S+)"}


def test_variables_are_asked_for_where_no_argument_tells_the_port_or_the_session() -> None:
    flags = by_flags(["process.server.command=node server.js {port}", "cli.command=node do.js {server}"])
    asked: list[str] = []

    def read(text: str) -> str:
        asked.append(text)
        return "RUN={session}, MODE=a=b" if "RUN_ID" in text else ""

    said = tomllib.loads(to_toml(ask(flags, read)))
    assert said["cli"]["env"] == {"RUN": "{session}", "MODE": "a=b"}
    assert "env" not in said["process"]["server"] and not any("PORT" in text for text in asked)


def test_the_variables_before_a_command_are_its_environment() -> None:
    flags = by_flags(["process.server.command=PORT={port} MODE='a b' node server.js", "cli.command=X=1"])
    said = tomllib.loads(to_toml(ask(flags, None)))
    server = said["process"]["server"]
    assert (server["command"], server["env"]) == (["node", "server.js"], {"PORT": "{port}", "MODE": "a b"})
    assert server["seen_by"] == "agent"
    assert said["cli"]["command"] == ["X=1"]


def test_the_command_writes_the_file_and_never_over_another(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "mine.toml"
    command = ["target", "init", str(path), "--yes", "--set", "process.server.command=python 'my server.py'"]
    assert main(command) == 0
    assert load(path).server.command.argv == ("python", "my server.py")
    assert main(command) == 2
    assert "is there already" in capsys.readouterr().err
    assert main([*command, "--force"]) == 0


@pytest.mark.parametrize("name", ["", "no/such/target.toml", "there.toml"], ids=["a folder", "no folder", "a file"])
def test_no_question_is_asked_for_a_file_that_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    (tmp_path / "there.toml").touch()
    monkeypatch.setattr("builtins.input", lambda question: pytest.fail(f"asked {question}"))
    assert main(["target", "init", str(tmp_path / name)]) == 2
    assert str(tmp_path / name) in capsys.readouterr().err


def test_without_a_terminal_it_says_what_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert main(["target", "init", str(tmp_path / "mine.toml")]) == 2
    assert "`--yes` takes what stands in brackets" in capsys.readouterr().err


def test_an_answer_that_makes_no_target_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    path = tmp_path / "target.toml"
    with pytest.raises(TargetError, match=r"page\.count\.selector: '#\[' is not a CSS selector"):
        write(path, ask({"page.count.selector": "#["}, None), force=False)
    assert not path.exists()


@pytest.mark.parametrize(
    ("flag", "told"),
    [
        ("nome=x", "--set nome=x: there is no key nome at the top; did you mean name"),
        ("page.list.windw=true", r"there is no key windw in \[page.list\]; did you mean window"),
        ("name", "write KEY=VALUE"),
        ("a b=c", "write KEY=VALUE"),
    ],
)
def test_a_flag_that_is_not_a_key_is_refused_with_the_nearest(flag: str, told: str) -> None:
    with pytest.raises(TargetError, match=told):
        by_flags([flag])


def test_every_key_may_be_set_whether_it_is_asked_for_or_not(tmp_path: Path) -> None:
    flags = [
        "page.list.selector=li", "page.list.window=true", "page.list.note.selector=#note", "bounds.run_s=7",
        "process.worker.command=node 'my worker.js'", "process.server.env.MODE=a=b", "blind=['applied']",
        "events.names={ placed = 'order:placed' }", "events.declared=['a.b']",
    ]  # fmt: skip
    path = tmp_path / "target.toml"
    write(path, ask(by_flags(flags), None), force=False)
    said, target = tomllib.loads(path.read_text("utf-8")), load(path)
    assert said["process"]["worker"]["command"] == ["node", "my worker.js"]
    assert said["process"]["server"]["env"]["MODE"] == "a=b" and said["page"]["list"]["window"] is True
    assert (target.run_s, target.declared, target.egress.names) == (7, ("a.b",), {"placed": "order:placed"})


@pytest.mark.parametrize(
    ("flags", "server", "cli"),
    [
        (["process.server.url=http://localhost:3000"], "url", "command"),
        (['process.server.compose={ service = "web", port = 3000 }'], "compose", "command"),
        (
            ['cli.requests=[{ url = "{server}/orders", json = { item = "tea" }, event = "order" }]'],
            "command",
            "requests",
        ),
        (["cli.shell=./produce.sh | tee log"], "command", "shell"),
    ],
)
def test_what_is_said_in_another_way_is_not_asked_for(tmp_path: Path, flags: list[str], server: str, cli: str) -> None:
    path = tmp_path / "target.toml"
    write(path, ask(by_flags(flags), None), force=False)
    said = tomllib.loads(path.read_text("utf-8"))
    assert load(path).name and server in said["process"]["server"] and cli in said["cli"]
    assert ("command" in said["process"]["server"]) is (server == "command")


def test_a_producer_whose_lines_are_not_events_has_no_pattern(tmp_path: Path) -> None:
    path = tmp_path / "target.toml"
    write(path, ask(by_flags(["cli.output.event=-", "cli.output.fields.seq=n"]), None), force=False)
    assert "output" not in tomllib.loads(path.read_text("utf-8"))["cli"] and load(path).output.silent
