"""Target files: a system that nobody here wrote, described in one TOML file (docs/target.md)."""

from __future__ import annotations

from harness.target.file.read import WrongTarget, load

__all__ = ["WrongTarget", "load"]
