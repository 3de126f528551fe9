"""A producer that the target file describes in place of a command: HTTP requests, lines for a file, or steps on a page.

    python -m harness.launch.acting SPEC

SPEC is JSON: `{"requests": […]}`, `{"append": {…}}` or `{"page": {…}}`, as a target file's `[cli]` says them, a page
with what the file says of all its pages. What is done is printed, so that it is on record as any producer's events are:
a line `{"event": name, "data": …}` for a request with a name, once it is answered with a status below 400, and each
line as it is appended. Exit status 1, with a line on standard error, for what could not be done.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from playwright.sync_api import Page, Request

SENT_S, LOOK_MS = 5.0, 20
"""How long what a page sends may take to reach the server after a step, and how often to look for answers."""

PATIENCE_S = 15.0
"""How long an answer, or an element of a page, may take."""


class NotDone(Exception):
    """Something could not be done; the message says what, and why."""


def requests(said: Sequence[Mapping[str, Any]]) -> None:
    """Send requests, each when the one before it is answered."""
    for each in said:
        status = _asked(each)
        if status >= 400:
            raise NotDone(f"{each['method']} {each['url']} was answered with status {status}")
        if each.get("event"):
            _tell(json.dumps({"event": each["event"], "data": each.get("json", each.get("body"))}, ensure_ascii=False))


def _asked(request: Mapping[str, Any]) -> int:
    parts = urlsplit(request["url"])
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    headers, body = dict(request.get("headers", {})), request.get("body")
    if "json" in request:
        headers = {"Content-Type": "application/json", **headers}
        body = json.dumps(request["json"], ensure_ascii=False)
    connection = kind(parts.hostname or "", parts.port, timeout=PATIENCE_S)
    try:
        path = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
        connection.request(request["method"], path, None if body is None else body.encode(), headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    except (OSError, http.client.HTTPException) as error:
        raise NotDone(f"{request['method']} {request['url']} was not answered: {error}") from None
    finally:
        connection.close()


def append(said: Mapping[str, Any]) -> None:
    """Append lines to a file, which is made where it is missing."""
    file = Path(said["file"])
    try:
        with file.open("a", encoding="utf-8") as opened:
            for line in said["lines"]:
                opened.write(f"{line}\n")
                opened.flush()
                _tell(line)
    except OSError as error:
        raise NotDone(f"nothing can be appended to {file}: {error.strerror}") from None


def page(said: Mapping[str, Any]) -> None:
    """Do steps on a page of its own, in a browser of its own, which finds what the dashboards' browsers find.

    `origins` answers other hosts, `reroute` maps origins that are written into the page to those that answer for them,
    and `options` is what Playwright opens its context with.
    """
    from playwright.sync_api import Error, sync_playwright  # long to import, and only for pages, with what follows

    from harness.launch.browser import find_browser, launch_arguments
    from harness.launch.origins import answer_origins
    from harness.taps.page import PageSpec, install
    from harness.taps.wire.reroute import reroute_script

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser().executable, args=launch_arguments())
        try:
            context = browser.new_context(**said.get("options", {}))
            answer_origins(context, said.get("origins", {}))
            if said.get("reroute"):
                context.add_init_script(reroute_script(said["reroute"]))
            install(context, PageSpec())
            opened = context.new_page()
            posts: list[Request] = []
            opened.on("request", lambda request: None if request.method == "GET" else posts.append(request))
            opened.set_default_timeout(PATIENCE_S * 1000)
            opened.goto(said["url"])
            _settled(opened, posts)
            for step in said["steps"]:
                _taken(opened, step)
                _settled(opened, posts)
        except Error as error:
            raise NotDone(f"the page {said['url']}: {str(error).splitlines()[0]}") from None
        finally:
            browser.close()


def _settled(opened: Page, posts: Sequence[Request]) -> None:
    """Wait until the page is connected and still, and the server has read what it sent, as a person would see.

    Before that a page may yet replace what it shows by what the server tells it first; and a browser that is closed
    takes along what was not read. Where a page can't say so, the steps' own `wait` is all that is waited for.
    """
    from playwright.sync_api import Error

    from harness.taps.page.tap import asked

    opened.wait_for_load_state()
    deadline = time.monotonic() + SENT_S
    with contextlib.suppress(Error):
        asked(opened, SENT_S, "sent", SENT_S * 1000 / 2)
    while any(_is_open(post) for post in posts) and time.monotonic() < deadline:
        opened.wait_for_timeout(LOOK_MS)


def _is_open(post: Request) -> bool:
    """Whether it was not answered yet, and did not fail: of Playwright's `timing`, -1 is what has not happened."""
    return post.failure is None and post.timing["responseEnd"] < 0


def _taken(opened: Page, step: Mapping[str, str]) -> None:
    from playwright.sync_api import Error

    what, where = next((what, step[what]) for what in ("click", "fill", "press", "wait") if what in step)
    try:
        if what == "fill":
            opened.fill(where, step.get("with", ""))
        elif what == "click":
            opened.click(where)
        elif what == "press":
            opened.keyboard.press(where)
        else:
            opened.wait_for_selector(where)
    except Error as error:
        reason = str(error).splitlines()[0]
        raise NotDone(f"{what} {where!r} on the page {opened.url}: {reason}") from None


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


ACTS: Mapping[str, Callable[[Any], None]] = {"requests": requests, "append": append, "page": page}


def main(arguments: Sequence[str]) -> int:
    """Do what the one argument says."""
    [(what, said)] = json.loads(arguments[0]).items()
    try:
        ACTS[what](said)
    except NotDone as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
