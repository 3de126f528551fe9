"""The front door: sends each client on to one of the servers, in turn."""

from __future__ import annotations

import itertools
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

servers = itertools.cycle(sys.argv[1:])


class Door(BaseHTTPRequestHandler):
    """Answers every request with another address."""

    def do_GET(self) -> None:
        """Send it on."""
        self.send_response(302)
        self.send_header("Location", next(servers) + self.path)
        self.end_headers()


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Door).serve_forever()
