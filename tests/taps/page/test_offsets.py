"""What connection state recovery adds to an event for its client is not an argument of it, with any adapter."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

import harness.taps.page

SCRIPT = Path(harness.taps.page.__file__).parent / "js" / "offsets.js"
NOW_MS = 1_795_960_000_000
"""2026-11-29, some time in the afternoon."""


def told(*bodies: str, answered: int | None = None) -> list[str]:
    """What is left of messages at that time."""
    program = f"""
        const wallClock = () => {NOW_MS};
        {SCRIPT.read_text(encoding="utf-8")}
        console.log(JSON.stringify({json.dumps(bodies)}.map((body) => withoutOffset(body, {json.dumps(answered)}))));
    """
    done = subprocess.run(["node", "-e", program], capture_output=True, text=True, check=True, timeout=30)
    found: list[str] = json.loads(done.stdout)
    return found


OFFSETS = (
    "Q8dbAiX",
    "Q8dbAiX.1b",
    "1795959999000-0",
    "6a0b9a7f0000000000000000".replace("6a0b9a7f", f"{NOW_MS // 1000:x}"),
)


def test_an_offset_is_left_out() -> None:
    bodies = [f'["ping",{{"n":1}},"{offset}"]' for offset in OFFSETS]
    assert told(*bodies) == ['["ping",{"n":1}]'] * 4


@pytest.mark.parametrize("last", ["welcome", "Running", "1000000000000-0", "deadbeefdeadbeefdeadbeef", "Q8dbAiX!", "x"])
def test_a_text_that_tells_no_time_of_today_stays(last: str) -> None:
    body = f'["ping","{last}"]'
    assert told(body) == [body]


def test_what_wants_an_answer_or_has_no_argument_stays() -> None:
    body = '["ping",1,"Q8dbAiX"]'
    assert told(body, answered=3) == [body]
    assert told('["Q8dbAiX"]') == ['["Q8dbAiX"]']
