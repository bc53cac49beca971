"""Collects the metrics of sweeps: missing and rebuilt webhooks, calls, and the time of the last sweep."""

from collections.abc import Iterator
from typing import Any

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from vedette.store.server.keys import RECONCILED, reconcile_key


def collect_reconcile(client: Any) -> Iterator[Metric]:
    """Read the figures of all integrations."""
    labels = ["integration", "event"]
    missing = CounterMetricFamily("vedette_reconcile_missing", "Webhooks that did not arrive.", labels=labels)
    rebuilt = CounterMetricFamily("vedette_reconcile_rebuilt", "Deliveries rebuilt for handlers.", labels=labels)
    calls = CounterMetricFamily("vedette_reconcile_calls", "Calls of sweeps to Sentry.", labels=["integration"])
    watermark = GaugeMetricFamily(
        "vedette_reconcile_watermark_seconds",
        "When the last complete sweep began, Unix time.",
        labels=["integration"],
    )
    for name, milliseconds in sorted(client.hgetall(RECONCILED).items()):
        integration = name.decode()
        watermark.add_metric([integration], int(milliseconds) / 1000)
        for field, value in sorted(client.hgetall(reconcile_key(integration)).items()):
            kind, _, rest = field.decode().partition(":")
            figure, _, event = rest.partition(":")
            if kind == "total" and figure == "calls":
                calls.add_metric([integration], int(value))
            elif kind == "total":
                (missing if figure == "missing" else rebuilt).add_metric([integration, event], int(value))
    yield from (missing, rebuilt, calls, watermark)
