"""Receivers on the tests' own Redis, and what a real Sentry sent."""

import base64
import json
from collections.abc import AsyncGenerator, Generator
from pathlib import Path
from typing import Any, cast

import pytest
import redis

from tests.receiver.running import MakeSettings, Running, Store, running
from tests.receiver.sentry import SECRET, Capture
from vedette.settings.settings import Settings


@pytest.fixture
def make_settings(redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MakeSettings:
    """Settings of a receiver on the tests' Redis; keywords change those of its `receiver` table."""
    monkeypatch.chdir(tmp_path)

    def make(*, url: str | None = None, integration: dict[str, Any] | None = None, **receiver: Any) -> Settings:
        return Settings.model_validate(
            {
                "integrations": {"default": {"client_secret": SECRET} | (integration or {})},
                "redis_url": url or redis_url,
                "state_dir": tmp_path / "state",
                "port": 0,
                "receiver": receiver,
            }
        )

    return make


@pytest.fixture
async def receiver(make_settings: MakeSettings) -> AsyncGenerator[Running]:
    async with running(make_settings()) as started:
        yield started


@pytest.fixture
def store(redis_url: str) -> Generator[Store]:
    with cast("Any", redis.Redis).from_url(redis_url) as client:
        yield Store(client)


@pytest.fixture
def captures(shared: Path) -> list[Capture]:
    folder = shared / "sentry" / "captures"
    found: list[Capture] = []
    for path in sorted(folder.glob("*.http.json")):
        raw = json.loads(path.read_text())
        own = path.name.startswith("installation.")
        secret = (folder / ("client-secret.installation" if own else "client-secret")).read_text().strip()
        headers = [
            (name, value) for name, value in raw["header_list"] if name.lower() not in {"host", "content-length"}
        ]
        body = base64.b64decode(raw["body_base64"])
        found.append(Capture(path.name.removesuffix(".http.json"), headers, body, secret))
    return found
