"""Cooks three dishes and says so, in colour and over several lines."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import socketio


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def note(line: dict[str, object]) -> None:
    """Into the journal of what was sent, where one is kept."""
    if path := os.environ.get("JOURNAL"):
        with Path(path).open("a", encoding="utf-8") as journal:
            journal.write(json.dumps(line) + "\n")


DISHES = json.loads(Path(os.environ["MENU"]).read_text("utf-8"))

client = socketio.SimpleClient()
client.connect(sys.argv[1], transports=["websocket"])
say("kitchen opens")
events = [("ordered", dish) for dish in DISHES] + [("served", dish) for dish in DISHES] + [("closed", {"qty": 0})]
for name, data in events:
    client.call(name, data)
    note({"name": name, "data": data, "at_ns": time.monotonic_ns()})
    text = json.dumps(data)
    say(f"\x1b[32m* {name}\x1b[0m {text[:8]}\n  {text[8:]}")
note({"sent": len(events)})
say("kitchen closes")
client.disconnect()
