"""Receiver, worker and commands behind Sentinel, in a Cluster, and at a server that lets in only those it knows."""

import threading
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.receiver.sentry import hook_headers, issue_body
from tests.secured import PASSWORD, PASSWORD_AS_GIVEN, Secured, secured
from tests.topologies import Cluster, Watched, cluster, watched
from vedette.store.server.keys import PREFIX

Until = Callable[..., Any]
PLUGIN = """
import os
from vedette import on, Retries

@on("issue.created", retries=Retries(attempts=20, wait=0.2, longest=1))
async def noted(event, ctx):
    if int(event.issue_id) % 5 == 0 and ctx.attempt < 3:
        raise ValueError("not yet")
    with open(os.environ["NOTES"], "a") as file:
        file.write(ctx.delivery + "\\n")
"""


@dataclass
class Stream:
    """Webhooks one after another until stopped."""

    url: str
    secret: str
    answers: list[httpx2.Response] = field(default_factory=list[httpx2.Response])
    enough: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        with httpx2.Client(base_url=self.url, timeout=10, trust_env=False) as client:
            while not self.enough.wait(0.02):
                body = issue_body(len(self.answers) + 1)
                headers = hook_headers(body, secret=self.secret)
                self.answers.append(client.post("/hooks", content=body, headers=headers))

    def ids(self) -> list[str]:
        assert {answer.status_code for answer in self.answers} == {202}
        return [answer.json()["delivery"] for answer in self.answers]


@contextmanager
def streaming(url: str, secret: str) -> Generator[Stream]:
    stream = Stream(url, secret)
    thread = threading.Thread(target=stream.run)
    thread.start()
    try:
        yield stream
    finally:
        stream.enough.set()
        thread.join(20)


@pytest.fixture
def notes(vedette: Any, secret: str) -> Callable[[], Counter[str]]:
    """What the handler has written down, by delivery."""
    path = vedette.folder / "notes"
    (vedette.folder / "noted.py").write_text(PLUGIN)
    vedette.variables |= {
        "VEDETTE_CLIENT_SECRET": secret,
        "VEDETTE_TOKEN": "sntryi_" + "a" * 64,
        "VEDETTE_ORGANIZATION": "acme",
        "VEDETTE_SENTRY_URL": "http://127.0.0.1:9",
        "VEDETTE_PLUGINS": "noted.py",
        "VEDETTE_HANDLERS__TRIAGE__ENABLED": "false",
        "NOTES": str(path),
    }
    return lambda: Counter(path.read_text().splitlines() if path.exists() else [])


def on(vedette: Any, url: str, until: Until) -> None:
    vedette.variables["VEDETTE_REDIS_URL"] = url
    vedette.start("receiver")
    vedette.start("worker")
    until(vedette.is_ready)


def figures(vedette: Any) -> dict[str, float]:
    text = httpx2.get(f"{vedette.url}/metrics", trust_env=False).text
    lines = [line.rpartition(" ") for line in text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in lines}


@pytest.fixture
def behind_locks(tmp_path: Path) -> Generator[Secured]:
    (tmp_path / "secured").mkdir()
    with secured(tmp_path / "secured") as server:
        yield server


@pytest.fixture
def behind_sentinel(tmp_path: Path) -> Generator[Watched]:
    with watched(tmp_path / "servers") as servers:
        yield servers


@pytest.fixture
def in_cluster(tmp_path: Path) -> Generator[Cluster]:
    with cluster(tmp_path / "servers") as nodes:
        yield nodes


def test_a_failover_in_the_middle_loses_nothing_and_doubles_nothing(
    behind_sentinel: Watched, vedette: Any, notes: Callable[[], Counter[str]], secret: str, until: Until
) -> None:
    servers = behind_sentinel
    on(vedette, servers.url, until)
    with streaming(vedette.url, secret) as stream:
        until(lambda: len(notes()) > 20)
        servers.master.kill()
        until(lambda: servers.master_port == servers.replica.port)
        taken_over = sum(notes().values())
        until(lambda: sum(notes().values()) > taken_over + 40)
    assert figures(vedette)["vedette_deliveries_spooled_total"] > 0
    until(lambda: notes() == dict.fromkeys(stream.ids(), 1))
    assert figures(vedette)["vedette_spool_records"] == 0
    assert {one["id"] for one in vedette.deliveries("--limit", "10000")} == set(stream.ids())


def test_a_cluster_is_used_by_the_address_of_any_node_and_through_a_move_of_its_slot(
    in_cluster: Cluster, vedette: Any, notes: Callable[[], Counter[str]], secret: str, until: Until
) -> None:
    nodes = in_cluster
    on(vedette, nodes.url, until)
    with streaming(vedette.url, secret) as stream:
        until(lambda: len(notes()) > 20)
        _check_keys(nodes)
        nodes.move_slot()
        moved = sum(notes().values())
        until(lambda: sum(notes().values()) > moved + 40)
    until(lambda: notes() == dict.fromkeys(stream.ids(), 1))
    _check_keys(nodes)
    assert {one["id"] for one in vedette.deliveries("--limit", "10000")} == set(stream.ids())


def _check_keys(nodes: Cluster) -> None:
    kept = nodes.owner.client.keys()
    assert kept
    assert all(key.startswith(PREFIX.encode()) for key in kept)
    assert nodes.other.client.dbsize() == 0


def test_a_server_behind_tls_user_and_password_is_used_and_nobody_learns_the_password(
    behind_locks: Secured, vedette: Any, notes: Callable[[], Counter[str]], secret: str, until: Until
) -> None:
    on(vedette, behind_locks.tls_url(**behind_locks.certificates), until)
    body = issue_body(1)
    delivery = vedette.post(body, hook_headers(body, secret=secret)).json()["delivery"]
    until(lambda: notes() == {delivery: 1})
    told = vedette.run("deliveries", "--json")
    assert delivery in told
    vedette.variables["VEDETTE_REDIS_URL"] = behind_locks.tls_url(
        ssl_ca_certs=behind_locks.certificates["ssl_ca_certs"]
    )
    told += vedette.run("deliveries", code=1)
    vedette.variables["VEDETTE_REDIS_URL"] = (
        f"redis://vedette:{PASSWORD_AS_GIVEN}@127.0.0.1:{behind_locks.port}?tls=yes"
    )
    refused = vedette.run("deliveries", code=2)
    assert "redis_url: has the option tls" in refused
    for process in vedette.running:
        process.end()
        told += process.story()
    assert all(word not in told + refused for word in (PASSWORD, PASSWORD_AS_GIVEN, "hunter2"))
