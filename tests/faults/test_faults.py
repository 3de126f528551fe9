"""Faults do what they say, say what they did, and leave nothing running."""

from __future__ import annotations

import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import pytest

from harness.faults import (
    Effect,
    IdleFault,
    Injected,
    System,
    cpu_starvation,
    delayed_frames,
    faults,
    injected,
    slow_logs,
)
from harness.launch.processes import Child


class Paper:
    """A system that is nothing but what a fault may take hold of."""

    def __init__(self, folder: Path, server_url: str = "http://127.0.0.1:1") -> None:
        self.folder, self.server_url = folder, server_url
        self.told: str | None = None
        self.before_log_write: Callable[[], None] = lambda: None

    def redirect(self, url: str | None) -> None:
        self.told = url


@contextmanager
def echo() -> Iterator[str]:
    """A server that sends everything back, and ends the connection after `bye`."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection:
                    while piece := connection.recv(1 << 16):
                        connection.sendall(piece)
                        if piece.endswith(b"bye"):
                            break

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        listening.shutdown(socket.SHUT_RDWR)
    thread.join(5)


def connect(url: str | None) -> socket.socket:
    assert url is not None
    return socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), timeout=10)


def read(connection: socket.socket, size: int) -> bytes:
    found = b""
    while len(found) < size and (piece := connection.recv(size - len(found))):
        found += piece
    return found


def test_the_harness_has_these_faults() -> None:
    assert {"cpu-starvation", "slow-logs", "delayed-frames"} <= set(faults())


def test_frames_are_late_and_in_order_both_ways_and_the_relay_goes_with_the_fault(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    with echo() as url:
        paper = Paper(tmp_path, url)
        fault = delayed_frames.FAULT.inject(paper, Random(1))
        assert paper.told not in (None, url)
        with connect(paper.told) as client:
            began = time.monotonic()
            client.sendall(b"0")
            assert read(client, 1) == b"0"
            took_s = time.monotonic() - began
            sent = b"".join(b"%05d" % number for number in range(2000))
            for start in range(0, len(sent), 500):
                client.sendall(sent[start : start + 500])
            assert read(client, len(sent)) == sent
            address = paper.told
            effect = fault.heal()
            assert client.recv(1) == b""
        assert paper.told is None
        assert effect.count >= 4
        assert 0 < effect.seconds / effect.count <= delayed_frames.MOST_S
        assert took_s > 0.01, "two pieces at a typical delay of 15 ms at least"
        with pytest.raises(ConnectionRefusedError):
            connect(address)
    assert set(threading.enumerate()) <= before


def test_an_end_of_the_server_reaches_the_client_after_all_that_was_sent(tmp_path: Path) -> None:
    with echo() as url:
        paper = Paper(tmp_path, url)
        fault = delayed_frames.FAULT.inject(paper, Random(1))
        with connect(paper.told) as client:
            client.sendall(b"good bye")
            assert read(client, 100) == b"good bye"
        with connect(paper.told) as client:
            client.sendall(b"once more")
            assert read(client, 9) == b"once more"
        fault.heal()


def test_a_relay_to_a_server_that_is_away_ends_the_connection_as_the_server_would(tmp_path: Path) -> None:
    paper = Paper(tmp_path)
    fault = delayed_frames.FAULT.inject(paper, Random(1))
    with connect(paper.told) as client:
        assert client.recv(1) == b""
    assert fault.heal().count == 0


def test_log_lines_are_held_back_and_then_let_go(tmp_path: Path) -> None:
    paper = Paper(tmp_path)
    fault = slow_logs.FAULT.inject(paper, Random(1))
    argv = [sys.executable, "-c", "for number in range(30): print(number)"]
    began = time.monotonic()
    with Child("printer", argv, log=tmp_path / "log", before_write=lambda: paper.before_log_write()) as child:
        assert child.wait(30) == 0
    took_s, effect = time.monotonic() - began, fault.heal()
    assert effect.count == 30
    assert 0 < effect.seconds <= took_s
    assert (tmp_path / "log").read_text().split() == [str(number) for number in range(30)]
    paper.before_log_write()
    assert fault.heal() == effect, "nothing is held back any more"


def test_busy_processes_take_processor_time_and_end_with_the_fault(tmp_path: Path) -> None:
    fault = cpu_starvation.FAULT.inject(Paper(tmp_path), Random(1))
    effect = fault.heal()
    assert effect.count >= 1
    assert effect.seconds > 0
    assert all(child.status is not None for child in fault._children)


def test_a_busy_process_is_bounded(tmp_path: Path) -> None:
    argv = [sys.executable, "-c", cpu_starvation.SPIN, "0.05"]
    with Child("busy", argv, log=tmp_path / "log", stdin=True) as child:
        assert float(child.wait_line(r"^spun (\S+)$", 30)[1]) > 0
        assert child.wait(30) == 0


class Fault:
    """A fault with an effect of its own choice."""

    name, does = "mine", "nothing much"

    def __init__(self, count: int) -> None:
        self.count, self.healed = count, 0

    def inject(self, system: System, random: Random) -> Injected:
        self.first = random.random()
        return self

    def heal(self) -> Effect:
        self.healed += 1
        return Effect(self.count, 0.5, "things")


def test_effects_are_known_after_the_block(tmp_path: Path) -> None:
    fault = Fault(3)
    with injected([fault], Paper(tmp_path), "7/1") as effects:
        assert effects == {}
    assert effects == {"mine": Effect(3, 0.5, "things")}


def test_a_fault_that_does_nothing_is_refused(tmp_path: Path) -> None:
    wanted = "mine was on for a whole run and did nothing"
    with pytest.raises(IdleFault, match=wanted), injected([Fault(0)], Paper(tmp_path), "7/1"):
        pass


def test_faults_are_healed_whatever_happens_and_the_first_error_is_told(tmp_path: Path) -> None:
    one, other = Fault(0), Fault(1)
    other.name = "other"
    with pytest.raises(ZeroDivisionError), injected([one, other], Paper(tmp_path), "7/1"):
        raise ZeroDivisionError
    assert (one.healed, other.healed) == (1, 1)


def test_the_same_seed_makes_the_same_choices(tmp_path: Path) -> None:
    found = []
    for seed in ("7/1", "7/1", "7/2"):
        fault = Fault(1)
        with injected([fault], Paper(tmp_path), seed):
            found.append(fault.first)
    assert found[0] == found[1] != found[2]
