"""What Locust's master and workers say to each other of the harness's clients, beside what they say anyway."""

from __future__ import annotations

TOLD = "harness-told"
"""To a worker: what its process of clients, or itself, is to do, with a `number`. Back: the answer, with the same."""

PLACES = "harness-places"
"""From a worker: that so many users came. Back: which dashboards they are, and what those do."""

OPENED = "harness-opened"
"""From a worker: which of them are connected, and which are not."""

PIECE = "harness-piece"
"""From a worker: a part of its ledger."""

PIECE_BYTES = 1 << 20
"""So much of a ledger is in one message."""
