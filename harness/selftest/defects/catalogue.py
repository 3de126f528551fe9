"""The seeded defects of the reference system, read from its folder: one file each, checked before anything is run."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from harness.extensions import nearest
from harness.locations import BUNDLE
from harness.model import Aspect, Hop, Kind
from harness.target.process import TargetError
from harness.target.reference import imported

FOLDER = BUNDLE / "fixtures" / "defects"
PACKAGE = "fixtures.defects"


@dataclass(frozen=True, slots=True)
class Finding:
    """What has to be found."""

    outcome: Kind
    hop: Hop
    cause: str


@dataclass(frozen=True, slots=True)
class Seeded:
    """One seeded defect. With neither findings nor a doubt it is a harmless variant, which must pass."""

    id: str
    mechanism: str
    strategy: str
    scene: str
    routing: str
    findings: tuple[Finding, ...]
    off: tuple[Hop, ...]
    page: str
    wire: str
    file: Path
    in_cli: bool
    in_server: bool
    doubt: Aspect | None = None

    @property
    def is_harmless(self) -> bool:
        return not self.findings and self.doubt is None

    def environment(self) -> dict[str, str]:
        """The environment that puts the patches of the defect into a Python process."""
        return environment(self.file)


def environment(file: Path) -> dict[str, str]:
    """The environment that puts the patches of a defect's file into a Python process."""
    path = os.pathsep.join(filter(None, (str(FOLDER / "site"), str(BUNDLE), os.environ.get("PYTHONPATH"))))
    return {"PYTHONPATH": path, "SEEDED_DEFECT": str(file)}


def catalogue(only: Iterable[str] = ()) -> list[Seeded]:
    """Every defect by name, or those asked for. Raises TargetError for one that is not there, or is written wrongly."""
    ids = {path.stem.replace("_", "-"): path for path in sorted(FOLDER.glob("[a-z]*.py"))}
    wanted = list(dict.fromkeys(only)) or list(ids)
    if missing := [name for name in wanted if name not in ids]:
        raise TargetError(
            f"no seeded defect {', '.join(missing)} in {FOLDER}{nearest(missing[0], ids)}\n"
            f"There are {len(ids)}: {textwrap.shorten(', '.join(ids), 300, placeholder=' …')}"
        )
    return [read(name, ids[name]) for name in wanted]


def read(name: str, file: Path) -> Seeded:
    """One defect from its file."""
    module = imported(f"{PACKAGE}.{file.stem}")
    try:
        return _read(name, file, module)
    except (AttributeError, ValueError, KeyError) as error:
        raise TargetError(f"{file}: {error}. See {FOLDER / '__init__.py'} for what a defect declares.") from None


def _read(name: str, file: Path, module: ModuleType) -> Seeded:
    declared: Any = module.DEFECT
    patched = [str(each) for each in getattr(module, "PATCHES", {})]
    hops = {hop.label: hop for hop in Hop}
    return Seeded(
        id=name,
        mechanism=declared.mechanism,
        strategy=declared.strategy,
        scene=declared.scene,
        routing=declared.routing or declared.strategy,
        findings=tuple(Finding(Kind(each.outcome), hops[each.hop], each.cause) for each in declared.found),
        off=tuple(hops[each] for each in declared.off),
        page=declared.page,
        wire=declared.wire,
        file=file,
        in_cli=any(each.startswith("fixtures.cli") for each in patched),
        in_server=any(each.startswith("fixtures.server") for each in patched),
        doubt=Aspect(declared.doubt) if declared.doubt else None,
    )
