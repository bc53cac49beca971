"""Collects the receiver's metrics, in a registry per receiver so that two in one process do not share values.

Counting is plain addition, and the values are converted to Prometheus's format on request: the library's counters
acquire a lock at each step, which together would cost as much as verifying a signature.
"""

import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from receiver.redis_link.group_commit import PriorAcceptance
from receiver.spool.spool import SpoolStatus
from vedette.events.catalog import RESOURCES
from vedette.http_server.connections import ClientConnections
from vedette.http_server.uploads import Uploads

_ACCEPT_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 4.0)
_HUNG = 4.0
"""Seconds; Sentry aborts a request after five."""
_AGE_SECONDS = (0.5, 1, 2, 5, 15, 60, 300, 900, 3600, 86400)
CONTENT_TYPE = b"text/plain; version=0.0.4; charset=utf-8"

Labels = tuple[str, ...]


class Histogram:
    """A histogram without locks."""

    def __init__(self, name: str, text: str, bounds: Sequence[float]) -> None:
        self.name = name
        self.text = text
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self._sum = 0.0

    def observe(self, value: float) -> None:
        """Count a value in its bucket."""
        self._counts[bisect_left(self._bounds, value)] += 1
        self._sum += value

    def count_above(self, bound: float) -> int:
        """Return the number of values above one of the bounds."""
        return sum(self._counts[bisect_left(self._bounds, bound) + 1 :])

    def family(self) -> Metric:
        """Return the metric family of `prometheus_client`."""
        buckets: list[tuple[str, float]] = []
        total = 0
        for bound, count in zip((*map(str, self._bounds), "+Inf"), self._counts, strict=True):
            total += count
            buckets.append((bound, total))
        return HistogramMetricFamily(self.name, self.text, buckets=buckets, sum_value=self._sum)


