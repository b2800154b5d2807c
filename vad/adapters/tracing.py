"""Traces for OpenTelemetry: an optional package (extra `otel`), imported only where the settings ask for it.

Spans say what was done and how long it took, by names of our own. None holds an address, a header, a value of a
statement or the text of an exception: any of them may carry a code, a token or a BSN.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any

from opentelemetry import trace
from opentelemetry.context import Context, attach, detach
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.psycopg2 import Psycopg2Instrumentor
from opentelemetry.instrumentation.redis import RedisInstrumentor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ALWAYS_ON, ParentBased, Sampler, SamplingResult
from opentelemetry.trace import SpanKind, Status, StatusCode

from vad.adapters.http.new_traces import new_traceparent
from vad.services import correlation

_ERROR = 500
_LONGEST_EXPORT = 3.0
"""Seconds for a batch, every new try included: a process that ends sends its last one first."""
_TOLD = frozenset(
    {
        "http.request.method",
        "http.response.status_code",
        "error.type",
        "db.system",
        "db.name",
        "net.peer.name",
        "net.peer.port",
        "vad.endpoint",
        "vad.register",
        "vad.call_trace",
    }
)
"""The attributes that leave. No statement is among them: those of VAD reach the driver with their values in them."""


class _AsCorrelated(RandomIdGenerator):
    """The trace of a request has the id that the log calls `correlation_id`."""

    def generate_trace_id(self) -> int:
        known = correlation.current().correlation_id
        return int(known, 16) if known else super().generate_trace_id()


class _Drawn(Sampler):
    """Notes this part of all requests, by lot: a caller that chooses the trace id does not choose what is noted."""

    def __init__(self, part: float) -> None:
        self._part = part

    def should_sample(self, *args: Any, **named: Any) -> SamplingResult:
        """Draw."""
        drawn = random.random() < self._part  # noqa: S311 - no secret
        return (ALWAYS_ON if drawn else ALWAYS_OFF).should_sample(*args, **named)

    def get_description(self) -> str:
        """Return its name."""
        return f"Drawn({self._part})"


class _NoMore(SpanExporter):
    """Lets out what we know to be harmless: libraries also note exceptions, whose texts quote values and rows."""

    def __init__(self, further: SpanExporter) -> None:
        self._further = further

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        return self._further.export([_harmless(span) for span in spans])

    def shutdown(self) -> None:
        self._further.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self._further.force_flush(timeout_millis)


def _harmless(span: ReadableSpan) -> ReadableSpan:
    return ReadableSpan(
        name=span.name,
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes={name: value for name, value in (span.attributes or {}).items() if name in _TOLD},
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


class OpenTelemetry:
    """What one process notes. Spans leave in batches, from a thread of their own; what can't leave is dropped."""

    def __init__(self, endpoint: str, sampled: float, program: str) -> None:
        resource = Resource({"service.name": f"vad-{program}", "service.version": version("vad")})
        self._provider = TracerProvider(
            sampler=ParentBased(_Drawn(sampled)), resource=resource, id_generator=_AsCorrelated()
        )
        self._provider.add_span_processor(
            BatchSpanProcessor(_NoMore(OTLPSpanExporter(endpoint, timeout=_LONGEST_EXPORT)))
        )
        self._tracer = self._provider.get_tracer("vad", version("vad"))
        self._instrumentors = (Psycopg2Instrumentor(), RedisInstrumentor())
        for each in self._instrumentors:
            each.instrument(tracer_provider=self._provider)

    def begin_request(self, name: str, method: str) -> Callable[[int], None]:
        """One request, answered when the result is called with the status. In the same thread."""
        span = self._tracer.start_span(
            name, Context(), SpanKind.SERVER, {"http.request.method": method, "vad.endpoint": name}
        )
        token = attach(trace.set_span_in_context(span, Context()))

        def end(status: int) -> None:
            span.set_attribute("http.response.status_code", status)
            if status >= _ERROR:
                span.set_status(Status(StatusCode.ERROR))
            span.end()
            detach(token)

        return end

    @contextmanager
    def named(self, register: str) -> Iterator[str]:
        """`vad.services.trace_context.Calls`: here a part of the request, there a trace of its own."""
        with self._tracer.start_as_current_span(
            f"call {register}", kind=SpanKind.CLIENT, record_exception=False, set_status_on_exception=False
        ) as span:
            traceparent = new_traceparent(sampled=span.is_recording())
            span.set_attributes({"vad.register": register, "vad.call_trace": traceparent.split("-")[1]})
            try:
                yield traceparent
            except Exception as error:
                span.set_attribute("error.type", type(error).__name__)
                span.set_status(Status(StatusCode.ERROR))
                raise

    def close(self) -> None:
        """Send what is left, and note nothing any more."""
        for each in self._instrumentors:
            each.uninstrument()
        self._provider.shutdown()
