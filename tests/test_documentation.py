"""What the documentation shows is run: commands, code and reference; and its site loads nothing from outside."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast
from xml.etree import ElementTree

import pytest
from playwright.sync_api import expect

from harness.commands.manual import markdown
from harness.commands.parser import parser
from harness.diagnosis import diagnose, rules
from harness.extensions import CAUSE, FAULT, STRATEGY, TAP, check
from harness.faults import injected
from harness.judge.judge import judge_evidence
from harness.launch.resources import Resources
from harness.model import Hop, Level, Record, Sighting
from harness.model.facts import CliMessage
from harness.record.evidence import Evidence
from harness.record.identity import Envelope
from harness.reporting.catalogue import page
from harness.taps.agent import AgentHub
from harness.taps.seen_by import Place
from tests.reference.test_dashboard_page import violations
from tests.support.catalogue import examples
from tests.support.history import clean, from_hop
from tests.support.inner import ALONE

ROOT = Path(__file__).resolve().parent.parent
PAGES = [*sorted((ROOT / "docs").glob("*.md")), ROOT / "README.md"]
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")


def blocks(page: Path, language: str) -> Iterator[str]:
    """The fenced blocks of a language, without their comments and continued lines joined."""
    for found in re.finditer(rf"^```{language}\b[^\n]*\n(.*?)^```", page.read_text("utf-8"), re.S | re.M):
        yield found[1].replace("\\\n", " ")


def shown_commands() -> list[tuple[str, str]]:
    """Page and command, of every line that calls make or harness."""
    lines = ((page.name, line.strip()) for page in PAGES for block in blocks(page, "sh") for line in block.splitlines())
    return [(page, line) for page, line in lines if re.match(r"(\.venv/bin/)?(harness|make)\b", line)]


@pytest.mark.parametrize(("page", "line"), shown_commands())
def test_the_commands_that_pages_show_are_there(page: str, line: str) -> None:
    program, *arguments = shlex.split(line, comments=True)
    if program == "make":
        targets = [each for each in arguments if "=" not in each]
        assert [each for each in targets if not re.search(rf"^{each}:", MAKEFILE, re.M)] == []
    else:
        try:
            parser().parse_args(arguments)
        except SystemExit as error:
            if error.code != 0:
                pytest.fail(f"{page} shows a command that is refused: {line}")


def test_pages_show_commands() -> None:
    assert len(shown_commands()) > 5


SPANS = re.compile(r"`([^`\n]+)`")
PLACES = re.compile(r"(?<![\w./-])(?:harness|tests|docs|fixtures|scenarios|bench|findings|\.setup|\.site)/[\w./-]*\w")
FUNCTIONS = re.compile(r"(fixtures/(?:server|cli)/[\w/]+\.py):\d+ (\w+)")


@pytest.mark.parametrize(
    "page", [*PAGES, ROOT / "ARCHITECTURE.md", ROOT / "reports" / "README.md"], ids=lambda page: page.name
)
def test_the_files_and_commands_that_a_page_names_are_there(page: Path) -> None:
    text = page.read_text("utf-8")
    places = {place for span in SPANS.findall(text) for place in PLACES.findall(span)}
    assert [place for place in sorted(places) if not (ROOT / place).exists()] == []
    told = [(file, name) for file, name in FUNCTIONS.findall(text) if f"def {name}(" not in (ROOT / file).read_text()]
    assert told == []
    commands = {found[1] for span in SPANS.findall(text) if (found := re.match(r"harness ([a-z]+)\b", span))}
    assert commands - parser().commands.keys() == set()


def test_the_reference_of_the_commands_is_current() -> None:
    assert (ROOT / "docs" / "commands.md").read_text("utf-8") == markdown(parser()), "run `make docs`"


def test_the_page_of_causes_is_that_of_the_rules() -> None:
    assert (ROOT / "docs" / "causes.md").read_text("utf-8") == page(rules().values(), examples()), "run `make docs`"


def module(page: str, monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    """The code that a page shows, as a module."""
    (code,) = blocks(ROOT / "docs" / page, "python")
    made = types.ModuleType("shown")
    monkeypatch.setitem(sys.modules, "shown", made)
    exec(compile(code, page, "exec"), made.__dict__)
    return made


def test_the_strategy_shown_owes_dashboard_a_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = module("write-a-strategy.md", monkeypatch).STRATEGY
    check(STRATEGY, shown, "on-duty", "shown")
    owed = {(each.dashboard, each.level) for each in shown.expectations(Evidence(clean().ledger()))}
    assert owed == {("A", Level.MUST), ("B", Level.MAY)}


def test_the_cause_shown_is_named_where_its_evidence_is(monkeypatch: pytest.MonkeyPatch) -> None:
    rule = module("write-a-cause.md", monkeypatch).RULE
    check(CAUSE, rule, "degraded-mode", "shown")
    history = clean().without(from_hop(Hop.ROUTED))
    assert causes(rule, history.ledger()) == set(), "nothing is guessed"
    history.tell(CliMessage, "cli:main", text="the server is degraded")
    assert causes(rule, history.ledger()) == {"degraded-mode"}


def causes(rule: Any, ledger: Any) -> set[str]:
    evidence = Evidence(ledger)
    blames = diagnose(evidence, judge_evidence(evidence), {rule.name: rule}).blame
    return {each.cause for each in blames} & {rule.name}


class Paper:
    """A system that writes one log line."""

    folder, server_url = Path(), ""

    def __init__(self) -> None:
        self.before_log_write: Callable[[], None] = lambda: None

    def redirect(self, url: str | None) -> None:
        """No browser is open that could be sent anywhere."""


def test_the_fault_shown_says_what_it_did(monkeypatch: pytest.MonkeyPatch) -> None:
    fault = module("write-a-fault.md", monkeypatch).FAULT
    check(FAULT, fault, "jittery-logs", "shown")
    system = Paper()
    with injected([fault], system, "seed") as effects:
        system.before_log_write()
    assert effects["jittery-logs"].count == 1


@pytest.mark.parametrize(
    ("lines", "why", "count"),
    [
        (None, "the producer kept no journal", 0),
        ([], "the journal has no end", 0),
        ([{"name": "step", "data": {"seq": 1}, "at_ns": 5}], "the journal has no end", 1),
        ([{"name": "step", "data": {"seq": 1}, "at_ns": 5}, {"sent": 2}], "the journal has no end", 1),
        ([{"name": "step", "data": {"seq": 1}, "at_ns": 5}, {"sent": 1}], None, 1),
    ],
)
def test_the_tap_shown_is_believed_with_a_whole_journal_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, lines: list[Any] | None, why: str | None, count: int
) -> None:
    written: list[Record] = []
    tap = module("write-a-tap.md", monkeypatch).TAP
    check(TAP, tap, "sent-journal", "shown")
    sides = Envelope(None, None, None, "seq", "").read
    hub = cast("AgentHub", None)  # not needed by this tap
    place = Place("cli:main", "cli:main@s", "s", tmp_path, sides, sides, written.append, hub, lambda: None)
    probe = tap.at_client(place)
    if lines is not None:
        journal = Path(probe.environment({"A": "1"})["JOURNAL"])
        journal.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert probe.conclude(False, 1) == why
    assert [each.hop for each in written if isinstance(each, Sighting)] == [Hop.SENT] * count


@pytest.mark.slow
def test_the_test_shown_fails_with_the_room_mismatch(tmp_path: Path) -> None:
    (code,) = blocks(ROOT / "docs" / "room-mismatch.md", "python")
    (tmp_path / "test_mine.py").write_text(code)
    argv = [sys.executable, "-m", "pytest", "-q", *ALONE, "-c", "/dev/null", f"--rootdir={tmp_path}"]
    done = subprocess.run(
        [*argv, f"--basetemp={tmp_path / 'runs'}", str(tmp_path / "test_mine.py")],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert "cause: room-mismatch" in done.stdout, done.stdout
    assert "1 failed" in done.stdout


LOADS = re.compile(r"""<(?:script|link|img|iframe)\b[^>]*?(?:src|href)=["']?((?:https?:)?//[^"'\s>]+)""")


def test_the_site_loads_nothing_from_outside_is_searched_offline_and_is_accessible(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if shutil.which("mkdocs", path=str(Path(sys.executable).parent)) is None:
        pytest.skip("the documentation's generator is not installed: make docs installs it")
    argv = [
        sys.executable,
        "-m",
        "mkdocs",
        "build",
        "-f",
        ".site/mkdocs.yml",
        "--quiet",
        "--strict",
        f"--site-dir={tmp_path / 'site'}",
    ]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    pages = list((tmp_path / "site").rglob("*.html"))
    assert len(pages) > 10
    loaded = {url for page in pages for url in LOADS.findall(page.read_text("utf-8"))}
    assert loaded == set()
    assert ElementTree.parse(tmp_path / "site" / "sitemap.xml").getroot().tag.endswith("urlset")
    assert "There is no such page here" in (tmp_path / "site" / "404.html").read_text("utf-8")
    resources: Resources = request.getfixturevalue("harness_resources")
    with resources.browser.new_context(offline=True) as context:  # from a folder, where a browser starts no worker
        page = context.new_page()
        page.goto((tmp_path / "site" / "index.html").as_uri())
        page.keyboard.press("/")
        page.locator(".md-search__input").press_sequentially("room-mismatch")
        expect(page.locator(".md-search-result__item", has_text="The room mismatch, reproduced").first).to_be_visible()
    for scheme, width in (("light", 1440), ("dark", 390)):
        look: Any = {"viewport": {"width": width, "height": 900}, "color_scheme": scheme}
        with resources.browser.new_context(bypass_csp=True, **look) as context:
            page = context.new_page()
            for name in ("index", "write-a-tap", "worlds"):
                page.goto((tmp_path / "site" / f"{name}.html").as_uri())
                page.locator(".md-code__nav, .md-typeset__scrollwrap").first.wait_for()  # made by the theme's script
                assert violations(page) == []
                assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_pictures_load_nothing() -> None:
    for path in (ROOT / "docs" / "images").glob("*.svg"):
        assert re.findall(r"url\(|xlink:href|<image|<script", path.read_text("utf-8").replace("url(#", "")) == []
