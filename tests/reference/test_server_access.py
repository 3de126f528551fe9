"""Passes: a dashboard gets what its pass is for and nothing else; a producer's lets it in once."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from itsdangerous.timed import TimestampSigner

from fixtures.server.access import sign
from tests.support.reference import ROOT, Client, Refused, Server, serving

STRATEGIES = ("broadcast", "subscription", "auto-discovery")


@contextmanager
def guarded(folder: Path, strategy: str, *options: str) -> Iterator[Server]:
    key = str(folder / "key")
    with serving(folder, strategy, "--access-key", key, "--lease-s", "0.3", *options) as server:
        yield server


def let_in(server: Server, role: str, *sessions: str, follow: dict[str, int] | None = None) -> Client:
    token = sign(key_of(server), role, sessions)
    return Client(server.url, {"role": role, "token": token, "follow": follow or {}})


def key_of(server: Server) -> str:
    return (server.token_file.parent / "key").read_text().strip()


def refusal(server: Server, role: str, token: object) -> str:
    with pytest.raises(Refused) as refused:
        Client(server.url, {"role": role, "token": token})
    return str(refused.value.args[0]["data"]["code"])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with guarded(tmp_path_factory.mktemp("guarded"), "broadcast") as running:
        yield running


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_who_may_see_one_session_gets_nothing_of_another(tmp_path: Path, strategy: str) -> None:
    with guarded(tmp_path, strategy) as server, let_in(server, "producer", "a", "b") as producer:
        both = ("a", "b")
        early = let_in(server, "dashboard", "a", follow=dict.fromkeys(both, 0))
        for session in both:
            assert producer.open(session)["ok"]
        if strategy != "broadcast":
            assert early.ask("subscribe", {"session": "a"})["ok"]
            for asked in ("b", "never-opened"):
                answer = early.ask("subscribe", {"session": asked, "wait": True})
                assert answer["error"]["code"] == "forbidden", "whether there is such a session or not"
        for session in both:
            assert producer.publish(session, 1)["ok"]
        late = let_in(server, "dashboard", "a", follow=dict.fromkeys(both, 0))
        all_of_it = let_in(server, "dashboard", "*", follow=dict.fromkeys(both, 0))
        for session in both:
            assert producer.publish(session, 2)["ok"]
            assert producer.end(session)["ok"]
        for dashboard in (early, late):
            assert dashboard.catch_up().seqs("a") == [1, 2]
            assert "b" not in str(dashboard.events).replace("broadcast", "").replace("subscription", "").split("'")
        assert [all_of_it.catch_up().seqs(session) for session in both] == [[1, 2], [1, 2]]
        assert any(body.get("session") == "b" for _, body in all_of_it.events if body.get("status")), "its end, too"
        for each in (early, late, all_of_it):
            each.close()


@pytest.mark.parametrize("role", ["producer", "dashboard"])
def test_wrong_missing_and_expired_passes_let_no_client_in(
    server: Server, role: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = "dashboard" if role == "producer" else "producer"
    good = sign(key_of(server), role, ["*"])
    for wrong in (None, "", 5, "guess", "\ud800", good[:-2], f"x{good}", sign("another key", role, ["*"])):
        assert refusal(server, role, wrong) == "bad-token"
    assert refusal(server, role, sign(key_of(server), other, ["*"])) == "bad-token"
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda self: int(time.time()) - 7_200)
    old = sign(key_of(server), role, ["*"])
    assert refusal(server, role, old) == "expired-token"
    assert not [each for each in (good, old, key_of(server)) if each in server.log or each[:20] in server.log]
    assert "expired-token" in server.log


def test_a_producer_s_pass_is_used_once(server: Server) -> None:
    token = sign(key_of(server), "producer", ["mine"])
    auth = {"role": "producer", "token": token}
    with Client(server.url, auth) as producer:
        assert producer.open("mine")["ok"]
        assert producer.open("yours")["error"]["code"] == "forbidden"
        assert refusal(server, "producer", token) == "replayed-token", "while it is connected"
        assert producer.publish("mine", 1)["ok"]
        with let_in(server, "dashboard", "mine") as watching:
            producer.drop()
            producer.close()
            watching.catch_up()
            again = connected_again(server, auth)
            assert again.open("mine", resume=True) == {"ok": True, "session": "mine", "seq": 1}
            assert again.end("mine")["ok"]
            again.close()
        assert refusal(server, "producer", token) == "replayed-token", "once its session has ended"
    assert token not in server.log


def connected_again(server: Server, auth: dict[str, str]) -> Client:
    """The server has to notice that the former connection is gone."""
    deadline = time.monotonic() + 10
    while True:
        try:
            return Client(server.url, auth)
        except Refused:
            assert time.monotonic() < deadline


def test_a_server_with_an_access_key_needs_more_than_the_producers_token(server: Server) -> None:
    with pytest.raises(Refused):
        server.producer()


def test_a_pass_is_written_for_its_owner_alone_and_never_printed(tmp_path: Path) -> None:
    out, key = tmp_path / "pass", tmp_path / "key"
    argv = [sys.executable, "-m", "fixtures.server.access", str(out), "--access-key", str(key)]
    done = subprocess.run([*argv, "--session", "a"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert {path.stat().st_mode & 0o777 for path in (out, key)} == {0o600}
    again = subprocess.run([*argv, "--session", "a"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert again.returncode == 2 and "exists" in again.stderr
    for wrong in ([], ["--session", "a b"]):
        assert subprocess.run([*argv, *wrong], cwd=ROOT, capture_output=True, check=False).returncode == 2
