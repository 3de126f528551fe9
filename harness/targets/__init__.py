"""Target files: a system that nobody here wrote, described in one TOML file (docs/target.md)."""
