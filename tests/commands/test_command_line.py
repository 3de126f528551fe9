"""Typing wrong things: one message that says what, where and what to do, status 2, and nothing started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from harness.__main__ import main

KITCHEN = Path(__file__).resolve().parents[1] / "support" / "kitchen" / "target.toml"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["prove"], "there is no command 'prove'"),
        (["verfy"], "there is no command 'verfy'; did you mean verify?"),
        (["verify", "--stratgy", "broadcast"], "there is no argument '--stratgy' here; did you mean --strategy?"),
        (["target", "init", "--yess"], "there is no argument '--yess' here"),
        (["judge", "run", "again"], "there is no argument 'again' here."),
        (
            ["verify", "--strategy", "brodcast"],
            "'brodcast' is not one of auto-discovery, broadcast, single-session, sub",
        ),
        (["verify", "--strategy", "brodcast"], "did you mean broadcast?"),
        (["target"], "init|check"),
        (["verify", "--json", "/no/such/folder/out.json"], "there is no folder /no/such/folder"),
        (["judge", "run", "--json", "/"], "is a folder"),
        (["reproduce"], "NAME"),
        (["verify", "--seed", "x"], "'x' must be an integer"),
        (["watch", "--port", "65536"], "'65536' must be a port"),
        (["completion", "fish"], "'fish' is not one of bash, zsh"),
        (["compare", "a", "b", "--pictures", "/no/such/folder"], "there is no folder /no/such"),
        (["compare", "a", "b", "--pictures", __file__], "is a file"),
        (["reproduce", "solar-flare"], "'solar-flare' is not one of room-mismatch, wrong-process"),
    ],
)
def test_wrong_words_are_told(capsys: pytest.CaptureFixture[str], words: list[str], told: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    assert told in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["up", "--strategy", "multicast"], "target reference doesn't route by multicast; there is broadcast"),
        (["up", "--strategy", "room-mismach"], "did you mean room-mismatch?"),
        (["verify", "--target", str(KITCHEN), "--strategy", "subscription"], "kitchen doesn't promise subscription"),
    ],
)
def test_what_a_system_does_not_know_is_told(capsys: pytest.CaptureFixture[str], words: list[str], told: str) -> None:
    assert main(words) == 2
    assert told in capsys.readouterr().err


def test_the_command_alone_shows_its_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "usage: harness" in (said := capsys.readouterr().out) and "judge a stored run again" in said


def test_the_version_is_that_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"harness {version('event-stream-harness')}\n"


def test_a_folder_that_is_not_a_run_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["judge", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert f"{tmp_path}/run.ledger" in said
    assert "Name the folder of a run" in said
    assert "Traceback" not in said


def test_a_reader_that_has_read_enough_is_not_an_error_of_the_harness() -> None:
    ours, theirs = os.pipe()
    os.close(ours)
    argv = [sys.executable, "-m", "harness", "doctor"]
    done = subprocess.run(argv, stdout=theirs, stderr=subprocess.PIPE, text=True, check=False, timeout=60)
    os.close(theirs)
    assert (done.returncode, done.stderr) == (128 + signal.SIGPIPE, "")
