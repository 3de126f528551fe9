"""What `make` installs is pinned: all that is declared, within the declared ranges, and nothing of this machine."""

from __future__ import annotations

import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.installed import ROOT

PINS = (ROOT / ".setup" / "constraints.txt").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
DECLARED = [*PROJECT["dependencies"], *(each for more in PROJECT["optional-dependencies"].values() for each in more)]


def pinned() -> dict[str, Requirement]:
    lines = [line for line in PINS.splitlines() if not line.startswith("#")]
    return {canonicalize_name(each.name): each for each in map(Requirement, lines)}


@pytest.mark.parametrize("declared", DECLARED)
def test_what_is_declared_has_a_pin_within_its_range(declared: str) -> None:
    wanted = Requirement(declared)
    [exactly] = pinned()[canonicalize_name(wanted.name)].specifier
    assert exactly.operator == "=="
    assert exactly.version in wanted.specifier


def test_pins_hold_versions_alone() -> None:
    found = pinned().values()
    assert all(each.url is None and len(each.specifier) == 1 for each in found)
    assert "://" not in PINS and "hash" not in PINS
