"""Collects metrics of queues, runs and workers; all of them are in Redis, so any worker can serve them for all."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import msgspec
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from vedette.checks.watch_state import read_states
from vedette.store.access.refused_tokens import read_refusals
from vedette.store.alarms.alarm_records import read_alarms
from vedette.store.server.keys import (
    ALARMS,
    COUNTS,
    DEAD,
    LAST_DELIVERIES,
    QUEUES,
    REFUSED_TOKENS,
    SCHEDULE,
    WATCH,
    WORKERS,
    messages_key,
    queue_key,
    token_waiters_key,
)
from workers.observability.reconcile_metrics import collect_reconcile

_BUCKETS = (10, 50, 100, 500, 1000, 5000, 30_000, 300_000)
"""Milliseconds; `runs.lua` counts in these."""
_TOLD = {"start": "the first line of its handler", "end": "the end of its run"}


class _Sent(msgspec.Struct):
    message_timestamp: int


class RedisMetricsCollector(Collector):
    """Reads Redis when it is asked."""

    def __init__(self, client: Any, integrations: Collection[str] = ()) -> None:
        """Prepare.

        Args:
            client: Redis, for a thread.
            integrations: The names of the integrations; the state of their tokens is shown.
        """
        self._client = client
        self._integrations = integrations

    def text(self) -> bytes:
        """Return everything in Prometheus's form.

        Raises:
            RedisError: When Redis does not answer.
        """
        registry = CollectorRegistry(auto_describe=False)
        # Registering would ask for the figures once more, to learn their names.
        registry.register(_Collected(list(self.collect())))
        return generate_latest(registry)

    def collect(self) -> Iterator[Metric]:
        """Read the figures."""
        yield from self._queues()
        for name, text, key in (
            ("vedette_schedule_depth", "Messages that wait for their time.", SCHEDULE),
            ("vedette_dead_runs", "Dead-letter runs, which wait for a person.", DEAD),
            ("vedette_workers", "Worker processes that gave a sign of life.", WORKERS),
        ):
            yield GaugeMetricFamily(name, text, value=self._client.zcard(key))
        yield from self._tokens()
        yield self._alarms()
        counts = {name.decode(): int(value) for name, value in self._client.hgetall(COUNTS).items()}
        yield from _runs(counts)
        yield from _watch(self._client.hgetall(WATCH), self._client.hgetall(LAST_DELIVERIES))
        for point, told in _TOLD.items():
            yield _latency(counts, point, f"From a delivery's acceptance to {told}.")
        yield from collect_reconcile(self._client)

    def _queues(self) -> Iterator[Metric]:
        depth = GaugeMetricFamily("vedette_queue_depth", "Messages that wait in a queue.", labels=["queue"])
        held = GaugeMetricFamily("vedette_queue_held", "Messages that workers hold.", labels=["queue"])
        age = GaugeMetricFamily("vedette_queue_age_seconds", "Age of the message that is next.", labels=["queue"])
        for name in sorted(one.decode() for one in self._client.smembers(QUEUES)):
            waiting = self._client.llen(queue_key(name))
            depth.add_metric([name], waiting)
            held.add_metric([name], max(0, self._client.hlen(messages_key(name)) - waiting))
            age.add_metric([name], self._age(name))
        yield from (depth, held, age)

    def _tokens(self) -> Iterator[Metric]:
        refused = GaugeMetricFamily(
            "vedette_token_refused", "1 while Sentry refuses the integration's token.", labels=["integration"]
        )
        waiting = GaugeMetricFamily(
            "vedette_token_waiters", "Runs that wait until the integration's token works.", labels=["integration"]
        )
        refusals = read_refusals(self._client.hgetall(REFUSED_TOKENS))
        in_force = {integration for (integration, _), token in refusals.items() if not token.replaced}
        for integration in sorted({*self._integrations, *in_force}):
            refused.add_metric([integration], int(integration in in_force))
            waiting.add_metric([integration], self._client.zcard(token_waiters_key(integration)))
        yield from (refused, waiting)

    def _alarms(self) -> Metric:
        metric = GaugeMetricFamily("vedette_alarms", "Open alarms.", labels=["kind"])
        alarms = read_alarms(self._client.hgetall(ALARMS))
        for kind in sorted({alarm.kind for alarm in alarms}):
            metric.add_metric([kind], sum(alarm.kind == kind for alarm in alarms))
        return metric

    def _age(self, queue: str) -> float:
        first = self._client.lindex(queue_key(queue), 0)
        message = None if first is None else self._client.hget(messages_key(queue), first)
        if message is None:
            return 0.0
        seconds, microseconds = self._client.time()
        now = seconds + microseconds / 1_000_000
        return max(0.0, now - msgspec.json.decode(message, type=_Sent).message_timestamp / 1000)


class _Collected(Collector):
    def __init__(self, metrics: list[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> list[Metric]:
        return self._metrics


def _runs(counts: dict[str, int]) -> Iterator[Metric]:
    attempts = CounterMetricFamily("vedette_runs", "Attempts of runs by how they ended.", labels=["state"])
    blocked = CounterMetricFamily("vedette_loop_blocked", "Times a handler blocked the event loop.", labels=["handler"])
    stalled = CounterMetricFamily(
        "vedette_stalled",
        "Deliveries and runs that nothing would have taken up, and were set going.",
        labels=["problem"],
    )
    for name, value in sorted(counts.items()):
        kind, _, label = name.partition(":")
        if kind == "runs":
            attempts.add_metric([label], value)
        elif kind == "blocked":
            blocked.add_metric([label], value)
        elif kind == "stalled":
            stalled.add_metric([label], value)
    yield from (attempts, blocked, stalled)


def _watch(states: Mapping[bytes, bytes], last: Mapping[bytes, bytes]) -> Iterator[Metric]:
    text = "The watchdog's finding: 0 is well, 1 a warning, 2 broken, -1 not known."
    state = GaugeMetricFamily("vedette_watch_state", text, labels=["integration", "check"])
    for (integration, check), one in sorted(read_states(states).items()):
        state.add_metric([integration, check], -1 if one.finding.state == "unknown" else one.finding.severity)
    text = "When the latest delivery was accepted: Unix time."
    labels = ["integration", "resource"]
    delivered = GaugeMetricFamily("vedette_last_delivery_timestamp_seconds", text, labels=labels)
    for name, moment in sorted(last.items()):
        integration, _, resource = name.decode().rpartition(" ")
        delivered.add_metric([integration, resource], float(moment) / 1000)
    yield from (state, delivered)


def _latency(counts: dict[str, int], point: str, text: str) -> Metric:
    total = 0
    buckets: list[tuple[str, float]] = []
    for bound in _BUCKETS:
        total += counts.get(f"{point}:{bound}", 0)
        buckets.append((str(bound / 1000), total))
    buckets.append(("+Inf", total + counts.get(f"{point}:more", 0)))
    seconds = counts.get(f"{point}:sum", 0) / 1000
    return HistogramMetricFamily(f"vedette_run_{point}_seconds", text, buckets=buckets, sum_value=seconds)
