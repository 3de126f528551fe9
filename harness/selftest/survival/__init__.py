"""Every cell of the table of promises, played on the reference system: `python -m harness.selftest.survival`."""
