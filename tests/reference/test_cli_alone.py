"""The reference CLI by itself: the work it does, what it prints, wrong calls and servers that it can't use."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from fixtures.cli.skills import NAMED
from fixtures.optional import without
from tests.support.reference import PATIENCE_S, ROOT, Server, serving
from tests.support.shannon import (
    DOCUMENTED,
    TASK,
    argv,
    at,
    events_in,
    line,
    shannon,
)


def test_does_the_task_as_documented(project: Path) -> None:
    done = shannon("do", TASK, "--project-root", project)
    head, _, events = done.stdout.partition("\n\n")
    session = head.splitlines()[0].removeprefix("Session ID: ")
    assert done.returncode == 0
    assert head.splitlines() == [
        f"Session ID: {session}",
        f"Task: {TASK}",
        f"Project: {project}",
        f"Session: {session}",
    ]
    assert events == "".join(f"Event: {kind}\n" for kind in DOCUMENTED)
    names: dict[str, Any] = {}
    exec((project / "hello.py").read_text(), names)
    assert names["greet"]("you") == "Hello, you!"
    before, after = (
        json.loads((project / ".shannon" / "checkpoints" / f"{session}-{number}.json").read_text()) for number in (1, 2)
    )
    assert before["files"] == {}
    assert list(after["files"]) == ["hello.py"]


def test_tells_each_payload_when_verbose(project: Path) -> None:
    done = shannon("do", TASK, "--project-root", project, "--verbose", "--session-id", "mine")
    told = [json.loads(line.split(" ", 2)[2]) for line in done.stdout.splitlines() if line.startswith("Event: ")]
    assert [each["seq"] for each in told] == list(range(1, 11))
    assert {each["session"] for each in told} == {"mine"}
    assert told[0]["data"] == {"task": TASK, "project": str(project), "skills": 3}
    assert told[1]["data"] == {"id": "checkpoint-1", "label": "before the work", "files": 0}
    assert told[2]["data"] == {"skill": "analysis", "index": 1, "of": 3, "title": "Understand the task"}
    written = told[5]["data"]["files"]
    assert written == [{"path": "hello.py", "change": "created", "bytes": (project / "hello.py").stat().st_size}]
    assert told[9]["data"] | {"duration_ms": 0} == {"task": TASK, "skills": 3, "checkpoints": 2, "duration_ms": 0}


def test_needs_no_socketio_when_alone(project: Path) -> None:
    imports = [sys.executable, "-X", "importtime", *argv("do", TASK, "--project-root", project)[1:]]
    done = subprocess.run(imports, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_S, check=True)
    imported = {entry.rpartition("|")[2].strip() for entry in done.stderr.splitlines()}
    assert "fixtures.cli.orchestrator" in imported
    assert not imported & {"socketio", "engineio", "requests", "asyncio", "websocket"}


def test_hides_what_is_not_needed_only_for_a_while() -> None:
    with without("colorsys"), pytest.raises(ImportError):
        import colorsys
    import colorsys

    assert colorsys


@pytest.mark.parametrize(
    ("task", "why"),
    [
        ("be nice", "names no Python file"),
        ("create .py", "names no Python file"),
        ("create ../hello.py", "outside of the project"),
        ("create /tmp/hello.py", "outside of the project"),
        ("create taken.py", "there already"),
        ("create folder.py", "folder.py"),
        ("create file.txt/hello.py", "file.txt"),
        ("write " + "x" * 50_000, "names no Python file"),
    ],
)
def test_fails_honestly(project: Path, task: str, why: str) -> None:
    (project / "taken.py").write_text("precious = True\n")
    (project / "folder.py").mkdir()
    (project / "file.txt").write_text("")
    done = shannon("do", task, "--project-root", project, "--verbose")
    assert done.returncode == 1
    assert events_in(done.stdout)[-2:] == ["skill:failed", "execution:failed"]
    assert why in json.loads(done.stdout.splitlines()[-1].split(" ", 2)[2])["data"]["error"]
    assert (project / "taken.py").read_text() == "precious = True\n"
    assert not (project.parent / "hello.py").exists()


def test_a_checkpoint_that_cannot_be_made_fails_the_task(project: Path) -> None:
    (project / ".shannon").write_text("in the way")
    done = shannon("do", TASK, "--project-root", project)
    assert done.returncode == 1
    assert events_in(done.stdout) == ["execution:started", "execution:failed"]


def test_doing_it_again_changes_nothing(project: Path) -> None:
    for _ in range(2):
        done = shannon("do", TASK, "--project-root", project)
        assert done.returncode == 0
        assert events_in(done.stdout) == DOCUMENTED
    assert len(list((project / ".shannon" / "checkpoints").iterdir())) == 4, "each session keeps its own"


@pytest.mark.parametrize(
    ("task", "name"),
    [
        ("create hello.py", "hello.py"),
        ("make src/app.py, please", "src/app.py"),
        ("(a_b-c.py)", "a_b-c.py"),
        ("größe.py", "größe.py"),
        ("hello.pyc or hello.python", None),
    ],
)
def test_finds_the_file_in_the_task(task: str, name: str | None) -> None:
    found = NAMED.search(task)
    assert (found and found[0]) == name


def test_what_a_terminal_would_act_on_is_not_printed(project: Path) -> None:
    done = shannon("do", "create \x1b[31mhello.py", "--project-root", project, "--verbose")
    assert done.returncode == 0
    assert "\x1b" not in done.stdout
    assert done.stdout.isascii()


# What is wrong with a call


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "COMMAND"),
        (("do",), "task"),
        (("do", TASK, "--project-root", "/nowhere/at/all"), "is not a folder"),
        (("do", TASK, "--session-id", "a b"), "--session-id"),
        (("do", TASK, "--dashboard"), "SHANNON_TOKEN_FILE"),
        (("do", TASK, "--dashboard", "--token-file", "/nowhere/at/all"), "can't be read"),
        (("do", TASK, "--dashboard", "--token-file", sys.executable), "no token"),
        (("do", TASK, "--server", "localhost:8000"), "--server"),
        (("do", TASK, "--server", "ftp://localhost"), "--server"),
        (("do", TASK, "--patience-s", "nan"), "--patience-s"),
        (("do", TASK, "--transport", "pigeon"), "--transport"),
        (("pipe", "--window", "0"), "--window"),
        (("pipe", "--window", "many"), "--window"),
    ],
)
def test_wrong_use_is_told(arguments: tuple[object, ...], told: str) -> None:
    done = shannon(*arguments)
    assert done.returncode == 2
    assert told in done.stderr
    assert "Event:" not in done.stdout


def test_says_when_no_server_answers(project: Path, tmp_path: Path) -> None:
    with serving(tmp_path) as gone:
        pass
    done = shannon("do", TASK, "--dashboard", "--project-root", project, *at(gone))
    assert done.returncode == 3
    assert done.stderr.startswith(f"shannon: no server answers at {gone.url} (Connection refused)")
    assert not events_in(done.stdout)


@pytest.mark.parametrize("transport", ["websocket", "polling"])
def test_says_when_it_is_refused(server: Server, project: Path, tmp_path: Path, transport: str) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("my-guess")
    options = ("--dashboard", "--project-root", project, "--server", server.url, "--transport", transport)
    done = shannon("do", TASK, *options, SHANNON_TOKEN_FILE=str(wrong))
    assert done.returncode == 4
    assert "[bad-token]" in done.stderr
    assert "my-guess" not in done.stdout + done.stderr
    assert not events_in(done.stdout)


def test_says_when_the_server_does_not_offer_the_transport(project: Path, tmp_path: Path) -> None:
    with serving(tmp_path, "broadcast", "--transports", "polling") as server:
        done = shannon("do", TASK, "--dashboard", "--project-root", project, *at(server))
    assert done.returncode == 4
    assert "HTTP status" in done.stderr


def test_says_who_holds_the_server(project: Path, tmp_path: Path) -> None:
    with serving(tmp_path, "single-session") as server, server.producer() as holder:
        holder.open("the-holder")
        done = shannon("do", TASK, "--dashboard", "--project-root", project, *at(server))
        assert done.returncode == 5
        assert "the-holder" in done.stderr
        assert not events_in(done.stdout)
        assert holder.publish("the-holder", 1)["ok"]


def test_an_id_is_used_once(server: Server) -> None:
    assert shannon("pipe", *at(server), "--session-id", "used", text=line()).returncode == 0
    done = shannon("pipe", *at(server), "--session-id", "used", text=line())
    assert done.returncode == 6
    assert "[session-exists]" in done.stderr
