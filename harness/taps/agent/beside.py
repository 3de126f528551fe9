"""Processes of a system beside its servers: what one emits on a server object of its own reaches no client."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from harness.model import Fact, Write
from harness.model.facts import Published, UnservedEmit
from harness.taps.agent.known import OnRecord
from harness.taps.agent.process import RawRecord
from harness.taps.agent.translate import Identify, Translator


def beside(observer: str, egress: Identify, write: Write) -> OnRecord:
    """Takes the records of such a process: what it emitted without clients, or put into a message queue.

    What it sends to a server as a client, the server tells.
    """
    translator = Translator(observer, "beside", _nothing, egress)

    def take(_: str, record: RawRecord) -> None:
        for each in translator(record) if record["k"] in ("route", "publish") else ():
            if isinstance(each, Fact) and isinstance(each.body, UnservedEmit | Published):
                write(each)

    return take


def _nothing(_name: str, _args: Sequence[Any]) -> None:
    """It is not a CLI."""
