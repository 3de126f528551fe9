"""The causes that rules can name, from their heads: the page docs/causes.md and what `harness explain` prints."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Mapping

from harness.diagnosis import Head, Rule
from harness.diagnosis.engine import has_head
from harness.model import Blame, Hop, Strength
from harness.reporting import sentences

EVIDENCE = {
    Strength.NONE: "none",
    Strength.ABSENT: "only what is missing speaks for it",
    Strength.AROUND: "what happened around it speaks for it, in the order that the cause has",
    Strength.NAMED: "a record names the very event or party",
    Strength.GONE: "a party that would have had to act had ended",
}

HEADING = """\
# Causes

<!-- Made by `make docs` from the heads of the rules. Changes belong there. -->

The judge finds the hop; a rule names the cause, where the record shows it. `harness explain CAUSE` prints what is here.
What no rule explains is called *unexplained*, with its hop and the facts: a wrong cause is worse.
[Write a cause](write-a-cause.md) says how to add one.
"""


def picture(hops: Iterable[Hop]) -> str:
    """The hops in their order, those in brackets at which a cause shows itself."""
    marked = set(hops)
    return " → ".join(f"[{hop.label}]" if hop in marked else hop.label for hop in Hop)


def explanation(rule: Rule) -> Iterator[str]:
    """What `harness explain` says of a cause, line by line."""
    head = rule.head
    yield f"{head.cause}: {head.title}."
    yield ""
    yield f"  {picture(head.hops)}"
    yield ""
    for name, text in _entries(rule):
        yield f"{name + ':':<14}{text}"
    first, *more = head.remedy.splitlines()
    yield f"{'remedy:':<14}{first}"
    yield from (f"{'':14}{line}" for line in more)


def overview(rules: Iterable[Rule]) -> Iterator[str]:
    """Every cause with its title, by the first hop at which it shows itself."""
    for hop, mine in _by_hop(rules).items():
        yield f"{hop.label}:"
        width = max(len(rule.head.cause) for rule in mine)
        yield from (f"  {rule.head.cause:{width}}  {rule.head.title}" for rule in mine)


def page(rules: Iterable[Rule], examples: Mapping[str, Blame]) -> str:
    """The page of all causes; `examples` are blames of real or told runs, by cause."""
    listed = sorted(filter(has_head, rules), key=lambda rule: rule.head.cause)
    rows = [f"| [{r.head.cause}](#{r.head.cause}) | {_hops(r.head)} | {r.head.title} |\n" for r in listed]
    table = f"\n| cause | hop | in short |\n| --- | --- | --- |\n{''.join(rows)}"
    return HEADING + table + "".join(_section(rule, examples.get(rule.head.cause)) for rule in listed)


def _section(rule: Rule, example: Blame | None) -> str:
    head = rule.head
    parts = [f"\n## {head.cause}\n\n{_capital(head.title)}.\n\n`{picture(head.hops)}`\n"]
    parts += [f"\n- **{_capital(name)}**: {text}" for name, text in _entries(rule)]
    parts.append(f"\n- **Remedy**: {' '.join(head.remedy.split())}\n")
    if example is not None:
        said = [sentences.line(example.sentence), *sentences.evidence(example)[:8]]
        lines = "\n".join(" ".join(line.split()) for line in said)
        parts.append(f"\n```text\n{lines}\n```\n")
    return "".join(parts)


def _entries(rule: Rule) -> Iterator[tuple[str, str]]:
    head = rule.head
    yield "seen as", " ".join(inspect.cleandoc(type(rule).__doc__ or "").partition("\n\n")[0].split())
    yield "outcomes", f"{', '.join(kind.value for kind in head.kinds)}; one blame for each {_group(head)}"
    yield "needs", ", ".join(f"a tap of {hop.label}" for hop in head.taps) or "no tap in particular"
    yield "evidence", f"at best, {EVIDENCE[head.strength]}"
    yield "against it", head.against


def _group(head: Head) -> str:
    return (head.by.__doc__ or "").strip().partition("\n")[0]


def _hops(head: Head) -> str:
    return "any" if set(head.hops) == set(Hop) else ", ".join(hop.label for hop in head.hops)


def _by_hop(rules: Iterable[Rule]) -> dict[Hop, list[Rule]]:
    found: dict[Hop, list[Rule]] = {hop: [] for hop in Hop}
    for rule in sorted(filter(has_head, rules), key=lambda rule: rule.head.cause):
        found[rule.head.hops[0]].append(rule)
    return {hop: mine for hop, mine in found.items() if mine}


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
