"""The agent inside Node.js: what is posted over plain HTTP, at the client and at the server."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from harness.taps.agent import AgentHub, environment
from tests.support.node_programs import PATIENCE_S, Recorded, observe, run, running, wait_until
from tests.taps.node.test_harmless import both

POSTS = """
const http = require("node:http");
const { json } = require("node:stream/consumers");
const headers = { "Content-Type": "application/json" };
const server = http.createServer(async (request, response) => {
  if (request.url === "/unread") return response.writeHead(413, { Connection: "close" }).end();
  try {
    const said = request.url === "/pieces" ? await inPieces(request) : await json(request);
    response.writeHead(said.status ?? 202).end("{}");
  } catch (error) {
    console.log(error.message);
    response.writeHead(400).end();
  }
});
const inPieces = (request) => new Promise((done) => {
  let text = "";
  request.setEncoding("utf8").on("data", (piece) => (text += piece)).on("end", () => done(JSON.parse(text)));
  request.on("end", () => console.log(new Error("at the end").stack));
});
const fetched = async (path, body, more) => {
  const answer = await fetch(address + path, { method: "POST", headers, body, ...more });
  return answer.text();
};
const requested = (path, pieces, method = "PUT", more = headers) => new Promise((done) => {
  const request = http.request(address + path, { method, headers: more }, (response) => {
    console.log(new Error("answered").stack);
    response.resume().on("end", done);
  });
  for (const piece of pieces) request.write(piece);
  request.end();
});
let address;
server.listen(0, "127.0.0.1", async () => {
  address = `http://127.0.0.1:${server.address().port}`;
  await fetched("/a?key=1", JSON.stringify({ n: 1, text: "ünï", token: "hush" }));
  await fetched("/list", JSON.stringify([{ n: 2 }, { n: 3 }]));
  await fetched("/a", JSON.stringify({ status: 500 }));
  await requested("/pieces", ['{"n":', "4", "}"]);
  await requested("/pieces", ['{"n":5,"text":"', "x".repeat(100_000), '"}']);
  await requested("/a", ["n=6"], "POST", { "Content-Type": "application/x-www-form-urlencoded" });
  await requested("/a", ["{"], "POST");
  await requested("/socket.io/?EIO=4&transport=polling", ['{"n":7}'], "POST");
  await fetched("/a", undefined, { method: "GET" });
  await fetched("/unread", JSON.stringify({ n: 8, text: "y".repeat(1000) })).catch(() => {});
  server.close();
  server.closeAllConnections?.();
});
"""

NS = [{"n": 1, "text": "ünï", "token": "[redacted]"}, {"n": 2}, {"n": 3}, {"status": 500}, {"n": 4}]


@pytest.fixture(scope="module")
def at_client(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    return observe(POSTS, tmp_path_factory.mktemp("posts"), role="client")


@pytest.fixture(scope="module")
def at_server(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    return observe(POSTS, tmp_path_factory.mktemp("posted"), role="server")


def test_a_client_is_seen_to_post_and_to_be_answered(at_client: Recorded) -> None:
    posts, answers = at_client.of("post"), at_client.of("post_answer")
    assert at_client.is_whole and [p["args"][0] for p in posts[:5]] == NS
    assert [p["event"] for p in posts] == ["/a", "/list", "/list", "/a", "/pieces", "/pieces", "/unread"]
    assert posts[5]["args"][0]["text"] == "x" * 100_000 and posts[5]["bytes"] == 100_017
    assert [a["status"] for a in answers[:6]] == [202, 202, 202, 500, 202, 202]
    assert [(p["event"], p["args"]) for p in posts[:6]] == [(a["event"], a["args"]) for a in answers[:6]]
    order = [r["k"] for r in at_client.records if r["k"].startswith("post")][:3]
    assert order == ["post", "post_answer", "post"]


def test_a_server_is_seen_to_read_what_was_posted_and_to_answer_with_errors(at_server: Recorded) -> None:
    posted = at_server.of("posted")
    assert at_server.is_whole and [p["args"][0] for p in posted[:5]] == NS
    assert [p["event"] for p in posted] == ["/a", "/list", "/list", "/a", "/pieces", "/pieces"]
    failed = [(r["event"], r["status"]) for r in at_server.of("post_failed")]
    assert failed == [("/a", 500), ("/a", 400), ("/unread", 413)]
    assert at_server.of("post") == [] and at_server.of("bye")[-1]["troubles"] == 0


def test_neither_is_on_any_stack_nor_changes_what_is_said(hub: AgentHub, tmp_path: Path) -> None:
    without, as_client = both(POSTS, tmp_path, hub)
    env = environment(hub.path, "server", "server", os.environ)
    as_server = run(POSTS, tmp_path, env)
    assert as_client == without and (as_server.stdout, as_server.stderr) == without[1:]
    assert without[1].count("node:events") >= 4 and without[0] == 0, without[2]


def test_what_is_posted_and_not_answered_yet_is_in_flight(hub: AgentHub, tmp_path: Path) -> None:
    source = """
const http = require("node:http");
const { io } = require("socket.io-client");
require("socket.io");
const open = [];
const server = http.createServer((request, response) => request.on("end", () => open.push(response)).resume());
process.stdin.on("data", (said) => {
  if (String(said).includes("answer")) open.pop().end();
  else open.pop().destroy();
});
process.stdin.on("end", () => process.exit(0));
server.listen(0, "127.0.0.1", () => {
  const post = () => http.request({ port: server.address().port, method: "POST",
    headers: { "Content-Type": "application/json" } }).on("error", () => {}).end("{}");
  post();
  post();
});
"""
    with running(source, tmp_path, hub) as process:

        def in_flight() -> int:
            reply = hub.sync("observed", PATIENCE_S)
            return -1 if reply is None else reply.handlers

        wait_until(lambda: in_flight() == 2)
        assert process.stdin is not None
        for said, left in (("answer\n", 1), ("hang up\n", 0)):
            process.stdin.write(said)
            process.stdin.flush()
            wait_until(lambda left=left: in_flight() == left)  # type: ignore[misc]
