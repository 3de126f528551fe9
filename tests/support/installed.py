"""The package installed elsewhere: a wheel or an sdist in an environment and a home of its own, and commands there."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

from harness.launch.browser import find_browser

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 300


@dataclass(frozen=True, slots=True)
class Installed:
    """An environment with the package in it, an empty home, and a folder to work in."""

    folder: Path

    @property
    def python(self) -> Path:
        return self.folder / "env" / "bin" / "python"

    @property
    def harness(self) -> Path:
        return self.folder / "env" / "bin" / "harness"

    @property
    def work(self) -> Path:
        return self.folder / "work"

    @property
    def environment(self) -> dict[str, str]:
        """What the programs see: nothing of this checkout and its home, but the browser that is here."""
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG", "TMPDIR")}
        kept |= {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "NPM_", "npm_", "SSL_"))}
        return {**kept, "HOME": str(self.folder / "home"), "HARNESS_BROWSER": str(find_browser().program)}

    def run(self, *arguments: object, **env: str) -> subprocess.CompletedProcess[str]:
        """A program to its end, in the folder to work in."""
        return subprocess.run(
            [str(each) for each in arguments], cwd=self.work, env={**self.environment, **env},
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE_S, check=False,
        )  # fmt: skip

    def pytest(self, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
        """A project's tests by its own settings; what they leave is below the folder to work in."""
        where = ("-c", folder / "pytest.ini", f"--basetemp={self.work / 'runs'}")
        return self.run(self.python, "-m", "pytest", "-q", *where, *options, folder)

    def files(self) -> list[str]:
        """What the installation put into the environment, as its record says, relative to site-packages."""
        told = "from importlib.metadata import files; print(*files('event-stream-harness'), sep='\\n')"
        return self.run(self.python, "-c", told).stdout.split()


def build(kind: str, into: Path) -> Path:
    """The wheel or the sdist of this checkout."""
    argv = [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(into)]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (made,) = into.iterdir()
    return made


class NotInstalled(Exception):
    """pip could not install something; what it said."""


def with_our_packages(package: Path, folder: Path, *more: str) -> Installed:
    """Installed without its dependencies, which come from the environment of the tests: takes about 3 s.

    `more` comes from wherever pip gets it. Raises NotInstalled.
    """
    made = _environment(folder, "--without-pip")
    _pip(made, sys.executable, "-m", "pip", "--python", made.python, "install", "--no-deps", "--no-index", package)
    (site,) = (folder / "env" / "lib").glob("python*/site-packages")
    # What a .pth file adds comes later on the path, and its own .pth files (the editable checkout) are not read.
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    if more:
        _pip(made, sys.executable, "-m", "pip", "--python", made.python, "install", *more)
    return made


def with_its_packages(package: Path, folder: Path, *more: str, **env: str) -> Installed:
    """Installed with its dependencies, from wherever pip gets them."""
    made = _environment(folder)
    _pip(made, made.python, "-m", "pip", "install", package, *more, **env)
    return made


def _environment(folder: Path, *options: str) -> Installed:
    made = Installed(folder)
    for each in (made.work, folder / "home"):
        each.mkdir(parents=True)
    subprocess.run([sys.executable, "-m", "venv", *options, str(folder / "env")], check=True, capture_output=True)
    return made


def _pip(made: Installed, *arguments: object, **env: str) -> None:
    done = made.run(*arguments, "--quiet", "--disable-pip-version-check", **env)
    if done.returncode != 0:
        raise NotInstalled(done.stdout + done.stderr)
