"""`harness watch` whole: it runs a system, follows it to its verdict, and runs it again when its code is changed."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.locations import RUNS_SETTING

KITCHEN = Path(__file__).resolve().parents[1] / "support" / "kitchen"

pytestmark = pytest.mark.slow


@pytest.fixture
def kitchen(tmp_path: Path) -> Path:
    """A system that may be edited."""
    return shutil.copytree(KITCHEN, tmp_path / "kitchen", ignore=shutil.ignore_patterns("__pycache__"))


@pytest.fixture
def watching(kitchen: Path, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """The command, on that system."""
    argv = [sys.executable, "-m", "harness", "watch", "--no-open", "--target", str(kitchen / "target.toml")]
    env = {**os.environ, RUNS_SETTING: str(tmp_path / "runs")}
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, env=env) as process:
        yield process
        process.send_signal(signal.SIGINT)


def heard(url: str, until: Callable[[dict[str, Any]], bool]) -> list[dict[str, Any]]:
    """All that is told until something is so."""
    told = list[dict[str, Any]]()
    with urllib.request.urlopen(f"{url}news", timeout=30) as answer:
        for line in answer:
            if line.startswith(b"data:"):
                told.append(json.loads(line[5:]))
                if until(told[-1]):
                    return told
    raise AssertionError(f"it ended before: {told[-1:]}")


def judged(count: int) -> Callable[[dict[str, Any]], bool]:
    return lambda told: len(told["runs"]) == count and not told["runner"]["running"]


def test_a_run_is_followed_and_a_change_of_the_code_makes_the_next(
    watching: subprocess.Popen[str], kitchen: Path
) -> None:
    assert watching.stdout is not None
    url = re.findall(r"http://\S+", watching.stdout.readline())[0]
    first = heard(url, judged(1))
    assert [each["runs"][0]["verdict"] for each in first[-1:]] == ["passed"]
    server = kitchen / "server.py"
    server.write_text(
        server.read_text("utf-8").replace('sys.argv[2] if len(sys.argv) > 2 else ""', '"nobody"'), "utf-8"
    )
    second = heard(url, judged(2))
    assert any(each["runner"]["why"] == "server.py changed" for each in second)
    broken, healthy = second[-1]["runs"]
    assert (broken["verdict"], broken["cause"], healthy["verdict"]) == ("failed", "room-mismatch", "passed")
    watching.send_signal(signal.SIGINT)
    assert watching.wait(20) == 0
