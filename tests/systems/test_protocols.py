"""Ways to speak Socket.IO: the agent in Node.js, the proxy and the page's tap see each event in every one of them.

A sample of them; all with HARNESS_SYSTEMS=all (`make test-systems`).
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest

from harness.model import Answer, Hop
from harness.reporting import sentences
from harness.target.file import load
from tests.support.verified import verified

SYSTEM = Path(__file__).parents[2] / "fixtures" / "targets" / "parcels"
WAYS = tuple(re.findall(r'^  "?([\w-]+)"?: \(\)', (SYSTEM / "modes.js").read_text("utf-8"), re.MULTILINE))
SAMPLE = (("namespaces", "agent"),)
ALL = tuple((way, seen_by) for way in WAYS for seen_by in ("agent", "proxy"))
CHOSEN = ALL if os.environ.get("HARNESS_SYSTEMS") == "all" else SAMPLE

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(("way", "seen_by"), CHOSEN)
def test_every_event_is_seen_whichever_way_it_goes(tmp_path: Path, way: str, seen_by: str) -> None:
    system = tmp_path / "parcels"
    shutil.copytree(SYSTEM, system)
    (tmp_path / "node_modules").symlink_to(SYSTEM.parent / "node_modules")
    (tmp_path / "package.json").write_text('{"type": "module"}')
    file = system / "target.toml"
    said = file.read_text("utf-8").replace('MODE = "websocket"', f'MODE = "{way}"')
    file.write_text(re.sub(r"^(command = .*)$", rf'\1\nseen_by = "{seen_by}"', said, flags=re.MULTILINE))
    target = load(file)
    judged = verified(target)
    verdict = judged.verdict
    assert verdict.answer is Answer.PASSED, (sentences.verdict(verdict), verdict.unknowns)
    routed = 6 if seen_by == "agent" else None
    assert verdict.hops == dict(zip(Hop, (6, 6, 6, routed, 6, None, 6), strict=True))


def test_the_ways_are_all_there() -> None:
    assert {"websocket", "polling", "namespaces", "msgpack", "binary", "retries", "recovery"} <= {*WAYS}
