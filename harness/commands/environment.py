"""What this machine needs to run the harness, whether it has it, and how to get what is missing.

Every check is a function that returns what it found, or raises Lacking with what was found and how to get it. Nothing
is imported, started or written for a check that is not the thing checked.
"""

from __future__ import annotations

import os
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from harness import extensions, locations
from harness.launch.browser import BrowserMissing, find_browser, shared_memory_mb, start_once
from harness.load.under_locust import GET_LOCUST
from harness.locations import own_python, set_up
from harness.reporting.allure_results.build import OLDEST_NODE, AllureError, find_node, version_of, without_gate
from harness.target.reference import GET_REDIS, redis_of_clusters

OLDEST_PYTHON = (3, 11)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that is needed. `get` says how to get it, and is empty where it is there."""

    name: str
    ok: bool
    found: str
    get: str = ""


class Lacking(Exception):
    """A need that this machine doesn't meet: what was found instead, and how to get it."""

    def __init__(self, found: str, get: str) -> None:
        super().__init__(found)
        self.found, self.get = found, get


def examine() -> list[Check]:
    """Every check, in the order in which a person would mend them. Starts the browser once; takes about 0.5 s.

    A wheel brings the page built, so that a person who installed it needs no Node.js but that of `harness report`.
    """
    root, folder = locations.BUNDLE, locations.runs()
    return [
        check("Python", python),
        check("packages", packages),
        check("extensions", installed_extensions),
        check("Node.js", (lambda: node(root)) if locations.IS_CHECKOUT else node_of_reports),
        check("dashboard", lambda: dashboard(root)),
        check("browser", browser),
        check("Redis", redis),
        check("Locust", locust),
        check("loopback", loopback),
        check("shared memory", shared_memory),
        check("runs", lambda: writable(folder)),
        check("temp folder", lambda: writable(Path(tempfile.gettempdir()))),
    ]


def show(checks: list[Check], write: Callable[[str], object]) -> None:
    """Write one line a check, and below one that failed what to do."""
    width = max(len(each.name) for each in checks)
    for each in checks:
        write(f"{'ok     ' if each.ok else 'missing'}  {each.name:{width}}  {each.found}")
        if not each.ok:
            write(f"         {'':{width}}  {each.get}")


def check(name: str, look: Callable[[], str]) -> Check:
    """The result of one look; one that breaks is a need that isn't met, and the others still get their turn."""
    try:
        return Check(name, True, look())
    except Lacking as lacking:
        return Check(name, False, lacking.found, lacking.get)
    except BrowserMissing as error:
        found, _, get = str(error).partition("\n")
        return Check(name, False, found, get.replace("\n", " "))
    except OSError as error:
        return Check(name, False, f"could not be looked at: {error}", "make that possible, and ask again")


def python() -> str:
    """This interpreter's version."""
    found = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] < OLDEST_PYTHON:
        then = set_up("install the harness into it")
        raise Lacking(found, f"install Python {'.'.join(map(str, OLDEST_PYTHON))} or newer, then {then}")
    return f"{found} ({sys.executable})"


def packages() -> str:
    """The packages that the harness names as its own, by their metadata: importing them all takes a second."""
    try:
        needed = requires("event-stream-harness") or []
    except PackageNotFoundError:
        get = "install the package event-stream-harness, of which only the files are here"
        raise Lacking("the harness is not installed", set_up(get)) from None
    named = {distribution_name(line): line for line in needed if "extra ==" not in line}
    names = list(named)
    missing = [name for name in names if not is_installed(name)]
    if missing:
        get = f"run `{own_python()} -m pip install {shlex.join(named[name] for name in missing)}`"
        raise Lacking(f"without {', '.join(missing)}", set_up(get))
    return f"{len(names)} installed; playwright {version('playwright')}, python-socketio {version('python-socketio')}"


def installed_extensions() -> str:
    """Strategies, taps, causes, faults and reporters of other packages; one that is wrong is left out of every run."""
    found = extensions.added()
    for each in found:
        if each.wrong is not None:
            get = f"mend {each.owner.split()[0]}, or uninstall it"
            raise Lacking(f"the {each.kind} {each.name!r} of {each.owner} is left out: {each.wrong}", get)
    told = [f"{each.kind} {each.name} ({each.owner})" for each in found]
    return ", ".join(told) or "none beside the harness's own"


def distribution_name(requirement: str) -> str:
    """`uvicorn` of `uvicorn>=0.35; python_version > "3"`."""
    return next((requirement[:at] for at, c in enumerate(requirement) if not (c.isalnum() or c in "-_.")), requirement)


