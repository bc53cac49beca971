"""A Redis with deliveries and runs in known states, as the commands read it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from typer.testing import CliRunner

from console.main import app
from tests.conftest import connect
from tests.recorded_deliveries import record_delivery


@dataclass(frozen=True)
class Recorded:
    """The Redis of the commands."""

    client: Any

    def record(self, label: str, issue: str, **runs: dict[str, str]) -> str:
        """Write a delivery with runs; return its id."""
        return record_delivery(self.client, runs=runs, label=label, issue=issue)

    def run(self, *arguments: str, columns: int | None = None) -> Any:
        """Run a command."""
        width = {} if columns is None else {"COLUMNS": str(columns)}
        return CliRunner(env=width).invoke(app, list(arguments))


def recorded(redis_url: str, tmp_path: Any, monkeypatch: Any) -> Iterator[Recorded]:
    """Yield the Redis of the commands; the body of a fixture."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VEDETTE_REDIS_URL", redis_url)
    with connect(redis_url) as client:
        yield Recorded(client)
