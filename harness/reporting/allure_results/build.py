"""Allure Report 3 from Allure's results: Node.js runs the npm package `allure`, and what it made is made safe to open.

Its configuration and the version that it is made for are in reports/, which a wheel brings along. The npm package is
installed there in a checkout; a person who has the wheel installs it in the working folder. The pages that it writes
load a counter of visitors from the network; here that is taken out, and a policy in each page forbids it whatever else
it would load.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from harness import locations
from harness.locations import BUNDLE

OLDEST_NODE = (20, 19)
OLDEST_NODE_OF_THE_GATE = (22,)
"""The first Node.js with `Iterator.prototype.toArray`, which Allure's quality gate calls; making reports does not."""
FULL, SINGLE = "full", "single"
"""The folders of the two forms of the report: one to be served, one file to be opened."""

COUNTER = re.compile(
    rb'<script async src="https://www\.googletagmanager\.com/[^>]*></script>\s*<script>(?:(?!</script>).)*</script>',
    re.S,
)
POLICY = (
    b"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'self' data: blob: file: 'unsafe-inline' "
    b"'unsafe-eval'; frame-src 'self' data: blob:; connect-src 'self' data: blob: file:; form-action 'none'\">"
)
"""What a page of the report may load: what lies beside it, and what it holds itself."""


class AllureError(Exception):
    """Allure could not be run, or made no report. The message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Report:
    """A built report: the page to serve, the single file to open, and how many tests Allure counts in it.

    `note` says what Allure can't do with the Node.js that made it; it is empty where there is nothing to say.
    """

    page: Path
    single: Path
    tests: int
    note: str = ""


def build(results: Sequence[Path], output: Path, history: Path) -> Report:
    """Build into a fresh folder, which then takes the place of `output`. `history` keeps the runs before this one.

    Raises AllureError, and leaves `output` as it was then.
    """
    output = output.absolute()
    program = find_allure()
    history.absolute().parent.mkdir(parents=True, exist_ok=True)
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".report-", dir=output.parent) as folder:
        fresh = Path(folder) / "report"
        node = find_node()
        _generate([node, str(program)], results, fresh, history)
        for page in (fresh / "index.html", *fresh.glob("*/index.html")):  # attachments stay as they are
            page.write_bytes(offline(page.read_bytes()))
        tests = int(json.loads((fresh / FULL / "widgets" / "statistic.json").read_text("utf-8"))["total"])
        shutil.rmtree(output, ignore_errors=True)
        fresh.rename(output)
    return Report(output / FULL / "index.html", output / SINGLE / "index.html", tests, without_gate(version_of(node)))


def offline(page: bytes) -> bytes:
    """A page of Allure's that loads nothing from the network. Raises AllureError where it has no head to say so in."""
    page, heads = re.subn(rb"<head>", lambda found: found[0] + POLICY, COUNTER.sub(b"", page), count=1)
    if heads != 1:
        raise AllureError("a page of Allure's has no <head>: this version of the package allure is not understood.")
    return page


def find_allure() -> Path:
    """The program of the npm package: a checkout's, or that of the working folder. Raises AllureError."""
    folder = BUNDLE / "reports" if locations.IS_CHECKOUT else Path.cwd()
    program = folder / "node_modules" / "allure" / "cli.js"
    if not program.is_file():
        needed = json.loads((BUNDLE / "reports" / "package.json").read_text("utf-8"))["devDependencies"]["allure"]
        get = f"run `npm install --no-save allure@{needed}` there; npm comes with Node.js"
        get = "run `make report`, which installs it" if locations.IS_CHECKOUT else get
        raise AllureError(f"Allure Report is not installed in {folder}.\n{get[0].upper()}{get[1:]}.")
    return program


def find_node(environ: os._Environ[str] = os.environ) -> str:
    """A Node.js that is new enough: the machine's, set-up's, or the one that Playwright brings."""
    candidates = [
        shutil.which("node", path=environ.get("PATH")),
        shutil.which("node", path=str(Path(sys.prefix) / "bin")),
    ]
    if (spec := find_spec("playwright")) is not None and spec.origin is not None:
        candidates.append(shutil.which("node", path=str(Path(spec.origin).parent / "driver")))
    for program in filter(None, candidates):
        if version_of(program) >= OLDEST_NODE:
            return program
    get = "Install one, or run `make setup`." if locations.IS_CHECKOUT else "Install one."
    raise AllureError(f"no Node.js from version {'.'.join(map(str, OLDEST_NODE))} on.\n{get}")


def without_gate(version: tuple[int, ...]) -> str:
    """A sentence where Allure's quality gate ends in an error under this Node.js, whatever the results are."""
    if version >= OLDEST_NODE_OF_THE_GATE:
        return ""
    found, needed = ".".join(map(str, version)), OLDEST_NODE_OF_THE_GATE[0]
    return (
        f"Allure's own quality gate needs Node.js {needed} or newer, and fails under {found} whatever the results are; "
        "`harness gate` does without it"
    )


def version_of(program: str) -> tuple[int, ...]:
    """The numbers of a Node.js's version; empty where it tells none."""
    try:
        done = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ()
    return tuple(int(part) for part in done.stdout.strip().removeprefix("v").split(".") if part.isdecimal())


def _generate(command: Sequence[str], results: Sequence[Path], output: Path, history: Path) -> None:
    """`allure generate`. Its status says only that it ran: the numbers are looked at afterwards, by others."""
    argv = [
        *command,
        "generate",
        "--config",
        str(BUNDLE / "reports" / "allurerc.mjs"),
        "--output",
        str(output),
        *(str(each.absolute()) for each in results),
    ]
    env = {**os.environ, "ALLURE_NO_ANALYTICS": "true", "HARNESS_ALLURE_HISTORY": str(history.absolute())}
    with tempfile.TemporaryDirectory(prefix="harness-allure-") as state:
        env["ALLURE_AGENT_STATE_DIR"] = state
        try:
            done = subprocess.run(argv, cwd=state, env=env, capture_output=True, text=True, timeout=600, check=False)
        except subprocess.TimeoutExpired:
            raise AllureError("allure generate took more than ten minutes, and was stopped.") from None
    if done.returncode != 0 or not (output / SINGLE / "index.html").is_file():
        said = "".join(c for c in (done.stdout + done.stderr)[-2000:] if c.isprintable() or c == "\n").strip()
        raise AllureError(f"allure generate made no report (status {done.returncode}):\n{said}")
