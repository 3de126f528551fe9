"""What would mend a file by which no line of the producer reports an event: a pattern that fits, or none. Pure."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from harness.check.vocabulary import FEWEST, Mend
from harness.lib.ansi import uncoloured
from harness.lib.patterns import literal
from harness.model import Hop
from harness.model.facts import CliMessage
from harness.record.evidence import Evidence
from harness.target.spec import Target

WHOLE = "^(?P<payload>.+)$"
DATA = re.compile(r"\{.*\}$")


def of_lines(target: Target, evidence: Evidence, printed: Sequence[str]) -> Iterator[Mend]:
    """The pattern of the lines that name what was seen on the wire, as often as it was seen; else none at all."""
    if target.output.silent:
        return
    if (name := _said_by(evidence, printed)) is not None and not _is_known(evidence):
        why = f"each line of the producer is what {name!r} says on the wire"
        yield Mend(("cli", "output", "event"), WHOLE, why)
        yield Mend(("cli", "output", "called"), name, why)
        return
    if evidence.once[Hop.EMITTED]:
        return
    hop = next((hop for hop in (Hop.SENT, Hop.RECEIVED, Hop.ROUTED) if evidence.flow[hop]), None)
    if hop is None or target.output.event is None:
        return
    errors = [uncoloured(fact.body.text).strip() for fact in evidence.facts(CliMessage)]
    left = Counter(uncoloured(line).strip() for line in printed) - Counter(errors)
    for stream, lines in (("stdout", [*left.elements()]), ("stderr", errors)):
        if (told := _data_of(evidence, lines)) is not None:
            called, ends = told
            why = f"the data at their ends are those of the messages {called!r}, one by one"
            yield Mend(("cli", "output", "event"), ends, why)
            yield Mend(("cli", "output", "called"), called, why)
            if (stream == "stderr") is not target.output.merged:
                yield Mend(("cli", "output", "stream"), stream, why)
            return
        fitting = (pattern for names in _vocabularies(evidence) if (pattern := _pattern(names, lines)) is not None)
        if (pattern := next(fitting, None)) is not None:
            why = "these lines name what is on the wire, as often as it is there"
            yield Mend(("cli", "output", "event"), pattern, why)
            if (stream == "stderr") is not target.output.merged:
                yield Mend(("cli", "output", "stream"), stream, why)
            return
    why = f"no line names an event as often as it is on the wire: what is seen at {hop.label} stands for them"
    yield Mend(("cli", "output"), None, why)


def _said_by(evidence: Evidence, printed: Sequence[str]) -> str | None:
    """The one message whose texts are the lines that were printed, each as often: once, or once for each page."""
    lines = Counter(uncoloured(line) for line in printed if line)
    for hop in (Hop.SENT, Hop.RECEIVED, Hop.ROUTED):
        said: dict[str, Counter[str]] = {}
        for each in evidence.flow[hop]:
            text = evidence.payload(each.event.digest or "")
            if isinstance(text, str):
                said.setdefault(each.event.name, Counter())[text] += 1
        fitting = [name for name, texts in said.items() if _is_times(texts, lines)]
        if len(fitting) == 1 and len(lines) >= FEWEST:
            return fitting[0]
    return None


def _is_times(texts: Counter[str], lines: Counter[str]) -> bool:
    return len({(texts[line] / count) for line, count in lines.items()} | {0}) == 2 and {*texts} == {*lines}


def _data_of(evidence: Evidence, lines: Sequence[str]) -> tuple[str, str] | None:
    """The one message whose data the ends of the lines are, in their order, and the pattern of such lines.

    A server may add to the data, and rename nothing. Lines that name their event, too, are left to what names them.
    """
    ends = [(line, found) for line in lines if (found := DATA.search(line)) is not None and _is_json(found[0])]
    told = [(line[: found.start()], json.loads(found[0])) for line, found in ends]
    heads = {head for head, _ in told}
    for hop in (Hop.SENT, Hop.RECEIVED, Hop.ROUTED):
        said: dict[str, list[Any]] = {}
        for each in evidence.flow[hop]:
            said.setdefault(each.event.name, []).append(evidence.payload(each.event.digest or ""))
        fitting = [name for name, payloads in said.items() if _are_parts([data for _, data in told], payloads)]
        if len(fitting) == 1 and not any(fitting[0] in head for head in heads):
            head = literal(heads.pop()) if len(heads) == 1 else ".*?"
            return fitting[0], rf"^{head}(?P<payload>\{{.*\}})$"
    return None


def _are_parts(told: Sequence[Mapping[str, Any]], payloads: Sequence[Any]) -> bool:
    """Whether each message has all of the data that was told in its place; data that tell nothing prove nothing."""
    if not FEWEST <= len(told) == len(payloads) or len({json.dumps(each, sort_keys=True) for each in told}) < FEWEST:
        return False
    pairs = zip(told, payloads, strict=True)
    return all(
        isinstance(said, Mapping) and data and all(name in said and said[name] == value for name, value in data.items())
        for data, said in pairs
    )


def _is_known(evidence: Evidence) -> bool:
    """Whether an event of the lines is seen anywhere else."""
    return any(key in evidence.once[hop] for key in evidence.once[Hop.EMITTED] for hop in (Hop.SENT, Hop.ROUTED))


def _vocabularies(evidence: Evidence) -> Iterator[Counter[str]]:
    """Names that events may have, and how often each was seen: as messages are called, else as a text in them."""
    told = [
        [(each.event.name, evidence.payload(each.event.digest or "")) for each in evidence.flow[hop]]
        for hop in (Hop.SENT, Hop.RECEIVED, Hop.ROUTED)
    ]
    for events in told:
        yield (named := Counter(name for name, _ in events))
        yield from (Counter({name: named[name]}) for name in named)  # others are perhaps no events
    for events in told:
        named = Counter(name for name, _ in events)
        for carrier in named:
            said = [_texts(payload) for name, payload in events if name == carrier]
            for path in set.intersection(*({*each} for each in said)):
                values = Counter(each[path] for each in said)
                if FEWEST <= len(values) < len(said):
                    yield values


def _texts(payload: Any) -> dict[str, str]:
    """The short texts in a message, one below another at most: what could be a name."""
    found: dict[str, str] = {}
    for name, value in payload.items() if isinstance(payload, Mapping) else ():
        held = {f"{name}.{inner}": each for inner, each in value.items()} if isinstance(value, Mapping) else {}
        texts = ({name: value} | held).items()
        found |= {path: each for path, each in texts if isinstance(each, str) and 0 < len(each) <= 40}
    return found


def _pattern(names: Counter[str], lines: Sequence[str]) -> str | None:
    """The pattern of the lines that hold these names as words, each as often as it was seen; None where they don't."""
    listed = "|".join(literal(name) for name in sorted(names, key=lambda n: (-len(n), n)))
    word = re.compile(rf"(?:^|[^\w])(?P<name>{listed})(?:[^\w]|$)")
    fitting = [(found["name"], line) for line in lines if (found := word.search(line)) is not None]
    if sum(names.values()) < FEWEST or Counter(name for name, _ in fitting) != names:
        return None
    with_data = all((data := DATA.search(line)) is not None and _is_json(data[0]) for _, line in fitting)
    end = r".*?(?P<payload>\{.*\})\s*$" if with_data else r"(?:\W|$)"
    return rf"(?:^|\W)(?P<name>{listed}){end}"


def _is_json(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False
