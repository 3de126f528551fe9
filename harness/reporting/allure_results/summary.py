"""Results as a job summary in Markdown, and as annotations for GitHub: what went wrong first, ranked by cause.

Sources: GitHub takes a summary of 1 MiB a step (docs.github.com, "Workflow commands", job summaries) and shows ten
annotations of a kind and step; what says most comes first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from harness.reporting.allure_results import RANK, Result, Results, missing
from harness.reporting.escape import clip, fenced, prose, visible
from harness.reporting.markup import some, table

LIMIT = 1024 * 1024
"""Bytes of a summary."""

MOST_ANNOTATIONS = 10
BAD = ("failed", "broken", "unknown")
NAMES = {
    "failed": "❌ failed",
    "broken": "💥 broken",
    "unknown": "❔ unknown",
    "skipped": "skipped",
    "passed": "✅ passed",
}
MEANS = {"failed": "the product", "broken": "the harness or the machine, or evidence is missing"}
NOT_NAMED = "no cause named"


def markdown(results: Results, limit: int = LIMIT) -> str:
    """The summary, at most `limit` bytes long: counts, causes, then each failure in full as long as there is room."""
    head = "\n\n".join(_head(results)) + "\n"
    parts, size, left = [head], len(head.encode()), len(ranked(results))
    for section in _details(results):
        note = f"\n… and {left} more, which the report has in full.\n"
        if size + len(section.encode()) + len(note.encode()) > limit:
            parts.append(note)
            break
        parts.append(section)
        size, left = size + len(section.encode()), left - 1
    return "".join(parts)


def ranked(results: Results) -> list[Result]:
    """What did not pass: failed before broken, what has a cause before what has none, then most tests first."""
    weight = Counter((each.status, cause_of(each)) for each in results.last)
    bad = [each for each in results.last if each.status in BAD]

    def rank(each: Result) -> tuple[int, bool, int, str]:
        cause = cause_of(each)
        return RANK.index(each.status), cause == NOT_NAMED, -weight[each.status, cause], cause

    return sorted(bad, key=rank)


def cause_of(result: Result) -> str:
    """The cause that its verdict names first."""
    return result.label("cause") or NOT_NAMED


def github_annotations(results: Results) -> list[str]:
    """GitHub's workflow commands: one for each failure, at its test, with cause and verdict; the rest as a count."""
    bad = ranked(results)
    shown = [_annotation(each, results) for each in bad[:MOST_ANNOTATIONS]]
    if len(bad) > len(shown):
        shown[-1] = f"::error::and {some(len(bad) - len(shown) + 1, 'test')} more did not pass: see the job's summary"
    return shown


def _annotation(result: Result, results: Results) -> str:
    place = results.places.get(result.test)
    title = f"{result.status}: {cause_of(result)}" if result.label("verdict") else f"{result.status}: {result.name}"
    properties = {"title": title} if place is None else {"file": place.file, "line": str(place.line), "title": title}
    written = ",".join(f"{name}={_property(visible(clip(value, 200)))}" for name, value in properties.items())
    return f"::error {written}::{_data(visible(clip(f'{result.name}: {said(result)}', 2000), keep=chr(10)))}"


def said(result: Result) -> str:
    """What a test's failure says, without pytest's name for the exception of `pytest.fail`."""
    return result.message.removeprefix("Failed: ") or "no message"


def _head(results: Results) -> Iterator[str]:
    count = results.count()
    yield "# Event streams: " + (", ".join(f"{count[s]} {NAMES[s]}" for s in RANK if count[s]) or "no tests")
    bad = ranked(results)
    if bad:
        rows = Counter((each.status, cause_of(each), each.label("hop") or "–") for each in bad)
        first = {(e.status, cause_of(e), e.label("hop") or "–"): e for e in reversed(bad)}
        yield table(
            ("status", "cause", "hop", "tests", "first"),
            (
                (
                    NAMES[key[0]],
                    prose(key[1], 80),
                    prose(key[2], 40),
                    tests,
                    prose(said(first[key]).split("\n")[0], 200),
                )
                for key, tests in rows.items()
            ),
        )
        yield "; ".join(f"*{name}* is {means}" for name, means in MEANS.items() if count[name]) + "."
    flaky = [each for each in results.last if each.test in results.flaky]
    if flaky:
        yield "**Flaky** (attempts ended differently): " + ", ".join(
            prose(results.name(each), 120) for each in flaky[:50]
        )
    if differences := missing(results):
        yield "**Incomplete**: " + " ".join(prose(text, 300) + "." for text in differences[:20])


def _details(results: Results) -> Iterator[str]:
    for each in ranked(results):
        summary = f"{NAMES[each.status]} {prose(results.name(each), 200)} ({each.seconds:.1f} s)"
        yield f"\n### {summary}\n\n{fenced(clip(said(each), 20_000))}\n"


def _data(text: str) -> str:
    """A message for a workflow command (docs.github.com, "Workflow commands": `%`, CR and LF are encoded)."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """The same for a property, where `:` and `,` end it."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")
