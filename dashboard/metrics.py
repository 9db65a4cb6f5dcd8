"""/metrics for Prometheus: what the ledger says, how old the data are, how long pages take."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from dashboard.queries import Queries
from datasets.errors import OpsError
from datasets.store.lines import Verdict

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
PAGE_OF = {
    "/_dash-update-component": "desk_answer",
    "/_dash-layout": "desk_layout",
    "/man-hinh/state": "wall_state",
    "/healthz": "health",
}
"""Paths that are told apart; the rest by its first word, so that labels stay few."""


class LedgerCollector(Collector):
    """Reads the ledger at every scrape; nothing is counted twice or lost at a restart."""

    def __init__(self, queries: Queries) -> None:
        self._queries = queries

    def collect(self) -> Iterator[Metric]:
        up = GaugeMetricFamily("ioc_store_up", "1 when the store can be read")
        try:
            version = self._queries.version()
            counts = self._queries.pull_counts()
            reports = self._queries.standings()
            seen = self._queries.scheduler_seen()
        except OpsError:
            up.add_metric([], 0)
            yield up
            return
        up.add_metric([], 1)
        yield up
        yield GaugeMetricFamily("ioc_data_version", "Grows with each committed change", value=version)
        pulls = CounterMetricFamily("ioc_pulls", "Pulls by how they ended", labels=["source", "verdict"])
        rows = CounterMetricFamily("ioc_rows", "Records by what became of them", labels=["source", "fate"])
        fates: dict[tuple[str, str], int] = {}
        for count in counts:
            if count.verdict == Verdict.RUNNING:
                continue  # not ended, and what it has read may come to nothing: a counter never falls
            pulls.add_metric([count.source, count.verdict], count.pulls)
            for fate, number in count.rows.items():
                fates[count.source, fate] = fates.get((count.source, fate), 0) + number
        for (source, fate), number in fates.items():
            rows.add_metric([source, fate], number)
        yield pulls
        yield rows
        age = GaugeMetricFamily("ioc_data_age_seconds", "Age of a source's data", labels=["source"])
        waiting = GaugeMetricFamily("ioc_quarantine_open", "Records set aside and not settled", labels=["source"])
        for report in reports:
            waiting.add_metric([report.name], report.waiting)
            if report.as_of is not None:
                age.add_metric([report.name], (self._queries.now() - report.as_of).total_seconds())
        yield age
        if seen is not None:
            silence = (self._queries.now() - seen).total_seconds()
            yield GaugeMetricFamily("ioc_scheduler_silence_seconds", "Since the scheduler's last beat", value=silence)
        yield waiting


class PaintingsCollector(Collector):
    """How often the wall's board was computed: once a data version or minute, however many screens ask."""

    def __init__(self, count: Callable[[], int]) -> None:
        self._count = count

    def collect(self) -> Iterator[Metric]:
        yield CounterMetricFamily("ioc_wall_paintings", "Computations of the wall's board", value=self._count())


def mount_metrics(server: Flask, queries: Queries) -> CollectorRegistry:
    """Add /metrics with a registry of its own, so that two servers in one process do not meet."""
    registry = CollectorRegistry()
    registry.register(LedgerCollector(queries))
    pages = Histogram("ioc_page_seconds", "Time to answer", ["page"], registry=registry, buckets=SECONDS)

    @server.before_request
    def begin() -> None:
        g.began = time.perf_counter()

    @server.after_request
    def observe(response: Response) -> Response:
        if "began" in g:
            pages.labels(_page(request.path)).observe(time.perf_counter() - g.began)
        return response

    @server.get("/metrics")
    def metrics() -> Response:
        return Response(generate_latest(registry), content_type=CONTENT_TYPE)

    return registry


def _page(path: str) -> str:
    if path in PAGE_OF:
        return PAGE_OF[path]
    if path.startswith(("/_dash-component-suites", "/assets", "/man-hinh/assets", "/man-hinh/_dash-component-suites")):
        return "static"
    if path.startswith("/api/v1/"):
        return "api"
    return "wall" if path.startswith("/man-hinh") else "page"
