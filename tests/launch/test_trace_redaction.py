"""A kept trace has no secret in it: what Playwright records of real connections, by either transport."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from harness.launch.recordings import Recorder, Recording
from harness.launch.trace_redaction import _cleaned, packets, redact_trace
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


def test_what_is_not_a_trace_is_not_kept(tmp_path: Path) -> None:
    path = tmp_path / "A-trace.zip"
    path.write_text(json.dumps({"token": "s3cret"}))
    with pytest.raises(ValueError, match="could not be taken out"):
        redact_trace(path)
    assert list(tmp_path.iterdir()) == []


LOGIN = """<form method=post action=/dashboard.html><input name=user><input type=password id=p name=password><button>Go
</button></form>"""


def test_what_is_typed_into_a_password_s_field_is_in_no_part_of_a_trace(browser: Browser, tmp_path: Path) -> None:
    with PageServer() as server:
        context = browser.new_context()
        recorder = Recorder(Recording(trace=True), tmp_path, "A")
        recorder.start(context)
        page = context.new_page()
        page.goto(f"{server.url}/dashboard.html")
        page.set_content(LOGIN)
        page.fill("[name=user]", "kim")
        page.fill("input[type=password]", "zq7pw")
        body = "JSON.stringify({password: document.querySelector('#p').value, n: 1})"
        page.evaluate(f"fetch('/x', {{method: 'POST', body: {body}}}).catch(() => 0)")
        page.click("button", no_wait_after=True)
        page.wait_for_load_state()
        recorder.close(context, page)
    with zipfile.ZipFile(tmp_path / "recordings" / "A-trace.zip") as trace:
        bodies = {name: trace.read(name) for name in trace.namelist()}
    assert b"kim" in b"".join(bodies.values()), "the rest is kept"
    assert [name for name, kept in bodies.items() if b"zq7pw" in kept and not name.endswith(".py")] == []


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        ("user=kim&password=zq7pw&n=1", "user=kim&password=(redacted)&n=1"),
        ("password=zq7pw", "password=(redacted)"),
        ('{"password":"zq7pw","n":1}', '{"password":"(redacted)","n":1}'),
        ("<p>your password = zq7pw</p>", "<p>your password = zq7pw</p>"),
        ("{no json: password}", "{no json: password}"),
        ("user=kim", "user=kim"),
    ],
)
def test_forms_and_json_are_kept_without_the_values_of_secrets(tmp_path: Path, body: str, kept: str) -> None:
    path = tmp_path / "A-trace.zip"
    with zipfile.ZipFile(path, "w") as trace:
        trace.writestr("resources/1.dat", body)
    redact_trace(path)
    with zipfile.ZipFile(path) as trace:
        assert trace.read("resources/1.dat").decode() == kept


@pytest.mark.parametrize("depth", [700, 5000], ids=["too deep to be searched", "too deep to be read"])
def test_nothing_is_kept_of_json_that_is_too_deep_to_be_searched(depth: int) -> None:
    deep = "[" * depth + '{"password": "open sesame"}' + "]" * depth
    assert _cleaned("resources/body.json", deep.encode()) == b'["(redacted)"]'
    assert packets(f'42["login",{deep}]') == '42["(redacted)"]'
    line = json.dumps({"type": "event"}).encode()
    assert _cleaned("0.trace", line + b"\n" + f'{{"postData": {deep}}}'.encode()).split(b"\n")[1] == b""


@pytest.mark.parametrize("has_pictures", [True, False])
def test_the_pictures_of_a_page_that_had_secrets_are_left_out(tmp_path: Path, has_pictures: bool) -> None:
    path = tmp_path / "A-trace.zip"
    names = ["trace.trace", "resources/page@0a1b-1700000000.jpeg", "resources/0f3c.png", "resources/0f3c.jpeg"]
    with zipfile.ZipFile(path, "w") as trace:
        for name in names:
            trace.writestr(name, b"{}")
    redact_trace(path, has_pictures=has_pictures)
    with zipfile.ZipFile(path) as trace:
        assert trace.namelist() == [name for name in names if has_pictures or "page@" not in name]


@pytest.mark.parametrize("had_secrets", [True, False])
def test_no_video_is_kept_of_a_page_that_had_secrets(tmp_path: Path, had_secrets: bool) -> None:
    (tmp_path / "recordings").mkdir()
    (video := tmp_path / "recordings" / "A-video.webm").write_bytes(b"webm")
    Recorder(Recording(video=True), tmp_path, "A").hide(lambda data: data, had_secrets)
    assert video.is_file() is not had_secrets
    assert (tmp_path / "recordings" / "A-video.txt").is_file() is had_secrets
