"""Each kind of fact is a frozen class, told in a ledger under its name, and asked by its fields alone."""

from __future__ import annotations

import json
from dataclasses import MISSING, FrozenInstanceError, fields
from pathlib import Path
from typing import Any, get_type_hints

import pytest

from harness.model import Body, Hop
from harness.model.facts import KINDS, Acknowledged, ClientRefused, CliExited, Refused
from harness.record.plain import plain
from harness.record.typed import reader
from tests.support.untyped import accesses

ROOT = Path(__file__).resolve().parents[2] / "harness"

PARTS = sorted(each for each in ROOT.iterdir() if each.suffix == ".py" or (each / "__init__.py").is_file())

NAMES = {
    "acknowledged", "act", "action", "answer", "background-error", "begun", "blocked", "broken-off",
    "cli-exited", "cli-message",
    "cli-session", "cli-started", "client-connected", "client-disconnected", "client-refused", "clock", "connected",
    "counter", "disconnected", "entitled", "fault", "fence", "handler-error", "handler-runs", "in-flight",
    "joined", "late-handler",
    "left", "listens", "members",
    "never-awaited", "no-handler", "notice", "notice-routed", "page-closed", "page-connected", "page-error",
    "page-intrusion",
    "page-loaded", "page-own",
    "frame-unread", "page-listens",
    "page-refused", "panel", "post-dropped", "process-ended", "published", "refused", "request", "row-again",
    "screenshot", "server-started",
    "server-stopped", "spent", "starved", "status", "step-blocked", "still", "stranger", "overheard", "tap",
    "unrouted", "unserved-emit", "view",
    "window",
}  # fmt: skip
"""What stored ledgers have: none of these names may change."""


def test_kinds_have_the_names_that_stored_ledgers_have() -> None:
    assert set(KINDS) == NAMES


EXAMPLES: dict[Any, Any] = {
    str: "a", int: 7, float: 1.5, bool: True, tuple[str, ...]: ["a", "b"], tuple[Hop, ...]: [int(Hop.SENT)],
}  # fmt: skip


def least(body: type[Body]) -> dict[str, Any]:
    """The least that a ledger says of a kind: an example for each field without a default."""
    hints = get_type_hints(body)
    required = [each.name for each in fields(body) if each.default is MISSING and each.default_factory is MISSING]
    return {name: EXAMPLES.get(hints[name]) for name in required}


@pytest.mark.parametrize("kind", KINDS)
def test_a_body_is_read_from_the_least_that_a_ledger_says_and_written_as_it_was(kind: str) -> None:
    said = least(KINDS[kind])
    body = reader(KINDS[kind])(said)
    assert json.loads(json.dumps(plain(body))) == said
    assert hash(type(body)) and KINDS[kind].__doc__


@pytest.mark.parametrize("kind", KINDS)
def test_a_body_is_frozen(kind: str) -> None:
    body = reader(KINDS[kind])(least(KINDS[kind]))
    with pytest.raises((FrozenInstanceError, TypeError, AttributeError)):
        body.added = 1  # type: ignore[attr-defined]


def test_a_refusal_is_known_by_its_code_from_any_observer() -> None:
    answer = {"message": "no", "data": {"code": "bad-token"}}
    assert ClientRefused(answer).code == Refused("no", data={"code": "bad-token"}).code == "bad-token"
    assert ClientRefused("closed").code == Refused("closed").code == "closed"
    assert ClientRefused({"data": {"code": 7}}).code == str({"data": {"code": 7}})
    assert ClientRefused().code == Refused().code == ""


@pytest.mark.parametrize(
    ("status", "killed", "died"), [(0, False, False), (3, False, False), (-9, False, True), (0, True, True)]
)
def test_who_was_killed_or_ended_by_a_signal_has_died(status: int, killed: bool, died: bool) -> None:
    assert CliExited(status, killed).has_died is died


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_facts_are_asked_by_their_fields(part: Path) -> None:
    modules = [part] if part.suffix == ".py" else sorted(part.rglob("*.py"))
    foreign = [each for each in modules if "site" in each.parts or "templates" in each.parts]  # run without the harness
    assert [line for each in modules if each not in foreign for line in accesses(each)] == []


@pytest.mark.parametrize(
    "source",
    [
        "why = fact.data['why']",
        "why = fact.data.get('why')",
        "why = found[-1].body['why']",
        "why = fact.body.get('why')",
        "told = {**{name: value for name, value in fact.body.items()}}",
        "why = plain(fact.body)['why']",
        "why = asdict(fact.body).get('why')",
        "why = getattr(fact.body, name)",
    ],
)
def test_a_module_that_asks_by_a_name_is_found(source: str, tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text(source)
    assert len([*accesses(module)]) == 1


@pytest.mark.parametrize(
    "source",
    ["why = fact.body.why", "data = self.data or 'data'", "told = plain(fact.body)", "first = fact.body.args[0]"],
)
def test_a_module_that_asks_by_fields_is_not(source: str, tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text(source)
    assert [*accesses(module)] == []


def test_an_event_that_could_not_be_sent_was_not_answered() -> None:
    assert Acknowledged("main/1", False, "not sent: BadNamespaceError").never_left
    assert not Acknowledged("main/1", False, "too-large").never_left
    assert not Acknowledged("main/1", True).never_left
