"""What came of one world, as it is handed from a worker to the command and kept in the JSON output."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from harness.selftest.worlds.draw import World
from harness.selftest.worlds.grade import Grade, Wrong

Fate = Literal["scored", "disputed", "broken"]


@dataclass(frozen=True, slots=True)
class Result:
    """One world's result. `happened` are the bugs that happened; `why` says why a world was not scored."""

    seed: int
    fate: Fate
    why: str = ""
    happened: tuple[str, ...] = ()
    answer: str = ""
    sentence: str = ""
    wrong: tuple[str, ...] = ()
    details: tuple[str, ...] = ()
    unexplained: int = 0
    widths: tuple[int, ...] = ()
    seconds: float = 0.0
    folder: str = ""

    @classmethod
    def scored(cls, world: World, happened: tuple[str, ...], answer: str, sentence: str, given: Grade) -> Result:
        """The result of a world whose truth is known."""
        return cls(
            world.seed,
            "scored",
            happened=happened,
            answer=answer,
            sentence=sentence,
            wrong=tuple(given.wrong),
            details=given.details,
            unexplained=given.unexplained,
            widths=given.widths,
        )

    def within(self, seconds: float, folder: str = "") -> Result:
        """The same, with what it took and where it is kept."""
        return replace(self, seconds=round(seconds, 2), folder=folder)

    @property
    def is_wrong(self) -> bool:
        """Whether the harness was wrong about it; not to know does not count as wrong."""
        return any(each != Wrong.UNKNOWN for each in self.wrong)

    def to_line(self) -> str:
        """One line of JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def from_line(cls, line: str) -> Result:
        """What `to_line` wrote."""
        said: dict[str, Any] = json.loads(line)
        return cls(**{key: tuple(value) if isinstance(value, list) else value for key, value in said.items()})  # type: ignore[arg-type]
