"""`make test-ranges`: what pyproject.toml says that this works with, it works with.

A sample of the tests runs on the lowest versions of everything declared and on the newest, and the other way round for
pytest, whose plugins reach into it. Each combination has an environment of its own below build/ranges.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "build" / "ranges"
SAMPLE = (
    "tests/launch/test_processes.py",
    "tests/pytest_plugin",
    "tests/reporting/allure_results/test_report.py",
    "tests/systems/test_foreign_systems.py",
    "tests/taps/agent/test_events.py",
    "tests/taps/wire/test_proxy.py",
    "scenarios/test_each_strategy.py",
)
TOOLS = ("mutmut", "mypy", "ruff")
"""Programs that look at the source and need packages of their own: no part of the product's environment."""
SHOWN = (
    "pytest",
    "pytest-xdist",
    "allure-pytest",
    "playwright",
    "python-socketio",
    "uvicorn",
    "websockets",
    "pydantic",
)
"""What the table tells the versions of."""


@dataclass(frozen=True, slots=True)
class Combination:
    """Which versions: the `lowest` that are declared or the newest, but for those that are named."""

    name: str
    is_lowest: bool
    but: Mapping[str, str] = field(default_factory=dict)


COMBINATIONS = (
    Combination("lowest", True),
    Combination("newest", False),
    Combination("lowest-newest-pytest", True, {"pytest": "", "pytest-split": ""}),  # whose 0.9 wants no pytest 9
    Combination("newest-pytest-8.0", False, {"pytest": "==8.0.*"}),
    Combination("newest-pytest-8.4", False, {"pytest": "==8.4.*"}),
    Combination("newest-pytest-9.0", False, {"pytest": "==9.0.*"}),
    Combination("newest-pytest-9.1", False, {"pytest": "==9.1.*"}),
)


def wanted(declared: Iterable[str], combination: Combination) -> list[str]:
    """Declared requirements as those of a combination: `pytest>=8` is `pytest==8` among the lowest, for pip."""
    return [_wanted(each, combination) for each in declared]


def _wanted(declared: str, combination: Combination) -> str:
    name = re.split(r"[<>=!~ ]", declared, maxsplit=1)[0]
    if name in combination.but:
        return name + combination.but[name]
    lower = re.search(r">=\s*([\w.]+)", declared)
    return f"{name}=={lower[1]}" if combination.is_lowest and lower else declared


def declared() -> list[str]:
    """What the package, its tests and the systems of its tests are declared to work with."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    more = project["optional-dependencies"]
    tests = [each for each in more["dev"] if not each.startswith(TOOLS)]
    return [*project["dependencies"], *more["targets"], *tests]


def main(names: Sequence[str]) -> int:
    """Run the combinations of these names, or all; 1 when the sample fails with one, or one can't be installed."""
    known = {each.name: each for each in COMBINATIONS}
    if unknown := [name for name in names if name not in known]:
        _say(f"no combination is called {', '.join(unknown)}: there are {', '.join(known)}")
        return 2
    results = [_try(known[name]) for name in names or known]
    return 0 if all(results) else 1


def _try(combination: Combination) -> bool:
    began = time.monotonic()
    python = FOLDER / combination.name / "bin" / "python"
    _run(sys.executable, "-m", "venv", "--clear", python.parents[1])
    pip = (python, "-m", "pip", "--disable-pip-version-check")
    installed = _run(*pip, "install", "-qq", "--editable", ROOT, *wanted(declared(), combination))
    if installed.returncode:
        _say(f"{combination.name}: can't be installed\n{installed.stdout}")
        return False
    versions = dict(
        line.split("==") for line in _run(*pip, "freeze", "--exclude-editable").stdout.split() if "==" in line
    )
    _say(f"{combination.name}: {', '.join(f'{name} {versions.get(name)}' for name in SHOWN)}")
    tested = _run(python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *SAMPLE)
    told = tested.stdout[-4000:] if tested.returncode else (tested.stdout.splitlines() or [""])[-1]
    _say(f"{combination.name}: {told}, {time.monotonic() - began:.0f} s in all")
    return tested.returncode == 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _run(*argv: object) -> subprocess.CompletedProcess[str]:
    """A program to its end, with what it says on both outputs."""
    return subprocess.run(
        [str(each) for each in argv], cwd=ROOT, stdin=subprocess.DEVNULL, text=True, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
