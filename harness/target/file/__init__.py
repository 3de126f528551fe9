"""Target files: a system that is not part of this project, described in one TOML file (docs/target.md)."""

from __future__ import annotations

from harness.target.file.read import WrongTarget, load

__all__ = ["WrongTarget", "load"]
