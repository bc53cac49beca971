"""The simulated Sentry of the access tests, for commands that write to it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.console.commands.recorded import Recorded, recorded
from tests.vedette.access import conftest as simulated

access_settings, scopes, dropped_fields = simulated.access_settings, simulated.scopes, simulated.dropped_fields
client, make_scene, scene = simulated.client, simulated.make_scene, simulated.scene


@pytest.fixture
def redis_of_commands(redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Recorded]:
    """A Redis with deliveries in known states, and the commands that read it."""
    yield from recorded(redis_url, tmp_path, monkeypatch)
