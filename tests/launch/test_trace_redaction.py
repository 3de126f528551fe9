"""A kept trace has no secret in it: what Playwright records of real connections, by either transport."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from harness.launch.recordings import Recorder, Recording
from harness.launch.trace_redaction import packets, redact_trace
from tests.support.browsers import browser
from tests.support.page_server import PageServer

__all__ = ["browser"]


@pytest.mark.parametrize("transports", ["websocket", "polling&upgrade=no"])
def test_nothing_of_a_kept_trace_holds_a_secret(browser: Browser, tmp_path: Path, transports: str) -> None:
    with PageServer() as server:
        context = browser.new_context()
        context.add_cookies([{"name": "sid", "value": "s3cret-cookie", "url": server.url}])
        recorder = Recorder(Recording(trace=True), tmp_path, "A")
        recorder.start(context)
        page = context.new_page()
        page.goto(f"{server.url}/dashboard.html?keyed&token=s3cret&transports={transports}")
        page.wait_for_function("document.querySelector('[data-connection=connected]')")
        page.evaluate("subscribe('s9')")
        recorder.close(context, page)
    with zipfile.ZipFile(tmp_path / "recordings" / "A-trace.zip") as trace:
        assert trace.testzip() is None
        bodies = {name: trace.read(name) for name in trace.namelist()}
    told = b"\n".join(bodies.values())
    assert b"subscribe" in told and b"(redacted)" in told and b'"redacted' in told.replace(b'\\"', b'"')
    written_by_people = (".html", ".py")  # the page's own source, and this test's, which Playwright keeps beside it
    assert [name for name, body in bodies.items() if b"s3cret" in body and not name.endswith(written_by_people)] == []


@pytest.mark.parametrize(
    ("payload", "redacted"),
    [
        ('40{"token":"x"}', '40{"redacted":true}'),
        ('40/admin,{"any":"x"}', '40/admin,{"redacted":true}'),
        ('42["a",{"token":"x","n":1}]\x1e40{"a":1}', '42["a",{"token":"(redacted)","n":1}]\x1e40{"redacted":true}'),
        ('42/admin,7["a",{"my_password":"x"}]', '42/admin,7["a",{"my_password":"(redacted)"}]'),
        ('42["a",{"token":"x"', '42["(redacted)"]'),
        ('42["a",{"n":1}]', '42["a",{"n":1}]'),
        ("40", "40"),
        ("2probe", "2probe"),
    ],
)
def test_of_a_packet_only_secrets_go(payload: str, redacted: str) -> None:
    assert packets(payload) == redacted


def test_what_is_no_trace_is_not_kept(tmp_path: Path) -> None:
    path = tmp_path / "A-trace.zip"
    path.write_text(json.dumps({"token": "s3cret"}))
    with pytest.raises(ValueError, match="could not be taken out"):
        redact_trace(path)
    assert list(tmp_path.iterdir()) == []
