"""Numbers as pages write them for people: `1,234`, `3.2 s` for 3200 ms, `18 kB`, `45 %`; and times of day. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from harness.judge.values.writings import Writing, is_negative, writings

NUMBER = re.compile(r"(?<![\w.])(\d{1,15}(?:,\d{3})*)(?:\.(\d{1,9}))?\s*([^\W\d_]*)")
"""A number with its thousands, its decimals and what stands right after it."""

TIMES_MS = {"ms": 1, "msec": 1, "s": 1e3, "sec": 1e3, "seconds": 1e3, "min": 6e4, "m": 6e4, "h": 3.6e6, "d": 8.64e7}
SIZES = {"b": (1, 1), "byte": (1, 1), "bytes": (1, 1), "kb": (1e3, 1024), "kib": (1024, 1024)} | {
    "mb": (1e6, 1048576),
    "mib": (1048576, 1048576),
    "gb": (1e9, 1073741824),
}

SHORT_FOR = {"k": 1e3, "tsd": 1e3, "m": 1e6, "mio": 1e6, "mn": 1e6, "bn": 1e9, "mrd": 1e9}
"""Letters and words by which pages make long numbers short."""

LASTING = re.compile(r"(?<![\d:.])(?:(\d{1,4}):)?(\d{1,4}):(\d{2})(?:[.,](\d{1,3}))?(?![\d:])")
"""A time that something took, as `1:05` and `2:01:05`."""

OF_SIZES = ("byte", "size")
"""Parts of the names of numbers of bytes."""

DAY_MS = 86_400_000
QUARTER_MS = 900_000
"""Zones stand quarters of an hour apart."""

TIME_OF_DAY = re.compile(
    r"(?<!\d)(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,6}))?)?(?!\d)(?:\s?([ap])\.?m\b)?", re.IGNORECASE
)


def says(text: str, number: float, path: str) -> bool:
    """Whether a text says a number, in a unit of its own where the number's name (`took_ms`) tells the number's.

    One below nothing has to be said with its sign. One with decimals may be rounded to a whole one.
    """
    return written(text, number, path) is not None


def written(text: str, number: float, path: str, *among: Writing) -> Writing | None:
    """How a text that says a number is written, most exactly, of some ways or of all; None where it does not say it."""
    name, best, least = path.rpartition(".")[2].casefold(), None, math.inf
    for way, each in writings(text):
        if among and way not in among:
            continue
        for shown, slack in _readings(each, name, number):
            if slack < least and abs(shown - abs(number)) <= slack:
                best, least = way, slack
        if least == 0:
            break  # it can't be said more exactly
    return best


def _readings(text: str, name: str, number: float) -> Iterator[tuple[float, float]]:
    """The numbers that a text may stand for, each with how much it may be off: one of its last digit."""
    unit_ms = unit_of(name)
    is_size = any(word in name for word in OF_SIZES)
    of_whole = 0.5 if number % 1 and abs(number) >= 1 else 0.0
    summed, last = 0.0, 0.0
    for found in NUMBER.finditer(text):
        if number < 0 and not is_negative(text[: found.start()]):
            continue
        whole, decimals, unit = found[1], found[2] or "", found[3]
        value, digit = float(f"{whole.replace(',', '')}.{decimals or 0}"), 10.0 ** -len(decimals)
        word = unit.casefold()
        if not (is_size and word in SIZES) and not (unit_ms is not None and word in TIMES_MS):
            yield value, of_whole if digit == 1 else digit  # in no unit, or in one that says nothing of this number
            if not word and text[found.end() : found.end() + 1] == "%":
                yield value / 100, digit / 100
            elif word in SHORT_FOR:
                yield value * SHORT_FOR[word], digit * SHORT_FOR[word]
        if unit_ms is not None and word in TIMES_MS:
            scale = TIMES_MS[word] / unit_ms
            summed, last = summed + value * scale, digit * scale
            yield value * scale, digit * scale
            yield summed, last
        for scale in SIZES.get(word, ()) if is_size else ():
            yield value * scale, digit * scale
    for hours, minutes, seconds, part in LASTING.findall(text) if unit_ms is not None else ():
        took_s = float(f"{(int(hours or 0) * 60 + int(minutes)) * 60 + int(seconds)}.{part or 0}")
        yield took_s * 1e3 / (unit_ms or 1), 10.0 ** (3 - len(part)) / (unit_ms or 1)


def has_unit(name: str) -> bool:
    """Whether the name of a number tells its unit."""
    return unit_of(name) is not None or any(word in name for word in OF_SIZES)


def unit_of(name: str) -> float | None:
    """The unit of a number by its name, in ms; None where that tells of no time."""
    return 1.0 if name.endswith(("ms", "millis")) else 1e3 if name.endswith(("_s", "seconds", "secs")) else None


def time_of_day(text: str) -> tuple[int, int] | None:
    """The first time of day in a text, in ms since midnight, and how exact it is in ms; None where there is none."""
    found = TIME_OF_DAY.search(text)
    if found is None:
        return None
    hours, minutes, seconds, fraction, half = found.groups()
    of_day = int(hours) if half is None else int(hours) % 12 + (12 if half in "pP" else 0)
    ms = int((fraction or "0").ljust(3, "0")[:3])
    exact = 10 ** (3 - min(len(fraction or ""), 3)) if seconds is not None else 60_000
    return ((of_day * 60 + int(minutes)) * 60 + int(seconds or 0)) * 1000 + ms, exact


def shows_time(text: str, told_ms: int) -> bool:
    """Whether any time of day in a text is this one, in ms since midnight, as exactly as it is shown."""
    for found in TIME_OF_DAY.finditer(text):
        shown = time_of_day(found.group())
        if shown is not None and min(apart := apart_ms(shown[0], told_ms), DAY_MS - apart) <= shown[1]:
            return True
    return False


def clock(ms: int) -> str:
    """A time of day as people write it."""
    hours, minutes = divmod(ms // 60_000, 60)
    return f"{hours:02}:{minutes:02}:{ms % 60_000 / 1000:06.3f}"


def moment(told: object) -> datetime | None:
    """A time as messages say it, ISO 8601 with a date; None for anything else. One without a zone is left without."""
    if not isinstance(told, str) or len(told) < len("2026-01-01T00:00"):
        return None
    try:
        return datetime.fromisoformat(told)
    except ValueError:
        return None


def moments(fields: Mapping[str, object]) -> dict[str, datetime]:
    """The times in some fields by their names."""
    return {name: time for name, told in fields.items() if (time := moment(told)) is not None}


def ms_of_day(time: datetime) -> int:
    """The ms since midnight in UTC; of a time without a zone, since its own."""
    there = time if time.tzinfo is None else time.astimezone(UTC)
    return ((there.hour * 60 + there.minute) * 60 + there.second) * 1000 + there.microsecond // 1000


def apart_ms(shown: int, told: int) -> int:
    """How far a time of day is after another, from 0 to a day."""
    return (shown - told) % DAY_MS
