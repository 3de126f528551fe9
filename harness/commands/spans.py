"""`harness spans RUN`: a stored run as spans of OpenTelemetry, to a collector or as JSON lines."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from harness.commands.exits import Exit
from harness.commands.stored import ChoiceError, chosen_run
from harness.judging import seen_again
from harness.model.facts import RunBegun
from harness.record.evidence import Evidence
from harness.record.ledger import find
from harness.reporting.figures import Figures
from harness.reporting.spans import Span, run_span

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.trace import Tracer

EXTRA = "event-stream-harness[otel]"
BATCH = 2000
"""Spans in one request."""

PATIENCE_S = 5


def main(arguments: argparse.Namespace) -> int:
    """Print them, or send them; 0 where that could be done, whatever the verdict."""
    run = chosen_run(arguments.run)
    evidence, verdict = seen_again(run)
    span = run_span(Figures(evidence, verdict), arguments.most)
    if len(span.children) < len(evidence.events):
        print(f"the first {len(span.children)} of {len(evidence.events)} events (--most)", file=sys.stderr)
    try:
        count = export(span, _exporter(arguments.to), _epoch_ns(evidence, find(run).stat().st_mtime_ns))
    except ImportError as error:
        raise ChoiceError(f"harness spans needs OpenTelemetry ({error}): pip install '{EXTRA}'") from None
    if arguments.to is not None:
        print(f"{count} spans sent to {arguments.to}")
    return int(Exit.AS_PROMISED)


def export(run: Span, exporter: SpanExporter, epoch_ns: int) -> int:
    """Hand a run's spans to an exporter, one service for each party; how many. Raises ChoiceError if it takes none.

    `epoch_ns` is added to the harness's clock to have nanoseconds since 1970.
    """
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExportResult
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
    from opentelemetry.sdk.trace.sampling import ALWAYS_ON

    made = InMemorySpanExporter()
    providers: dict[str, TracerProvider] = {}

    def tracer(party: str) -> Tracer:
        if party not in providers:
            resource = Resource.create({"service.name": party})
            providers[party] = TracerProvider(sampler=ALWAYS_ON, resource=resource, shutdown_on_exit=False)
            providers[party].add_span_processor(SimpleSpanProcessor(made))
        return providers[party].get_tracer("harness")

    count = _emit(run, None, tracer, epoch_ns)
    spans = made.get_finished_spans()
    batches = (spans[at : at + BATCH] for at in range(0, len(spans), BATCH))
    try:
        is_taken = all(exporter.export(batch) is SpanExportResult.SUCCESS for batch in batches)
    except OSError:  # older versions raise it where nothing listens
        is_taken = False
    exporter.shutdown()
    if not is_taken:
        raise ChoiceError("the spans were not taken: is a collector there? OTLP over HTTP is mostly on port 4318.")
    return count


def _emit(span: Span, parent: Context | None, tracer: Callable[[str], Tracer], epoch_ns: int) -> int:
    from opentelemetry.trace import Link, SpanContext, Status, StatusCode, TraceFlags, set_span_in_context

    links = [
        Link(SpanContext(int(trace, 16), int(of, 16), is_remote=True, trace_flags=TraceFlags(TraceFlags.SAMPLED)))
        for trace, of in span.links
    ]
    made = tracer(span.party).start_span(
        span.name, parent, attributes=dict(span.attributes), links=links, start_time=span.begin_ns + epoch_ns
    )
    if span.wrong:
        made.set_status(Status(StatusCode.ERROR, span.wrong))
    inside = set_span_in_context(made)
    count = sum(_emit(child, inside, tracer, epoch_ns) for child in span.children)
    made.end(span.end_ns + epoch_ns)
    return count + 1


def _exporter(to: str | None) -> SpanExporter:
    """OTLP over HTTP, or lines on standard output. Raises ImportError, or ChoiceError for what is not an address."""
    if to is None:
        from opentelemetry.sdk.trace.export import ConsoleSpanExporter

        return ConsoleSpanExporter(formatter=lambda span: f"{span.to_json(indent=None)}\n")
    if not to.startswith(("http://", "https://")):
        raise ChoiceError(f"--to {to}: name a collector's address, as http://localhost:4318")
    logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)  # what it fails at is told once, here
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    return OTLPSpanExporter(f"{to.rstrip('/')}/v1/traces", timeout=PATIENCE_S)


def _epoch_ns(evidence: Evidence, written_ns: int) -> int:
    """From the harness's clock to the time of day: by what the run noted, or else by when its record was written."""
    for fact in evidence.facts(RunBegun):
        return round(datetime.fromisoformat(fact.body.at).timestamp() * 1e9) - fact.at_ns
    return written_ns - max((fact.at_ns for fact in evidence.ledger.facts), default=0)
