"""Ports that are chosen for processes: nobody else is given them, neither by a harness nor by the system."""

from __future__ import annotations

import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from harness.launch import ports
from harness.launch.ports import NoPort, claimed_port
from tests.support.claims import is_claimed

needs_claims = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="ports are claimed on Linux alone")

ANOTHER = """
from harness.launch import ports
ports.ENOUGH, ports.LOWEST, ports.HIGHEST, ports.TRIES = 2, {first}, {first} + 2, 3
with ports.claimed_port() as port:
    print(port)
"""


def few(monkeypatch: pytest.MonkeyPatch, first: int) -> None:
    """Three ports to choose from."""
    for name, value in {"LOWEST": first, "HIGHEST": first + 2, "ENOUGH": 2, "TRIES": 3}.items():
        monkeypatch.setattr(ports, name, value)


@pytest.fixture
def first() -> int:
    """The first of three ports that are free."""
    for port in range(ports.LOWEST + 3000, ports.HIGHEST, 3):
        if all(ports._free(port + number) and not is_claimed(port + number) for number in range(3)):
            return port
    pytest.skip("no three free ports in a row")


def test_a_port_is_none_that_the_system_hands_out() -> None:
    first, _ = (int(port) for port in ports.HANDED_OUT.read_text("utf-8").split())
    if first - ports.LOWEST < ports.ENOUGH:
        pytest.skip("this machine hands out all ports")
    with claimed_port() as port:
        assert ports.LOWEST <= port < first


@needs_claims
def test_no_two_harnesses_choose_the_same(monkeypatch: pytest.MonkeyPatch, first: int) -> None:
    few(monkeypatch, first)
    with ExitStack() as claims:
        ours = {claims.enter_context(claimed_port()) for _ in range(2)}
        told = subprocess.run(
            [sys.executable, "-c", ANOTHER.format(first=first)], capture_output=True, text=True, check=True
        ).stdout
        assert len(ours) == 2 and {*ours, int(told)} == {first, first + 1, first + 2}
        with claimed_port(), pytest.raises(NoPort, match=f"no port from {first} to {first + 2} is free"):
            claims.enter_context(claimed_port())
    assert not any(is_claimed(port) for port in ours)


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "::1"])
def test_a_port_with_a_listener_is_not_chosen(monkeypatch: pytest.MonkeyPatch, first: int, host: str) -> None:
    if ":" in host and not socket.has_dualstack_ipv6():
        pytest.skip("no IPv6 here")
    few(monkeypatch, first)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, first), family=family), claimed_port() as one, claimed_port() as other:
        assert {one, other} == {first + 1, first + 2}


def test_where_the_system_hands_out_nearly_all_any_free_one_is_taken(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    wide = tmp_path / "ip_local_port_range"
    wide.write_text("1024\t65535\n", "utf-8")
    monkeypatch.setattr(ports, "HANDED_OUT", wide)
    with claimed_port() as one, claimed_port() as other:
        assert one != other
        with socket.create_server(("127.0.0.1", one)), socket.create_server(("127.0.0.1", other)):
            pass
