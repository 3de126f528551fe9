"""Spans of a stored run, printed and sent to a collector: one that takes them, and one that is not there."""

from __future__ import annotations

import gzip
import http.server
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from harness.commands import spans
from harness.commands.parser import main
from harness.launch.ports import claimed_port
from harness.locations import RUNS_SETTING
from harness.model.facts import RunBegun
from harness.record.ledger import FORMER_FILE, exported
from tests.support.reported import mismatch

pytest.importorskip("opentelemetry.exporter.otlp.proto.http", reason="the extra otel is not installed")


@pytest.fixture(autouse=True)
def lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stored run whose events were lost, and the time at which it began."""
    monkeypatch.setenv(RUNS_SETTING, str(tmp_path))
    (tmp_path / "lost-1").mkdir()
    history = mismatch().tell(RunBegun, "harness", at="2025-11-16T15:33:16.500-05:00")
    (tmp_path / "lost-1" / FORMER_FILE).write_text("".join(exported(history.ledger())))


def test_spans_are_lines_of_json_in_one_trace_at_the_time_of_day(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["spans"]) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len({each["context"]["trace_id"] for each in told}) == 1
    (root,) = (each for each in told if each["parent_id"] is None)
    assert root["status"]["status_code"] == "ERROR" and root["attributes"]["harness.verdict"] == "failed"
    assert {each["resource"]["attributes"]["service.name"] for each in told} == {"cli", "server"}
    began = datetime.fromisoformat(root["start_time"])
    assert abs((began - datetime(2025, 11, 16, 20, 33, 16, 500_000, UTC)).total_seconds()) < 10


@pytest.fixture
def collector() -> Iterator[tuple[str, list[bytes]]]:
    """A collector on a port of its own, and the bodies that it took."""
    bodies = list[bytes]()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/v1/traces"
            body = self.rfile.read(int(self.headers["content-length"]))
            bodies.append(gzip.decompress(body) if self.headers.get("content-encoding") == "gzip" else body)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            """Say nothing."""

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", bodies
        finally:
            server.shutdown()
            thread.join()


def test_a_collector_gets_them_by_otlp(collector: tuple[str, list[bytes]], capsys: pytest.CaptureFixture[str]) -> None:
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    address, bodies = collector
    assert main(["spans", "--to", address]) == 0
    (body,) = bodies
    found = [
        span
        for of_party in ExportTraceServiceRequest.FromString(body).resource_spans
        for scope in of_party.scope_spans
        for span in scope.spans
    ]
    assert f"{len(found)} spans sent to {address}" in capsys.readouterr().out
    assert len(found) == 1 + 4 + 4 * 4  # the run, its events, and the hops up to routed


def test_a_collector_that_is_not_there_is_told_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(spans, "PATIENCE_S", 0.2)
    with claimed_port() as port:
        assert main(["spans", "--to", f"http://127.0.0.1:{port}"]) == 2
    assert capsys.readouterr().err.startswith("harness: the spans were not taken: is a collector there?")
    assert main(["spans", "--to", "jaeger"]) == 2
    assert "as http://localhost:4318" in capsys.readouterr().err
