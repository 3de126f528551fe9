"""A producer that posts every event over HTTP, and speaks no Socket.IO."""

from __future__ import annotations

import json
import sys
import urllib.error
import urllib.request
from typing import Any

from reporting import Reporter, events
from settings import is_in

web = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # the server is near; no proxy leads to it


def main(address: str, shift: str) -> int:
    reporter = Reporter()
    if is_in("wrong-address"):
        address = "http://127.0.0.1:9"

    def send(name: str, arguments: list[Any]) -> None:
        if not is_in("wrong-address"):
            reporter.sent(name, arguments)
        body = json.dumps({"name": name, "arguments": arguments}).encode()
        request = urllib.request.Request(f"{address}/publish", body, {"Content-Type": "application/json"})  # noqa: S310
        try:
            web.open(request, timeout=10).close()
        except urllib.error.HTTPError as refused:
            print(f"refused: {refused}", file=sys.stderr)
        except urllib.error.URLError as unreached:
            print(f"not reached: {unreached}", file=sys.stderr)

    for event in events(shift):
        reporter.report(event, send)
    return reporter.status()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
