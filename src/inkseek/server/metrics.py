"""What the service measures of itself, as Prometheus reads it.

Each application has a registry of its own: two galleries in one process are counted apart.
"""

import time

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.exposition import generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SECONDS = (
    0.0005,
    0.001,
    0.002,
    0.005,
    0.01,
    0.02,
    0.05,
    0.1,
    0.2,
    0.5,
    1.0,
    2.0,
    5.0,
    10.0,
    30.0,
)
"""Upper ends of the buckets."""

METHODS = frozenset({"GET", "HEAD", "POST"})
"""Others are counted together: a client must not be able to add rows without end."""


class Metrics:
    """Histograms of the steps of a search and of requests, and the state of the library.

    Attributes:
        select, raster, encode, search: Seconds of a step of one search.
        request: Seconds until a request is answered, by method, route and status.
        photos, quarantined, jobs: Set when they are asked for.
        errors: Requests that failed by a mistake of ours.
    """

    def __init__(self) -> None:
        registry = CollectorRegistry()
        self._registry = registry

        def step(name: str, text: str) -> Histogram:
            return Histogram(f"inkseek_{name}_seconds", text, buckets=SECONDS, registry=registry)

        self.select = step("select", "Choosing a canvas for a sketch")
        self.raster = step("raster", "Drawing a sketch to pixels")
        self.encode = step("encode", "Embedding the pixels")
        self.search = step("search", "Finding and folding the nearest photos")
        self.request = Histogram(
            "inkseek_request_seconds",
            "Until a request is answered",
            ("method", "route", "status"),
            buckets=SECONDS,
            registry=registry,
        )
        self.errors = Counter(
            "inkseek_mistakes", "Requests answered with status 500", registry=registry
        )
        self.photos = Gauge("inkseek_photos", "Photos of the gallery", registry=registry)
        self.quarantined = Gauge(
            "inkseek_quarantined_files", "Files that could not be indexed", registry=registry
        )
        self.jobs = Gauge("inkseek_jobs_active", "Jobs running or paused", registry=registry)
        ProcessCollector(registry=registry)

    def write(self) -> bytes:
        """Everything, in Prometheus' text format."""
        return generate_latest(self._registry)


class RequestTimer:
    """Measures every request that passes, until its answer begins: an event stream never ends."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        start = time.perf_counter()

        async def send_timed(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._record(scope, int(message["status"]), time.perf_counter() - start)
            await send(message)

        try:
            await self.app(scope, receive, send_timed)
        except Exception:
            # What becomes of it is decided further out.
            self._record(scope, 500, time.perf_counter() - start)
            raise

    def _record(self, scope: Scope, status: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in METHODS else "other"
        route = getattr(scope.get("route"), "path", "other")
        self.metrics.request.labels(method, route or "page", str(status)).observe(seconds)
        if status == 500:
            self.metrics.errors.inc()
