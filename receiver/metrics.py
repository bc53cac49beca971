"""What the door counts, in a registry of its own: two receivers in one process must not share figures."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from receiver.spool.spool import SpoolStatus
from vedette.events.catalog import RESOURCES

_ACCEPT_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
_AGE_SECONDS = (0.5, 1, 2, 5, 15, 60, 300, 900, 3600, 86400)
CONTENT_TYPE = b"text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """The figures of one receiver."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._accepted = self._counter("deliveries_accepted", "Deliveries answered 2xx", "integration", "resource")
        self._refused = self._counter("deliveries_refused", "Requests refused", "reason")
        self._quarantined = self._counter("deliveries_quarantined", "Deliveries kept but not handled", "reason")
        self._secrets = self._counter(
            "secret_matched", "Deliveries by the secret that signed them", "integration", "secret"
        )
        self.duplicates = self._counter("deliveries_duplicate", "Deliveries that had come before")
        self.spooled = self._counter("deliveries_spooled", "Deliveries kept on disk because Redis did not take them")
        self.drained = self._counter("spool_drained", "Deliveries brought from the spool to Redis")
        self.accept_seconds = self._histogram("accept_seconds", "Time from request to answer", _ACCEPT_SECONDS)
        self.age_seconds = self._histogram("delivery_age_seconds", "Age on arrival by Sentry's stamp", _AGE_SECONDS)
        self._accepted_of: dict[tuple[str, str], Counter] = {}
        self._secret_of: dict[tuple[str, str], Counter] = {}

    def accepted(self, integration: str, resource: str) -> None:
        """Count a delivery that was answered 2xx."""
        counter = self._accepted_of.get((integration, resource))
        if counter is None:
            # Only known resources become a label of their own: the header is unsigned.
            label = resource if resource in RESOURCES else "other"
            counter = self._accepted.labels(integration, label)
            if label == resource:
                self._accepted_of[integration, resource] = counter
        counter.inc()

    def secret_matched(self, integration: str, secret: str) -> None:
        """Count which secret signed a delivery, so that the old one can be retired."""
        counter = self._secret_of.get((integration, secret))
        if counter is None:
            counter = self._secret_of[integration, secret] = self._secrets.labels(integration, secret)
        counter.inc()

    def refused(self, reason: str) -> None:
        """Count a request that was refused."""
        self._refused.labels(reason).inc()

    def quarantined(self, reason: str) -> None:
        """Count a delivery that is kept but not handled."""
        self._quarantined.labels(reason).inc()

    def watch(self, spool: Callable[[], SpoolStatus], redis_up: Callable[[], bool], held: Callable[[], int]) -> None:
        """Show the state of the spool, of Redis and of unfinished bodies at the moment somebody asks."""
        self._gauge("spool_records", "Deliveries in the spool", lambda: spool().records)
        self._gauge("spool_bytes", "Bytes in the spool", lambda: spool().bytes)
        self._gauge("spool_age_seconds", "Age of the oldest delivery in the spool", lambda: spool().age)
        self._gauge("spool_refuses", "1 while the spool is full or its disk broken", lambda: not spool().takes)
        self._gauge("redis_up", "1 while Redis takes deliveries", redis_up)
        self._gauge("uploads_held_bytes", "Bytes of unfinished bodies held", held)

    def exposition(self) -> bytes:
        """Return all figures as collectors read them."""
        return generate_latest(self.registry)

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"vedette_{name}", text, labels, registry=self.registry)

    def _histogram(self, name: str, text: str, buckets: tuple[float, ...]) -> Histogram:
        return Histogram(f"vedette_{name}", text, buckets=buckets, registry=self.registry)

    def _gauge(self, name: str, text: str, value: Callable[[], float]) -> None:
        Gauge(f"vedette_{name}", text, registry=self.registry).set_function(value)
