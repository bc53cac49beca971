"""The receiver as a process: how it starts, refuses to start, ends, and how much memory it takes."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import httpx2
import pytest
import uvloop

from receiver.app import build_app
from receiver.server import add_accept_handles
from tests.conftest import connect
from tests.ports import free_port
from tests.receiver.running import MakeSettings, Store, running
from tests.receiver.sentry import SECRET, hook_headers, issue_body, sign
from tests.receiver.servers import Receiver, own_server
from vedette.settings.problems import SettingsError
from vedette.settings.settings import Settings
from vedette.store.server.server_check import UnsafeServerError

ROOT = Path(__file__).parents[2]
WAITING = 40
"""Connections that wait to be accepted."""
ENOUGH_TURNS = WAITING // 2


def environment(**variables: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("VEDETTE_")}
    return kept | {"PYTHONPATH": str(ROOT)} | variables


def uvicorn(folder: Path, *options: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "uvicorn", "receiver.app:create_app", "--factory", *options]
    return subprocess.run(
        command, cwd=folder, env=environment(**variables), capture_output=True, text=True, timeout=60, check=False
    )


def test_without_a_secret_nothing_starts(tmp_path: Path) -> None:
    ended = uvicorn(tmp_path)
    assert ended.returncode == 2
    assert "VEDETTE_CLIENT_SECRET" in ended.stderr
    assert "Traceback" not in ended.stderr
    with pytest.raises(SettingsError):
        build_app(Settings.model_validate({"integrations": {}}))


def test_on_a_redis_that_evicts_nothing_starts(tmp_path: Path) -> None:
    with own_server(tmp_path / "valkey") as server:
        with server.client() as client:
            client.config_set("maxmemory-policy", "allkeys-lru")
        variables = {"VEDETTE_REDIS_URL": server.url, "VEDETTE_CLIENT_SECRET": SECRET}
        ended = uvicorn(tmp_path, "--port", "0", **variables)
    assert ended.returncode != 0
    assert "noeviction" in ended.stderr


async def test_on_a_redis_that_evicts_the_receiver_says_a_sentence_before_it_starts_anything(
    redis_url: str, make_settings: MakeSettings
) -> None:
    with connect(redis_url) as client:
        client.config_set("maxmemory-policy", "allkeys-lru")
        try:
            with pytest.raises(UnsafeServerError, match="set `maxmemory-policy noeviction`"):
                async with running(make_settings()):
                    pass
        finally:
            client.config_set("maxmemory-policy", "noeviction")


def test_plain_uvicorn_serves_it_too_and_logs_no_secret_path(tmp_path: Path, redis_url: str, store: Store) -> None:
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "receiver.app:create_app", "--factory", "--port", str(port)]
    variables = {"VEDETTE_REDIS_URL": redis_url, "VEDETTE_CLIENT_SECRET": SECRET}
    variables["VEDETTE_INTEGRATIONS__DEFAULT__LEGACY_PATH"] = "a-long-secret-path-of-the-tests"
    process = subprocess.Popen(
        command, cwd=tmp_path, env=environment(**variables), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        url = f"http://127.0.0.1:{port}"
        end = time.monotonic() + 60
        while time.monotonic() < end:
            with contextlib.suppress(httpx2.HTTPError):
                httpx2.get(f"{url}/health/live")
                break
            time.sleep(0.1)
        body = issue_body()
        assert httpx2.post(f"{url}/hooks", content=body, headers=hook_headers(body)).status_code == 202
        legacy = httpx2.post(f"{url}/legacy/default/a-long-secret-path-of-the-tests", content=b"{}")
        assert legacy.status_code == 202
    finally:
        process.terminate()
        output = process.communicate(timeout=60)[0]
    assert len(store.ids()) == 2
    assert "secret" not in output


@pytest.mark.alone
def test_sigterm_answers_what_is_under_way_and_ends_with_success(tmp_path: Path, redis_url: str) -> None:
    process = Receiver(redis_url, tmp_path / "state")
    with httpx2.Client(base_url=process.url) as client, socket.create_connection(("127.0.0.1", process.port)) as slow:
        body = issue_body()
        response = client.post("/hooks", content=body, headers=hook_headers(body))
        assert response.status_code == 202
        assert "server" not in response.headers
        slow.sendall(b"POST /hooks HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\nSentry-Hook-Signature: x\r\n\r\n")
        began = time.monotonic()
        process.process.send_signal(signal.SIGTERM)
        assert process.end() == 0
        assert time.monotonic() - began < 4


def test_a_receiver_that_has_time_compresses_what_it_stores(tmp_path: Path, redis_url: str, store: Store) -> None:
    process = Receiver(redis_url, tmp_path / "state")
    try:
        time.sleep(0.5)
        body = issue_body(filler="x" * 4000)
        answer = httpx2.post(f"{process.url}/hooks", content=body, headers=hook_headers(body))
        kept = store.delivery(answer.json()["delivery"])
        assert kept["encoding"] == b"zstd"
        assert len(kept["body"]) < len(body) / 10
    finally:
        process.kill()


def test_a_huge_chunked_upload_is_cut_without_taking_its_memory(tmp_path: Path, redis_url: str) -> None:
    process = Receiver(redis_url, tmp_path / "state")
    try:
        body = issue_body()
        assert httpx2.post(f"{process.url}/hooks", content=body, headers=hook_headers(body)).status_code == 202
        before = process.memory()
        status, highest = upload(process, 100 * 1024 * 1024)
        assert status in (b"HTTP/1.1 413", b"")
        assert highest - before < 20 * 1024 * 1024
        assert httpx2.get(f"{process.url}/health/live").status_code == 200
    finally:
        process.kill()


def upload(process: Receiver, size: int) -> tuple[bytes, int]:
    highest = 0
    chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
    with socket.create_connection(("127.0.0.1", process.port)) as connection:
        head = "POST /hooks HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
        connection.sendall(f"{head}Sentry-Hook-Signature: {sign(b'')}\r\n\r\n".encode())
        sent = 0
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            while sent < size:
                connection.sendall(chunk)
                sent += len(chunk)
                highest = max(highest, process.memory())
        with contextlib.suppress(ConnectionResetError):
            return connection.recv(12), highest
    return b"", highest


async def test_many_slow_uploads_take_no_more_memory_than_they_may(tmp_path: Path, redis_url: str) -> None:
    process = Receiver(redis_url, tmp_path / "state", VEDETTE_RECEIVER__UPLOADS_LIMIT="4000000")
    try:
        before = process.memory()
        head = b"POST /hooks HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\nSentry-Hook-Signature: x\r\n\r\n"
        opened: list[asyncio.StreamWriter] = []
        for _ in range(40):
            _, writer = await asyncio.open_connection("127.0.0.1", process.port)
            writer.write(head + b"x" * 900_000)
            opened.append(writer)
        await asyncio.sleep(1)
        # Its own bound, and what the server and the collector hold besides for forty connections.
        assert process.memory() - before < 30_000_000
        body = issue_body()
        async with httpx2.AsyncClient() as client:
            response = await client.post(f"{process.url}/hooks", content=body, headers=hook_headers(body))
        assert response.status_code == 202
        for writer in opened:
            writer.close()
    finally:
        process.kill()


class Counting(asyncio.Protocol):
    made: int = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        Counting.made += 1
        transport.close()


async def turns_until_all_are_taken(*, again: bool) -> int:
    Counting.made = 0
    server = await asyncio.get_running_loop().create_server(Counting, "127.0.0.1", 0)
    servers = [server, *(await add_accept_handles([server], Counting, backlog=100) if again else [])]
    with ExitStack() as opened:
        for _ in range(WAITING):
            # The system takes them without the loop's help, which finds them all waiting.
            opened.enter_context(socket.create_connection(server.sockets[0].getsockname()))
        turns = 0
        while Counting.made < WAITING and turns < 10 * WAITING:
            await asyncio.sleep(0)
            turns += 1
    for one in servers:
        one.close()
        await one.wait_closed()
    return turns


def test_connections_that_wait_are_taken_several_in_each_turn() -> None:
    assert uvloop.run(turns_until_all_are_taken(again=True)) <= ENOUGH_TURNS


def test_the_loop_by_itself_takes_one_in_each_turn() -> None:
    # If this fails, uvloop has learnt to take more, and `add_accept_handles` can go.
    assert uvloop.run(turns_until_all_are_taken(again=False)) > ENOUGH_TURNS
