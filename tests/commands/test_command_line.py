"""Typing wrong things: one message that says what, where and what to do, status 2, and nothing started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from harness.__main__ import main


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "COMMAND"),
        (["prove"], "invalid choice: 'prove'"),
        (["verify", "--strategy", "multicast"], "choose from 'broadcast'"),
        (["verify", "--json", "/no/such/folder/out.json"], "there is no folder /no/such/folder"),
        (["judge", "run", "--json", "/"], "is a folder"),
        (["reproduce"], "NAME"),
        (["reproduce", "solar-flare"], "choose from 'room-mismatch'"),
        (["up", "--strategy", "multicast"], "choose from 'broadcast'"),
    ],
)
def test_wrong_words_are_told(capsys: pytest.CaptureFixture[str], words: list[str], told: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    assert told in capsys.readouterr().err


def test_a_folder_that_is_no_run_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["judge", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert f"{tmp_path}/ledger.jsonl" in said
    assert "Name the folder of a run" in said
    assert "Traceback" not in said


def test_a_reader_that_has_read_enough_is_no_fault_of_the_harness() -> None:
    ours, theirs = os.pipe()
    os.close(ours)
    argv = [sys.executable, "-m", "harness", "doctor"]
    done = subprocess.run(argv, stdout=theirs, stderr=subprocess.PIPE, text=True, check=False, timeout=60)
    os.close(theirs)
    assert (done.returncode, done.stderr) == (128 + signal.SIGPIPE, "")
