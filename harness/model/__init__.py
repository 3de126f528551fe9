"""The words of the harness as data. Standard library only; everything else may import this, it imports nothing.

An *event* passes seven *hops*. A *tap* observes one hop and writes *sightings*, and *facts* about everything else.
From the record a strategy derives *expectations*, the judge turns them into *outcomes* and a *verdict*.
"""

from __future__ import annotations

from harness.model.contract import (
    NEWEST,
    NEWEST_FIRST,
    OLDEST,
    OLDEST_FIRST,
    OWN_ORDER,
    Contract,
    Items,
    PageContract,
    Panel,
    SessionList,
    SessionNotice,
    Shows,
    Total,
)
from harness.model.findings import Aspect, Finding, Value, stated, value
from harness.model.record import (
    CHOOSE,
    LOSE,
    PAGE_SIDE,
    RELOAD,
    SCHEMA,
    SERVER_SIDE,
    AnyFact,
    B,
    Body,
    Event,
    Fact,
    Hop,
    Json,
    Payload,
    Record,
    Sighting,
    Told,
    Write,
)
from harness.model.verdict import (
    Answer,
    Blame,
    Broken,
    Cited,
    Expectation,
    Kind,
    Level,
    Line,
    NotRuledOut,
    Outcome,
    Part,
    PropertyResult,
    Settled,
    Standing,
    Strength,
    Unknown,
    Verdict,
)

__all__ = [
    "CHOOSE", "LOSE", "NEWEST", "NEWEST_FIRST", "OLDEST", "OLDEST_FIRST", "OWN_ORDER", "PAGE_SIDE", "RELOAD", "SCHEMA",
    "SERVER_SIDE",
    "Answer", "AnyFact", "Aspect", "B", "Blame", "Body", "Broken", "Cited", "Contract", "Event", "Expectation", "Fact",
    "Finding", "Hop", "Items", "Json", "Kind", "Level", "Line", "NotRuledOut", "Outcome", "PageContract", "Panel",
    "Part", "Payload", "PropertyResult", "Record", "SessionList", "SessionNotice", "Settled", "Shows", "Sighting",
    "Standing", "Strength", "Told", "Total", "Unknown", "Value", "Verdict", "Write", "stated", "value",
]  # fmt: skip
