"""Where things lie: what belongs to the package, in a checkout and in an installed wheel, and where runs go.

In a checkout the reference system (`fixtures/`), Allure's package (`reports/`) and the documentation (`docs/`) lie
beside the package. A wheel has one top-level name, so that it holds the same folders within the package, in `_bundled`
(`.setup/build_hook.py`).
"""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
IS_CHECKOUT = (PACKAGE.parent / "fixtures" / "server").is_dir() and (PACKAGE.parent / "Makefile").is_file()
BUNDLE = PACKAGE.parent if IS_CHECKOUT else PACKAGE / "_bundled"
"""The folder that holds `fixtures`, `reports` and `docs`."""

RUNS_SETTING = "HARNESS_RUNS"
"""The environment's variable for the folder of runs."""

LIVE_SETTING = "HARNESS_LIVE"
"""The environment's variable that says whether runs are watched while they go on: any value but an empty one."""


def is_watched() -> bool:
    """Whether runs are watched: pages are then asked again and again for what they have seen."""
    return bool(os.environ.get(LIVE_SETTING))


def runs() -> Path:
    """The folder of all runs: reports/runs below the working folder, unless HARNESS_RUNS names another one."""
    return Path(os.environ.get(RUNS_SETTING) or Path("reports", "runs")).absolute()


def set_up(otherwise: str) -> str:
    """What a person does about something that is missing: `make setup`, or `otherwise` where there is no Makefile."""
    return "run `make setup`" if IS_CHECKOUT else otherwise


def documentation(page: str) -> str:
    """Where a person reads a page of the documentation: in a checkout relative to its root."""
    return f"docs/{page}" if IS_CHECKOUT else str(BUNDLE / "docs" / page)


def own_python() -> str:
    """This interpreter, as a person types it in the working folder."""
    program = Path(sys.executable)
    here = Path.cwd()
    return shlex.quote(str(program.relative_to(here) if program.is_relative_to(here) else program))


def own_command() -> tuple[str, ...]:
    """The arguments that start `harness` from any folder: its script beside this interpreter, where there is one."""
    script = Path(sys.executable).with_name("harness")
    return (str(script),) if script.is_file() else (sys.executable, "-m", "harness")
