"""The pages "write a …", followed literally: their packages, installed into a fresh environment, verify a system."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from harness.faults import lasting
from harness.model.facts import TapTried
from harness.record.ledger import read
from harness.selftest.soak.plan import plan
from harness.target.reference import reference

ROOT = Path(__file__).resolve().parent.parent
KITCHEN = ROOT / "tests" / "support" / "kitchen"
PAGES = [ROOT / "docs" / f"write-a-{kind}.md" for kind in ("strategy", "tap", "cause", "fault", "reporter")]

Harness: TypeAlias = Callable[..., subprocess.CompletedProcess[str]]

pytestmark = pytest.mark.slow


def files(page: Path) -> dict[str, str]:
    """The files that a page shows, by their titles."""
    blocks = re.finditer(r'^```\w+ title="([^"]+)"\n(.*?)^```', page.read_text("utf-8"), re.S | re.M)
    return {found[1]: found[2] for found in blocks}


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with the harness, and what each page says installed into it; it is in `env`.

    What the harness needs is taken over from this environment: there may be no network to get it from.
    """
    folder = tmp_path_factory.mktemp("packages")
    venv.create(folder / "env")
    (folder / site(folder) / "harness.pth").write_text(f"{sysconfig.get_path('purelib')}\n{ROOT}\n")
    shown = {name: text for page in PAGES for name, text in files(page).items() if "/" in name}
    for name, text in shown.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    said = re.findall(r"^pip install (\S+)$", "\n".join(page.read_text("utf-8") for page in PAGES), re.M)
    assert len(said) == len(PAGES) and {name.partition("/")[0] for name in shown} == {each[2:] for each in said}
    pip = [sys.executable, "-m", "pip", "--python", str(folder / "env"), "install", "-q", "--disable-pip-version-check"]
    subprocess.run([*pip, "--no-deps", "--no-build-isolation", *said], cwd=folder, check=True, timeout=120)
    return folder


def site(folder: Path) -> Path:
    return next(folder.glob("env/lib/python*/site-packages")).relative_to(folder)


@pytest.fixture
def harness(packages: Path, tmp_path: Path) -> Harness:
    """Runs `harness` of that environment, in the kitchen's folder."""
    shutil.copytree(KITCHEN, tmp_path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    for page in PAGES:  # what the pages say of its target file goes over what it says
        for line in re.findall(r"^(\w+ = .*)$", files(page).get("target.toml", ""), re.M):
            before, table = (r"^strategy = .*$", "") if line.startswith("strategy") else (r"^\[cli\]$", "[cli]\n")
            said = (tmp_path / "target.toml").read_text("utf-8")
            (tmp_path / "target.toml").write_text(re.sub(before, table + line, said, count=1, flags=re.M), "utf-8")

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        python = packages / "env" / "bin" / "python"
        argv = [str(python), "-m", "harness", *arguments]
        return subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120)

    return run


def verified(harness: Harness, folder: Path) -> dict[str, Any]:
    done = harness("verify", "--target", "target.toml", "--json", "out.json")
    assert (folder / "out.json").exists(), done.stderr
    [run] = json.loads((folder / "out.json").read_text("utf-8"))["runs"]
    found: dict[str, Any] = run
    return {**found, "status": done.returncode, "said": done.stdout, "errors": done.stderr}


def test_a_system_is_verified_with_a_strategy_a_tap_and_a_reporter_of_others(harness: Harness, tmp_path: Path) -> None:
    run = verified(harness, tmp_path)
    assert (run["status"], run["strategy"], run["verdict"]) == (0, "on-duty", "passed"), run["said"]
    assert run["hops"]["sent"] == 7
    [ledger] = (tmp_path / "reports" / "runs").glob("on-duty-*/run.ledger")
    assert "journal (sent)" in {fact.body.tap for fact in read(ledger).facts if isinstance(fact.body, TapTried)}
    assert (ledger.parent / "hops.csv").read_text("utf-8").splitlines()[:3] == ["hop,events", "emitted,7", "sent,7"]
    assert run["errors"].count("left out") == 0


def test_a_cause_of_others_is_named(harness: Harness, tmp_path: Path) -> None:
    target, producer = tmp_path / "target.toml", tmp_path / "producer.py"
    target.write_text(target.read_text("utf-8").replace('"server.py", "{port}"', '"server.py", "{port}", "dropped"'))
    told = 'print("kitchen: the server is degraded: orders only", file=sys.stderr)'
    producer.write_text(producer.read_text("utf-8") + f"{told}\n", "utf-8")
    run = verified(harness, tmp_path)
    assert (run["status"], run["verdict"]) == (1, "failed")
    assert run["blame"][0]["cause"] == "degraded-mode", run["said"]


@pytest.mark.skipif(os.environ.get("HARNESS_WHEEL") != "whole", reason="make test-wheel does")
def test_a_fault_of_others_disturbs_a_soak(harness: Harness, tmp_path: Path) -> None:
    known, strategies = [*lasting(), "jittery-logs"], reference().strategies
    seed = next(n for n in range(100) if plan(1, n, strategies, known)[0].faults == ("jittery-logs",))
    done = harness("soak", "--runs", "1", "--seed", str(seed), "--json", "out.json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "jittery-logs" in (tmp_path / "out.json").read_text("utf-8")


def test_a_package_that_is_wrong_is_one_line(packages: Path, harness: Harness, tmp_path: Path) -> None:
    module = packages / site(packages) / "on_duty.py"
    right = module.read_text("utf-8")
    module.write_text(right.replace("def properties(self, evidence: Evidence, settled", "def properties(self, settled"))
    try:
        done = harness("verify", "--target", "target.toml")
    finally:
        module.write_text(right)
    first, second = done.stderr.splitlines()
    assert first.startswith(
        "harness: left out the strategy 'on-duty' of on-duty 1.0 (on_duty): STRATEGY.properties is "
    )
    assert second.startswith("harness: strategy on-duty was left out, as told above; there is auto-discovery, ")
    assert done.returncode == 2
