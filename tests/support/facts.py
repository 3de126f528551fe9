"""Facts on paper: bodies made of what a ledger would say, and read back as such."""

from __future__ import annotations

import json
from dataclasses import MISSING, asdict, fields, replace
from typing import Any

from harness.model import AnyFact, B, Body
from harness.record.plain import plain
from harness.record.typed import reader


def body_of(kind: type[B], **data: Any) -> B:
    """A body as it is read from a ledger that has these data."""
    return reader(kind)(json.loads(json.dumps(data, default=plain)))


def other(fact: AnyFact, **data: Any) -> AnyFact:
    """The same fact, saying something else."""
    return replace(fact, body=body_of(type(fact.body), **{**plain(fact.body), **data}))


def without(fact: AnyFact, *names: str) -> AnyFact:
    """The same fact, saying less: what it must say is empty."""
    required = {each.name for each in fields(fact.body) if each.default is MISSING and each.default_factory is MISSING}
    told = {name: "" if name in names else value for name, value in plain(fact.body).items()}
    kept = {name: value for name, value in told.items() if name not in names or name in required}
    return replace(fact, body=body_of(type(fact.body), **kept))


def data_of(body: Body) -> dict[str, Any]:
    """All that a body says, as JSON has it."""
    found: dict[str, Any] = json.loads(json.dumps(asdict(body)))
    return found