def is_installed(distribution: str) -> bool:
    """Whether a distribution of that name is there."""
    try:
        version(distribution)
    except PackageNotFoundError:
        return False
    return True


def node(root: Path) -> str:
    """Node.js: the machine's, or the one that set-up puts into .venv; needed to build the dashboard, not to run it."""
    oldest = ".".join(map(str, OLDEST_NODE))
    get = f"install Node.js {oldest} or newer with npm, or run `make setup`, which takes it from PyPI"
    path = f"{os.environ.get('PATH', os.defpath)}{os.pathsep}{root / '.venv' / 'bin'}"
    program, npm = shutil.which("node", path=path), shutil.which("npm", path=path)
    if program is None or npm is None:
        raise Lacking("no node" if program is None else "no npm", get)
    found = output(program, "--version")
    numbers = tuple(int(part) for part in found.removeprefix("v").split(".") if part.isdecimal())
    if numbers < OLDEST_NODE:
        raise Lacking(f"{found or 'no version'} ({program})", get)
    return with_note(f"{found} ({program})", without_gate(numbers))


def node_of_reports() -> str:
    """The Node.js that `harness report` will use; nothing else needs one."""
    try:
        found = find_node()
    except AllureError as error:
        raise Lacking(*str(error).split("\n", 1)) from None
    numbers = version_of(found)
    return with_note(f"v{'.'.join(map(str, numbers))} ({found}), for `harness report`", without_gate(numbers))


def with_note(found: str, note: str) -> str:
    """What was found, and what can't be done with it."""
    return f"{found}; {note}" if note else found


def output(*command: str, timeout_s: float = 10) -> str:
    """What a command prints, in one line; empty where it fails."""
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout_s, check=False
        )
    except subprocess.TimeoutExpired:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def dashboard(root: Path) -> str:
    """The built page, and that it is not older than what it was built from."""
    page = root / "fixtures" / "dashboard"
    built = page / "dist" / "index.html"
    if not built.is_file():
        raise Lacking(f"not built ({built.relative_to(root)})", set_up("install the package again"))
    if not locations.IS_CHECKOUT:
        return f"built ({built.parent})"
    sources = [
        page / "index.html",
        page / "package-lock.json",
        *(page / "src").rglob("*"),
        *(page / "public").rglob("*"),
    ]
    newer = [path for path in sources if path.is_file() and path.stat().st_mtime > built.stat().st_mtime]
    if newer:
        raise Lacking(f"built before {newer[0].relative_to(root)} was changed", "run `make setup`")
    return f"built ({built.parent.relative_to(root)})"


def browser() -> str:
    """The browser that runs will use, started once."""
    found = find_browser()
    return f"{start_once(found)} ({found.program})"


def redis() -> str:
    """The Redis of `--servers`, which nothing else needs."""
    return redis_of_clusters() or f"none; `harness verify --servers N` needs one: {GET_REDIS}"


def locust() -> str:
    """The Locust of `harness load --locust`, which nothing else needs."""
    try:
        return version("locust")
    except PackageNotFoundError:
        return f"none; {GET_LOCUST}"


def loopback() -> str:
    """Two ports that the system gives on 127.0.0.1, and that one reaches the other end."""
    with socket.socket() as first, socket.socket() as second:
        for each in (first, second):
            try:
                each.bind(("127.0.0.1", 0))
            except OSError as error:
                raise Lacking(
                    f"no free port on 127.0.0.1: {error.strerror}", "free some ports, and ask again"
                ) from None
        first.listen()
        port = first.getsockname()[1]
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
        except OSError as error:
            get = "let this user's processes connect to 127.0.0.1 (firewall, sandbox)"
            raise Lacking(f"127.0.0.1:{port} listens and can't be reached: {error}", get) from None
    return "ports are free and reachable on 127.0.0.1"


def shared_memory() -> str:
    """The size of /dev/shm: pages crash where it runs full, so that below 256 MB the browser is told to use files."""
    size = shared_memory_mb()
    if size == 0:
        return "no /dev/shm here"
    return f"{size} MB" if size >= 256 else f"{size} MB, little: the browser uses files instead"


def writable(folder: Path) -> str:
    """That files can be made in a folder, or where it is not there yet, that it can be made."""
    nearest = next(each for each in (folder, *folder.parents) if each.exists())
    if not nearest.is_dir():
        raise Lacking(f"{nearest} is not a folder", "move it away")
    try:
        with tempfile.TemporaryFile(dir=nearest) as file:
            file.write(b"harness")
    except OSError as error:
        raise Lacking(f"{nearest}: {error.strerror}", "free some space, or make it writable for this user") from None
    return f"writable, {shutil.disk_usage(nearest).free // 1_000_000:,} MB free"
