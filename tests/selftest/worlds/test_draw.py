"""Worlds are drawn: the same from the same seed, of parts that go together, with the share of bugs that is said."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from harness.selftest.worlds import draw as drawing
from harness.selftest.worlds.build import TEMPLATES, build, files, settings
from harness.selftest.worlds.draw import ASIDE_MECHANISMS, ASIDE_PARTS, draw, to_dict, uses_aside
from harness.selftest.worlds.mechanisms import ALL, fitting
from harness.selftest.worlds.parts import OPTIONS, TEMPLATE_KINDS, conflict, seen_hops
from harness.target.file import load

WORLDS = [draw(seed) for seed in range(1000)]


def test_the_same_seed_gives_the_same_world_and_another_seed_another() -> None:
    assert [draw(seed) for seed in range(50)] == WORLDS[:50]
    assert len({json.dumps(to_dict(world) | {"seed": 0}) for world in WORLDS}) > 950


def test_a_third_has_no_bug_and_a_tenth_two_at_different_hops() -> None:
    counts = Counter(len(world.bugs) for world in WORLDS)
    assert 0.30 < counts[0] / len(WORLDS) < 0.37
    assert 0.07 < counts[2] / len(WORLDS) < 0.13
    assert all(len({bug.mechanism.hop for bug in world.bugs}) == len(world.bugs) for world in WORLDS)


def test_every_member_of_every_kind_and_every_bug_is_drawn() -> None:
    for kind, members in OPTIONS.items():
        assert {getattr(world.parts, kind) for world in WORLDS} == set(members)
    offered = {each.id for world in WORLDS for each in fitting(world.parts)}
    assert offered == {each.id for each in ALL}
    assert len({bug.mechanism.id for world in WORLDS for bug in world.bugs}) > 0.9 * len(ALL)


def test_parts_go_together_and_bugs_fit_them() -> None:
    for world in WORLDS:
        assert conflict(world.parts) is None
        assert all(bug.mechanism.fits(world.parts) for bug in world.bugs)
        assert {mark for bug in world.bugs for mark in bug.events} <= set(world.marks)


def test_a_third_of_the_bugs_and_one_of_each_kind_are_in_no_training_world() -> None:
    assert len(ASIDE_MECHANISMS) == pytest.approx(len(ALL) / 3, abs=4)  # some were set aside until a rule was mended
    assert set(ASIDE_PARTS) == set(TEMPLATE_KINDS)
    assert set(drawing._DRAWN["mechanisms"]) == {each.id for each in ALL}, "python -m harness.selftest.worlds.lot"
    training = [world for world in WORLDS if world.side == "training"]
    assert not any(world.has_aside for world in training)
    test = [world for world in WORLDS if world.side == "test"]
    assert sum(world.has_aside for world in test) > 0.8 * len(test)
    assert any(uses_aside(world.parts) for world in test)


def test_there_are_three_members_at_least_of_each_kind_of_template() -> None:
    for kind in (*TEMPLATE_KINDS, "view", "transport", "to", "processes"):
        assert len(OPTIONS[kind]) >= 3


def test_every_target_file_says_which_hops_are_seen(tmp_path: Path) -> None:
    for world in WORLDS[:120]:
        target = load(build(world, tmp_path / str(world.seed)))
        said = {hop for hop in target.taps if hop.label != "received" or world.parts.seen_by == "agent"}
        assert said == set(seen_hops(world.parts)), world.parts


def test_a_world_s_folder_has_what_its_templates_import() -> None:
    of_python = re.compile(r"^(?:from|import) (\w+)", re.MULTILINE)
    of_javascript = re.compile(r'from "\./([\w.]+)"')
    all_files = {each.name for each in TEMPLATES.iterdir()}
    for world in WORLDS[:200]:
        there = set(files(world.parts))
        for name in there:
            text = (TEMPLATES / name).read_text("utf-8")
            needed = {f"{each}.py" for each in of_python.findall(text)} if name.endswith(".py") else set()
            needed |= set(of_javascript.findall(text))
            assert needed & all_files <= there, name


def test_templates_know_nothing_of_the_harness() -> None:
    for file in [*TEMPLATES.glob("*.py"), *TEMPLATES.glob("*.js"), *TEMPLATES.glob("*.mjs")]:
        assert "harness" not in file.read_text("utf-8"), file.name


def test_a_bug_for_one_page_is_told_to_the_templates() -> None:
    for_one = next(w for w in WORLDS if any(bug.mechanism.id == "frame-dropped-for-one" for bug in w.bugs))
    (bug,) = [bug for bug in settings(for_one)["bugs"] if bug["mechanism"] == "frame-dropped"]
    assert bug["page"] == "first"
