"""Processes of two editions at one Redis: each waits, or ends with a sentence, and nothing is lost."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.receiver.sentry import hook_headers
from tests.receiver.servers import Receiver
from tests.workers.conftest import BODY, Site
from vedette.store.server.edition import EDITION
from vedette.store.server.keys import EDITION_KEY

PATIENCE = 60.0
HANDLER = """
@on("error.created")
def seen(event: Event) -> None:
    note("seen")
"""


@pytest.fixture
def receiver(site: Site, tmp_path: Path) -> Iterator[Receiver]:
    site.client.set(EDITION_KEY, 3)
    state = tmp_path / "state"
    state.mkdir()
    started = Receiver(site.url, state)
    yield started
    started.kill()


def post(receiver: Receiver, number: int) -> dict[str, Any]:
    body = BODY.replace(b'"action"', b'"number":%d,"action"' % number, 1)
    with httpx2.Client(timeout=30, trust_env=False) as client:
        answer = client.post(f"{receiver.url}/hooks/default", content=body, headers=hook_headers(body, "error"))
    assert answer.status_code == 202, answer.text
    return answer.json()


def test_receiver_and_worker_wait_for_their_own_edition(site: Site, receiver: Receiver, until: Any) -> None:
    site.plugin(HANDLER)
    site.start()
    post(receiver, 1)
    until(lambda: f"edition 3, and this version of Vedette uses edition {EDITION}" in site.log(), PATIENCE)
    assert site.client.keys("{vedette}:deliver*") == []
    site.client.set(EDITION_KEY, EDITION)
    until(lambda: site.notes() == ["seen"], PATIENCE)
    # Both meet the other edition while they run.
    site.client.set(EDITION_KEY, 4)
    site.accept()
    until(lambda: "Redis holds data of edition 4" in site.log(), PATIENCE)
    assert site.notes() == ["seen"]
    site.client.set(EDITION_KEY, EDITION)
    until(lambda: len(site.notes()) == 2, PATIENCE)


def test_a_command_ends_with_a_sentence(redis_url: str, site: Site, tmp_path: Path) -> None:
    site.client.set(EDITION_KEY, 3)
    variables = {**os.environ, "VEDETTE_REDIS_URL": redis_url, "VEDETTE_STATE_DIR": str(tmp_path)}
    command = [str(Path(sys.executable).with_name("vedette")), "deliveries", "--json"]
    ended = subprocess.run(command, env=variables, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert f"edition 3, and this version of Vedette uses edition {EDITION}" in json.loads(ended.stderr)["error"]
