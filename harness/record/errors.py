"""What can go wrong with a ledger."""

from __future__ import annotations


class LedgerError(Exception):
    """A ledger that can't be read. The message says which file and where in it, and what to do."""
