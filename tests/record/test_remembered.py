"""What is asked the same about one object is computed once, and forgotten with the object."""

from __future__ import annotations

import gc
from weakref import ref

from harness.record.remembered import remembered


class Thing:
    pass


def test_it_is_computed_once_for_each_object_and_each_question() -> None:
    asked: list[str] = []

    @remembered
    def size(thing: Thing, name: str = "width") -> list[str]:
        asked.append(name)
        return [name]

    one, other = Thing(), Thing()
    assert size(one) is size(one)
    assert size(one, "height") is size(one, "height") is not size(one)
    assert size(one, name="depth") == ["depth"]
    assert size(other) is not size(one)
    assert asked == ["width", "height", "depth", "width"]


def test_nothing_keeps_an_object_alive() -> None:
    @remembered
    def length(thing: Thing) -> int:
        return len(str(thing))

    thing = Thing()
    assert length(thing) > 0
    gone = ref(thing)
    del thing
    gc.collect()
    assert gone() is None
