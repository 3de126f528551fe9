"""What hatchling packs beside the code: the reference system with its built page, the documentation, and more.

A wheel has one top-level name, so these lie within the package (harness/locations.py). An sdist has the page built, so
that installing from it needs no Node.js. An editable installation finds everything in the checkout.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PAGE = Path("fixtures", "dashboard")
BUNDLED = "harness/_bundled"
PACKED = ("fixtures/*.py", "fixtures/cli/**/*", "fixtures/server/**/*", "fixtures/defects/**/*")
PACKED += ("fixtures/dashboard/*.py", "fixtures/dashboard/dist/**/*")
PACKED += ("reports/allurerc.mjs", "reports/package.json", "docs/*.md", "docs/images/*")
"""What of a checkout a wheel brings; the systems in fixtures/targets are for tests."""


class Bundle(BuildHookInterface[Any]):
    """Builds the page where it is not built, or older than its sources."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the files to what is packed."""
        if version == "editable":
            return
        root = Path(self.root)
        if not is_built(root / PAGE):
            build(root / PAGE)
        if self.target_name == "sdist":
            build_data["force_include"][str(root / PAGE / "dist")] = (PAGE / "dist").as_posix()
            return
        for path in packed(root):
            build_data["force_include"][str(path)] = f"{BUNDLED}/{path.relative_to(root).as_posix()}"


def packed(root: Path) -> Iterator[Path]:
    """The files that a wheel brings."""
    for pattern in PACKED:
        for path in sorted(root.glob(pattern)):
            if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith("."):
                yield path


def is_built(page: Path) -> bool:
    """Whether the page is there and not older than what it is built from; in an sdist all have one time."""
    built = page / "dist" / "index.html"
    if not built.is_file():
        return False
    sources = [*page.glob("*.html"), *page.glob("*.json"), *page.glob("*.ts")]
    sources += [path for folder in ("src", "public") for path in (page / folder).rglob("*") if path.is_file()]
    return all(path.stat().st_mtime <= built.stat().st_mtime for path in sources)


def build(page: Path) -> None:
    """Build it with this machine's npm. A build that fails shows npm's own words."""
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit(
            f"the dashboard in {page} is not built, and there is no npm to build it with. Install Node.js 20.19 or "
            "newer with npm, or run `make wheel`, which gets one."
        )
    if not (page / "node_modules" / "vite").is_dir():
        subprocess.run([npm, "ci", "--no-audit", "--no-fund"], cwd=page, check=True)
    subprocess.run([npm, "run", "build"], cwd=page, check=True)
