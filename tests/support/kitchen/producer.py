"""Cooks three dishes and says so, in colour and over several lines."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import socketio


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


DISHES = json.loads(Path(os.environ["MENU"]).read_text("utf-8"))

client = socketio.SimpleClient()
client.connect(sys.argv[1], transports=["websocket"])
say("kitchen opens")
events = [("ordered", dish) for dish in DISHES] + [("served", dish) for dish in DISHES] + [("closed", {"qty": 0})]
for name, data in events:
    client.call(name, data)
    text = json.dumps(data)
    say(f"\x1b[32m* {name}\x1b[0m {text[:8]}\n  {text[8:]}")
say("kitchen closes")
client.disconnect()
