"""Secrets: compared first, and in nothing that is kept; not by name, not by value, and not in another encoding."""

from __future__ import annotations

import base64
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.judging import judge_folder
from harness.launch.recordings import Recording
from harness.launch.resources import Resources
from harness.launch.stack import Stack
from harness.lib.secrets import MASKED
from harness.locations import RUNS_SETTING
from harness.model import Event, Fact, Hop, Kind, Record, Sighting, Told
from harness.model.facts import CliMessage, CliStarted, Requested
from harness.record.ledger import find, read
from harness.record.masking import SHORTEST, Mask, encodings
from harness.reporting.document import document
from harness.run.run import Run
from harness.run.workloads._items import Item
from harness.target.reference import reference
from harness.verify import perform

SECRET = 'h&rd to/gue"ss é 7319'
OTHER = "sk-live-0123456789abcdef"
FROM_OUTSIDE = "from the <environment> 42"


def event(data: object) -> Sighting:
    return Sighting(Hop.EMITTED, Event("s/1", "a:b", "s", 1, "d", Told(data)), "cli:main", 1, 1)


def kept(mask: Mask, record: Record) -> str:
    masked = mask.record(record)
    return f"{masked!r} {masked.event.told.data if isinstance(masked, Sighting) and masked.event.told else ''}"


def test_a_value_under_a_secret_s_name_is_hidden_there_and_everywhere_after() -> None:
    mask = Mask(["pin"])
    said = Fact("cli:main", 1, 1, CliMessage(f"using {SECRET}, that is {quote(SECRET)}"))
    assert SECRET in kept(mask, said), "it is not known yet"
    shown = kept(mask, event({"deep": [{"apiKey": SECRET, "PIN code": "0000"}], "note": f"with {SECRET}!"}))
    assert SECRET not in shown and "0000" not in shown and "with (redacted " in shown
    assert SECRET not in kept(mask, said) and quote(SECRET) not in kept(mask, said)


def test_alike_values_look_alike_within_a_run_and_not_across_runs() -> None:
    first, second = Mask(values=[SECRET]), Mask(values=[SECRET])
    assert first.text(SECRET) == first.text(SECRET) == first.text(quote(SECRET)) != second.text(SECRET)
    assert first.text(SECRET).startswith(MASKED)


def test_options_and_what_a_pattern_finds_are_hidden() -> None:
    mask = Mask(patterns=[r"sk-live-\w+", r"key=(\w+)"])
    started = Fact(
        "cli:main", 1, 1, CliStarted(("x", "--token", SECRET, f"--password={OTHER}x", "--token-file", "/tmp/f"), "/")
    )
    shown = kept(mask, started)
    assert SECRET not in shown and OTHER not in shown and "/tmp/f" in shown
    assert "abcdefgh" not in mask.text("?key=abcdefgh&x=1") and OTHER not in mask.text(f"<{OTHER}>")
    assert OTHER not in kept(mask, Fact("server", 1, 1, Requested("a", [{"x": [OTHER]}], None, None)))


@given(st.text(min_size=SHORTEST, max_size=20), st.text(max_size=30), st.text(max_size=30))
def test_no_encoding_of_a_secret_is_left_in_a_text(value: str, before: str, after: str) -> None:
    if value.startswith(MASKED) or value in f"{before}{after}{MASKED} 0123456789abcdef)":
        return
    mask = Mask(values=[value])
    for form in encodings(value):
        assert form not in mask.text(f"\n{before}\n{form}\n{after}\n") or form in f"\n{before}\n{after}\n"


def test_short_values_stand_elsewhere_by_chance() -> None:
    mask = Mask(values=["on", "true"])
    assert mask.text("it is on, that is true") == "it is on, that is true"


class Telling:
    """A workload whose events carry secrets, and whose page is told some."""

    name, properties, needs_pipe, dashboards = "broadcast", ("P1", "P2", "P8"), True, ("A",)

    def perform(self, run: Run) -> None:
        [page] = run.open_dashboards("A")
        cli = run.pipe("main", run.main)
        page.page.evaluate("text => console.error(text)", f"before it is known to be one: {SECRET}")
        run.drain()
        run.flush()
        data = {"session_token": SECRET, "note": f"with {SECRET} and {OTHER}", "plain": "not a secret at all"}
        cli.publish([Item("skill:started", data), Item("execution:completed", {"note": FROM_OUTSIDE})])
        run.wait_routed(run.main, 2)
        page.page.evaluate("text => console.error(text)", f"{quote(SECRET)} {OTHER}")
        cli.finish()
        run.flush()
        encoded = base64.b64encode(SECRET.encode()).decode()
        (run.folder / "logs" / "more.log").write_text(f"{json.dumps(SECRET)} {encoded} {FROM_OUTSIDE}")


def everything(folder: Path) -> Iterator[tuple[str, bytes]]:
    for file in sorted(folder.rglob("*")):
        if file.suffix == ".zip":
            with zipfile.ZipFile(file) as packed:
                yield from ((f"{file}:{name}", packed.read(name)) for name in packed.namelist())
        elif file.is_file() and file.suffix not in (".png", ".webm"):
            yield str(file.relative_to(folder)), file.read_bytes()


def test_planted_secrets_are_in_nothing_that_a_run_keeps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(RUNS_SETTING, str(tmp_path / "runs"))
    monkeypatch.setenv("PLANTED_API_KEY", FROM_OUTSIDE)
    target = reference()
    object.__setattr__(target, "secret_patterns", (r"sk-live-\w+",))
    with (
        Resources(recording=Recording(trace=True)) as resources,
        Stack(target, "broadcast", resources).start(lambda: resources.browser) as stack,
    ):
        judged = perform(stack, "broadcast", Telling())
    (judged.folder / "output.json").write_text(json.dumps(document([judged.document])))
    shown = read(find(judged.folder))
    assert any("not a secret at all" in repr(payload) for payload in shown.payloads.values()), "the rest is kept"
    forms = {form for value in (SECRET, OTHER, FROM_OUTSIDE) for form in encodings(value)}
    found = [(name, form) for name, data in everything(judged.folder) for form in forms if form.encode() in data]
    assert found == []
    assert not [o for o in judged.verdict.outcomes if o.kind in (Kind.CORRUPTED, Kind.MISRENDERED, Kind.LOST)]
    again = judge_folder(judged.folder)
    assert (again.verdict.answer, again.verdict.outcomes) == (judged.verdict.answer, judged.verdict.outcomes)
