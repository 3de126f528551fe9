"""What the servers of a system share: Redis, a queue, a database."""

from __future__ import annotations

from harness.target.spec import Target


def brokers(target: Target) -> list[str]:
    """The processes that are started here, serve no page, and whose addresses servers or producers are told."""
    commands = [each.command for each in target.processes if each.serves and each.url is None]
    commands += [each for each in (target.do, target.pipe) if each is not None]
    texts = [text for each in commands for text in (*each.argv, *each.env.values())]
    return [
        each.name
        for each in target.processes
        if each.url is None and not each.serves and any(f"{{{each.name}" in text for text in texts)
    ]
