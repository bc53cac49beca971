"""Joins the metrics of the processes of one receiver: whichever is asked answers for all, each under its label."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector
from prometheus_client.samples import Sample

from receiver.observability.receiver_metrics import ReceiverMetrics

_INTERVAL = 1.0
"""Seconds between two writes of a process's metrics, and so the age that those of others have at most."""
LABEL = "process"


class GroupMetrics:
    """The metrics of one process, and those that the others of its group have written."""

    def __init__(self, metrics: ReceiverMetrics, file: Path) -> None:
        """Set the metrics of this process, and the file in which the others find them.

        Args:
            metrics: Its metrics.
            file: `NUMBER.prom` in the group's folder.
        """
        self._metrics = metrics
        self._file = file

    async def run(self) -> None:
        """Write the metrics of this process every second, until cancelled."""
        while True:
            await asyncio.to_thread(self._write, self._metrics.render())
            await asyncio.sleep(_INTERVAL)

    async def render(self) -> bytes:
        """Return the metrics of all processes in Prometheus's text format, with the label `process`."""
        others = await asyncio.to_thread(self._read_others)
        return _join({self._file.stem: self._metrics.render(), **others})

    def _write(self, content: bytes) -> None:
        written = self._file.with_suffix(".new")
        written.write_bytes(content)
        written.replace(self._file)

    def _read_others(self) -> dict[str, bytes]:
        found: dict[str, bytes] = {}
        for path in sorted(self._file.parent.glob("*.prom")):
            if path != self._file:
                try:
                    found[path.stem] = path.read_bytes()
                except FileNotFoundError:
                    # Its process has ended in this moment.
                    continue
        return found


class _Joined(Collector):
    def __init__(self, families: dict[str, Metric]) -> None:
        self._families = families

    def collect(self) -> Iterator[Metric]:
        yield from self._families.values()


def _join(texts: dict[str, bytes]) -> bytes:
    families: dict[str, Metric] = {}
    for process, text in texts.items():
        for family in text_string_to_metric_families(text.decode()):
            joined = families.setdefault(family.name, Metric(family.name, family.documentation, family.type))
            joined.samples += [_labelled(sample, process) for sample in family.samples]
    registry = CollectorRegistry()
    registry.register(_Joined(families))
    return generate_latest(registry)


def _labelled(sample: Sample, process: str) -> Sample:
    return sample._replace(labels={**sample.labels, LABEL: process})