class ReceiverMetrics(Collector):
    """The metrics of one receiver."""

    def __init__(self) -> None:
        self._accepted: Counter[Labels] = Counter()
        self._refused: Counter[Labels] = Counter()
        self._quarantined: Counter[Labels] = Counter()
        self._last: dict[Labels, float] = {}
        self.duplicates = 0
        self.repetitions = 0
        self.spooled = 0
        self.drained = 0
        self.last_hung = 0.0
        self.accept_seconds = Histogram("vedette_accept_seconds", "Time from request to answer", _ACCEPT_SECONDS)
        self.age_seconds = Histogram("vedette_delivery_age_seconds", "Age on arrival by Sentry's stamp", _AGE_SECONDS)
        self._states: list[tuple[str, str, Callable[[], float]]] = []
        self._registry = CollectorRegistry()
        self._registry.register(self)

    def count_accepted(self, integration: str, resource: str, secret: str) -> None:
        """Count a delivery that was answered 2xx, also by secret, which shows when an old secret is no longer used."""
        # Only known resources become labels: the header is unsigned.
        labels = integration, resource if resource in RESOURCES else "other", secret
        self._accepted[labels] += 1
        self._last[labels] = time.time()

    @property
    def accepted(self) -> int:
        """The number of accepted deliveries."""
        return self._accepted.total()

    @property
    def slow(self) -> int:
        """The number of requests that were answered after more than a second."""
        return self.accept_seconds.count_above(1.0)

    @property
    def hung(self) -> int:
        """The number of requests that were answered after more than four seconds."""
        return self.accept_seconds.count_above(4.0)

    def observe_accept(self, seconds: float) -> None:
        """Count the time from a request to its answer."""
        self.accept_seconds.observe(seconds)
        if seconds > _HUNG:
            self.last_hung = time.time()

    def quarantined(self) -> dict[str, int]:
        """Return reason -> number of quarantined deliveries."""
        return {reason: count for (reason,), count in self._quarantined.items()}

    def last_accepted(self) -> dict[str, int]:
        """Return `INTEGRATION RESOURCE` -> when the latest delivery was accepted, Unix time in milliseconds."""
        return self._latest(1)

    def last_matched(self) -> dict[str, int]:
        """Return `INTEGRATION SECRET` -> when that secret last verified a delivery, Unix time in milliseconds."""
        return self._latest(2)

    def _latest(self, label: int) -> dict[str, int]:
        found: dict[str, int] = {}
        for labels, moment in self._last.items():
            name = f"{labels[0]} {labels[label]}"
            found[name] = max(found.get(name, 0), round(moment * 1000))
        return found

    def count_rejected(self, reason: str) -> None:
        """Count a rejected request."""
        self._refused[(reason,)] += 1

    def count_quarantined(self, reason: str) -> None:
        """Count a quarantined delivery."""
        self._quarantined[(reason,)] += 1

    def count_repetition(self, earlier: PriorAcceptance | None) -> None:
        """Count a delivery that repeats an earlier one or has an equal body; None counts nothing."""
        if earlier is not None and earlier.is_duplicate:
            self.duplicates += 1
        elif earlier is not None:
            self.repetitions += 1

    def add_gauges(
        self,
        spool: Callable[[], SpoolStatus],
        redis_up: Callable[[], bool],
        uploads: Uploads,
        connections: ClientConnections,
    ) -> None:
        """Register the sources of the gauges: spool, Redis, unfinished requests and connections."""
        self._states = [
            ("spool_records", "Deliveries in the spool", lambda: spool().records),
            ("spool_bytes", "Bytes in the spool", lambda: spool().bytes),
            ("spool_age_seconds", "Age of the oldest delivery in the spool", lambda: spool().age),
            ("spool_refuses", "1 while the spool is full or its disk broken", lambda: not spool().accepts),
            ("spool_skipped", "Entries of the spool's folder that cannot be opened", lambda: len(spool().skipped)),
            ("redis_up", "1 while Redis takes deliveries", redis_up),
            ("uploads_held_bytes", "Bytes of unfinished bodies held", lambda: uploads.held),
            ("heads_held_bytes", "Memory of unfinished heads, in bytes", lambda: connections.head_bytes),
            ("connections", "Open connections", lambda: len(connections)),
        ]

    def render(self) -> bytes:
        """Return all metrics in Prometheus's text format."""
        return generate_latest(self._registry)

    def collect(self) -> Iterator[Metric]:
        """Yield all metric families (called by the registry)."""
        resources: Counter[Labels] = Counter()
        secrets: Counter[Labels] = Counter()
        for (integration, resource, secret), count in self._accepted.items():
            resources[integration, resource] += count
            secrets[integration, secret] += count
        labels = ("integration", "resource")
        yield _make_counter("deliveries_accepted", "Deliveries answered 2xx", resources.items(), labels)
        yield _make_counter("deliveries_refused", "Requests refused", self._refused.items(), ("reason",))
        text = "Deliveries kept but not handled"
        yield _make_counter("deliveries_quarantined", text, self._quarantined.items(), ("reason",))
        text = "Deliveries by the secret that signed them"
        yield _make_counter("secret_matched", text, secrets.items(), ("integration", "secret"))
        yield _make_counter("deliveries_duplicate", "Deliveries that had come before", [((), self.duplicates)])
        text = "Deliveries accepted although the very same body had been accepted before: the same again, or a replay"
        yield _make_counter("deliveries_repeated", text, [((), self.repetitions)])
        text = "Deliveries kept on disk because Redis did not take them"
        yield _make_counter("deliveries_spooled", text, [((), self.spooled)])
        yield _make_counter("spool_drained", "Deliveries brought from the spool to Redis", [((), self.drained)])
        yield self.accept_seconds.family()
        yield self.age_seconds.family()
        for name, text, value in self._states:
            yield GaugeMetricFamily(f"vedette_{name}", text, value=float(value()))


def _make_counter(name: str, text: str, values: Iterable[tuple[Labels, int]], labels: Labels = ()) -> Metric:
    family = CounterMetricFamily(f"vedette_{name}", text, labels=labels)
    for label_values, value in values:
        family.add_metric(label_values, value)
    return family
