"""Draws which parts and mechanisms are set aside, once, when they are written: `python -m harness.selftest.worlds.lot`.

What has been drawn stays as it is; only what is new is drawn. A world that a rule was mended by is no test any more:
its entry is set to false by hand. The result is `set_aside.json`, which is committed.
"""

from __future__ import annotations

import json
import secrets
from pathlib import Path

from harness.selftest.worlds.mechanisms import ALL
from harness.selftest.worlds.parts import OPTIONS, TEMPLATE_KINDS

FILE = Path(__file__).with_name("set_aside.json")
SHARE = 3
"""One of so many mechanisms is set aside."""


def main() -> None:
    """Draw for what is new, and write the file."""
    known = json.loads(FILE.read_text("utf-8")) if FILE.exists() else {"parts": {}, "mechanisms": {}}
    for kind in TEMPLATE_KINDS:
        if kind not in known["parts"]:
            known["parts"][kind] = secrets.choice(OPTIONS[kind])
    new = [each.id for each in ALL if each.id not in known["mechanisms"]]
    want = round((len(known["mechanisms"]) + len(new)) / SHARE) - sum(known["mechanisms"].values())
    drawn = secrets.SystemRandom().sample(new, max(0, min(want, len(new))))
    known["mechanisms"] |= {each: each in drawn for each in new}
    FILE.write_text(json.dumps(known, indent=2, sort_keys=True) + "\n", "utf-8")


if __name__ == "__main__":
    main()
