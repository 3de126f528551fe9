"""What a shell completes at a tab, asked of a real bash; zsh reads its script where it is installed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from harness.commands.arguments import COMMANDS
from harness.commands.completion import script

TAB = """
function=$(complete -p harness | sed 's/.*-F \\([^ ]*\\).*/\\1/')
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
$function harness "${@: -1}" "${@: -2:1}"
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture(scope="module")
def bash(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("bash") / "completion.bash"
    file.write_text(script("bash") + TAB)
    return file


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("broadcast-1", "room-mismatch-2"):
        (tmp_path / "reports" / "runs" / name).mkdir(parents=True)
    (tmp_path / "reports" / "runs" / "index.html").touch()
    (tmp_path / "mine.toml").touch()
    return tmp_path


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        (["ver"], ["verify"]),
        ([""], [*COMMANDS]),
        (["verify", "--str"], ["--strategy"]),
        (["verify", "--strategy", "bro"], ["broadcast"]),
        (["verify", "--target", "mi"], ["mine.toml"]),
        (["reproduce", "wr"], ["wrong-process"]),
        (["show", ""], ["last", "broadcast-1", "room-mismatch-2"]),
        (["compare", "last", "room"], ["room-mismatch-2"]),
        (["target", "ch"], ["check"]),
    ],
    ids=" ".join,
)
def test_a_tab_offers_what_could_come_next(bash: Path, folder: Path, typed: list[str], offered: list[str]) -> None:
    argv = ["bash", "--noprofile", "--norc", str(bash), "harness", *typed]
    done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split() == offered, done.stderr


def test_each_of_several_runs_is_completed_in_zsh() -> None:
    runs = [line for line in script("zsh").splitlines() if "or \\`last\\`" in line and "_harness_runs" in line]
    assert [line.strip()[:4] for line in runs] == ['"*:t', '"*:f', '":th'], (
        "compare and gate take several, open takes one"
    )


@pytest.mark.skipif(shutil.which("zsh") is None, reason="no zsh here")
def test_zsh_reads_its_script() -> None:
    subprocess.run(["zsh", "-n"], input=script("zsh"), text=True, check=True, timeout=60)
