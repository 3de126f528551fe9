"""A producer that appends every event to a file, which the server reads as it grows."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from reporting import Reporter, events


def main(_address: str, shift: str) -> int:
    reporter = Reporter()

    def send(name: str, arguments: list[Any]) -> None:
        reporter.sent(name, arguments)
        with Path(os.environ["EVENTS"]).open("a", encoding="utf-8") as file:
            file.write(json.dumps({"name": name, "arguments": arguments}) + "\n")

    for event in events(shift):
        reporter.report(event, send)
    return reporter.status()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
