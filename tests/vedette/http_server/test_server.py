"""A server as a process: what it reports when it listens, and how it ends."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

ROOT = Path(__file__).parents[3]
PROGRAM = """
import asyncio, contextlib, sys
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from vedette.http_server.server import HttpServer, server_config

def say(*words):
    print(*words, flush=True)

async def slow(request):
    say("asked")
    await asyncio.sleep(0.5)
    return PlainTextResponse("answered")

@contextlib.asynccontextmanager
async def lifespan(app):
    say("started")
    yield
    say("ended")

class Server(HttpServer):
    async def on_listening(self, url):
        say("listening", url)

app = Starlette(routes=[Route("/slow", slow)], lifespan=lifespan)
host = sys.argv[1]
config = server_config(app, host=host, port=int(sys.argv[2]), protocol=HttpToolsProtocol)
Server(config, lambda url: say("ready", url)).run()
say("returned")
"""


@contextmanager
def running(host: str = "127.0.0.1", port: int = 0) -> Generator["subprocess.Popen[str]"]:
    """Start the program in a process of its own."""
    command = [sys.executable, "-c", PROGRAM, host, str(port)]
    process = subprocess.Popen(
        command, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def next_line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().rstrip("\n")


def url_of(process: "subprocess.Popen[str]") -> str:
    assert next_line(process) == "started"
    listening = next_line(process)
    url = listening.removeprefix("listening ")
    assert next_line(process) == f"ready {url}"
    return url


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_requests_in_progress_be_answered_and_ends_with_success(number: signal.Signals) -> None:
    with running() as process:
        url = httpx2.URL(url_of(process))
        with socket.create_connection((url.host, url.port or 0)) as client:
            client.sendall(b"GET /slow HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            assert next_line(process) == "asked"
            process.send_signal(number)
            client.settimeout(60)
            answer = b""
            while part := client.recv(4096):
                answer += part
        assert answer.startswith(b"HTTP/1.1 200")
        assert answer.endswith(b"answered")
        assert b"server:" not in answer.lower()
        assert [next_line(process), next_line(process)] == ["ended", "returned"]
        assert process.wait(60) == 0


def test_the_url_has_the_port_that_the_system_chose() -> None:
    with running() as process:
        url = url_of(process)
        assert httpx2.get(f"{url}/nothing").status_code == 404


def test_an_ipv6_address_is_in_brackets() -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6")
    with running("::1") as process:
        url = url_of(process)
        assert url.startswith("http://[::1]:")
        assert httpx2.get(f"{url}/nothing").status_code == 404


def test_a_port_that_is_taken_ends_the_process_and_reports_no_url() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with running(port=taken.getsockname()[1]) as process:
            output, errors = process.communicate(timeout=60)
    assert process.returncode != 0
    assert output.splitlines() == ["started", "ended"], errors
