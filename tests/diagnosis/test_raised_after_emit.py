"""A handler that raises after it has emitted: the event is shown, and its CLI waits for the answer in vain."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.model import Hop, Sighting
from harness.model.facts import Acknowledged, HandlerError
from tests.support.ledgers import Story
from tests.support.records import at, said

SYSTEMS = pytest.mark.parametrize(("target", "names"), [("ferry", ("sail", "position")), ("auction", ("open", "bid"))])


def given_up(target: str, names: tuple[str, str], *, raises: bool = True, status: int = 1) -> Story:
    """The second event is emitted to the pages and never answered, and the CLI ends without its session's end."""
    terminal = {"terminal": ("end",), "terminal_ok": ("end",)}
    story = Story("broadcast", target=target, declared=(), panels=(), **terminal).open("A", "B").start("main")
    story.emit("main", *names).drop(said(Acknowledged, key="main/2"))
    if raises:
        sid = next(r.detail["sid"] for r in story.records if isinstance(r, Sighting) and at(Hop.RECEIVED, "main/2")(r))
        error = "TypeError: Object of type date is not JSON serializable"
        story.fact(HandlerError, "server", sid=sid, name=names[1], error=error, where="app.py:9 take")
    return story.wait(2000).end("main", status=status)


@SYSTEMS
def test_what_is_emitted_and_never_answered_is_blamed_on_the_exception(target: str, names: tuple[str, str]) -> None:
    [blame] = given_up(target, names).verdict().blame
    assert (blame.cause, blame.places) == ("handler-raises", ("app.py:9 take",))
    assert str(blame.sentence).startswith("the server's handler emitted main/2, and raised before it answered")


@SYSTEMS
def test_what_is_answered_with_an_error_over_http_is_said_to_be_that(target: str, names: tuple[str, str]) -> None:
    story = Story("broadcast", target=target, declared=(), panels=(), terminal=(), terminal_ok=()).open("A", "B")
    story.start("main").emit("main", *names).end("main").lose("main/2", Hop.ROUTED).drop(at(Hop.ROUTED, "main/2"))
    story.change(at(Hop.RECEIVED, "main/2"), lambda s: replace(s, detail={"path": "/post"}))
    story.fact(HandlerError, "server", sid=None, name="/post", error="it was answered with HTTP 500", where=None)
    [blame] = story.verdict().blame
    said = "the server emitted nothing for what was posted to '/post': it was answered with HTTP 500."
    assert (blame.cause, str(blame.sentence)) == ("handler-raises", said)
    assert "Socket.IO" not in blame.remedy


@SYSTEMS
def test_without_an_exception_or_with_an_answer_it_is_not(target: str, names: tuple[str, str]) -> None:
    silent = [blame.cause for blame in given_up(target, names, raises=False).verdict().blame]
    assert silent == ["never-acknowledged"]
    answered = given_up(target, names).fact(Acknowledged, "cli:main", key="main/2", ok=True)
    assert "handler-raises" not in {blame.cause for blame in answered.verdict().blame}
    well = given_up(target, names, status=0)
    assert "handler-raises" not in {blame.cause for blame in well.verdict().blame}
