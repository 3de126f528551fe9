"""What works in a server outside of its handlers: told apart from what waits for more work, and from libraries."""

from __future__ import annotations

import asyncio
import functools
import queue
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

import pytest

from harness.taps.agent.site._harness_agent import background

T = TypeVar("T")
PATIENCE_S = 10.0


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine in a thread of its own: the one of the tests may have a loop already."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result(PATIENCE_S * 2)


async def settled(work: Callable[[], Awaitable[object]]) -> int:
    """How many parties are at work once such a task has come as far as it can."""
    task = asyncio.ensure_future(work())
    for _ in range(5):
        await asyncio.sleep(0)
    loops = {asyncio.get_running_loop()}
    try:
        own = {each for each in asyncio.all_tasks() if each is not task}
        return background.working(own, loops, lambda thread: True)
    finally:
        task.cancel()


async def waits_for_work(given: asyncio.Queue[int] | None = None) -> None:
    waiting: asyncio.Queue[int] = given or asyncio.Queue()
    while True:
        await waiting.get()


async def sleeps() -> None:
    await asyncio.sleep(PATIENCE_S)


async def waits_to_be_let() -> None:
    await asyncio.Event().wait()


async def waits_for_another() -> None:
    await sleeps()


async def serves() -> None:
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    async with server:
        await server.serve_forever()


@pytest.mark.parametrize(
    ("work", "count"),
    [(waits_for_work, 0), (serves, 0), (sleeps, 1), (waits_to_be_let, 1), (waits_for_another, 1)],
)
def test_a_task_is_at_work_unless_it_waits_for_more_or_serves(
    work: Callable[[], Awaitable[object]], count: int
) -> None:
    assert run(settled(work)) == count


def test_a_worker_whose_queue_holds_something_is_at_work() -> None:
    async def puts() -> int:
        waiting: asyncio.Queue[int] = asyncio.Queue()
        task = asyncio.ensure_future(waits_for_work(waiting))
        await asyncio.sleep(0)
        assert not background.is_at_work(task)
        waiting.put_nowait(1)
        try:
            return int(background.is_at_work(task))
        finally:
            task.cancel()

    assert run(puts()) == 1


async def own_timer() -> list[int]:
    loop = asyncio.get_running_loop()
    counts = []
    own = asyncio.all_tasks()
    for later in (list[Any]().clear, functools.partial(in_time, 1), in_time):
        timer = loop.call_later(PATIENCE_S, later)
        counts.append(background.working(own, {loop}, lambda thread: True))
        timer.cancel()
    return counts


def in_time(*_: object) -> None:
    """What a target calls later."""


def test_timers_count_where_they_call_the_target_s_own_code() -> None:
    assert run(own_timer()) == [0, 1, 1]


@contextmanager
def thread(target: Callable[[], object], stop: Callable[[], object]) -> Iterator[threading.Thread]:
    started = threading.Thread(target=target, daemon=True)
    started.start()
    try:
        yield started
    finally:
        stop()
        started.join(PATIENCE_S)


def until(condition: Callable[[], bool]) -> bool:
    """Whether it becomes so in time, while threads come as far as they can."""
    ticks, deadline = threading.Event(), time.monotonic() + PATIENCE_S
    while not condition() and time.monotonic() < deadline:
        ticks.wait(0.005)
    return condition()


def test_a_thread_that_waits_for_work_is_idle_and_one_that_works_is_not() -> None:
    waiting: queue.Queue[bool] = queue.Queue()
    let_go = threading.Event()

    def works_off() -> None:
        while waiting.get():
            let_go.wait(PATIENCE_S)

    def end() -> None:
        let_go.set()
        waiting.put(False)

    with thread(works_off, end) as worker:
        assert until(lambda: not background.is_busy(worker))
        waiting.put(True)
        assert until(lambda: background.is_busy(worker))
        assert worker in background.threads()


def test_the_threads_of_an_executor_are_at_work_only_with_something_to_do() -> None:
    let_go = threading.Event()

    def job() -> None:
        let_go.wait(PATIENCE_S)

    before = {*threading.enumerate()}

    def at_work() -> list[threading.Thread]:
        return [each for each in background.threads() if each not in before]

    with ThreadPoolExecutor(1) as pool:
        pool.submit(int).result(PATIENCE_S)
        assert until(lambda: at_work() == [])
        done = pool.submit(job)
        assert until(lambda: len(at_work()) == 1)
        let_go.set()
        done.result(PATIENCE_S)


def test_a_timer_of_the_target_s_own_counts_until_it_has_fired() -> None:
    timer = threading.Timer(PATIENCE_S, in_time)
    timer.start()
    try:
        assert background.is_busy(timer)
    finally:
        timer.cancel()
        timer.join(PATIENCE_S)
    assert not background.is_busy(timer)
