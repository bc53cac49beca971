"""A fuzzer over raw request lines: whatever reaches Sentry is the filled template of an operation that was checked."""

import asyncio
import os
import socket
import threading
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from gateway.rest.request_path import split_path
from gateway.rest.routes import ROUTES
from tests.conftest import connect
from tests.gateway.gateways import RunningGateway, running_gateway
from vedette.api.call import fill
from vedette.api.operations import OPERATIONS
from vedette.store.server.server_check import open_redis

EXAMPLES = 3000 if os.environ.get("VEDETTE_FULL") == "1" else 150


@pytest.fixture(scope="module")
def gateway_in_thread(redis_server: str) -> Iterator[RunningGateway]:
    """A gateway with an event loop of its own, so that a test without one can write to its socket."""
    with connect(redis_server) as client:
        client.flushall()
    ready, found, ends = (
        threading.Event(),
        list[RunningGateway](),
        list[tuple[asyncio.AbstractEventLoop, asyncio.Event]](),
    )

    async def serve() -> None:
        end, client = asyncio.Event(), open_redis(redis_server)
        async with running_gateway(redis_server, client) as running:
            found.append(running)
            ends.append((asyncio.get_running_loop(), end))
            ready.set()
            await end.wait()
        await client.aclose()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert ready.wait(60)
    yield found[0]
    loop, end = ends[0]
    loop.call_soon_threadsafe(end.set)
    thread.join(20)


def send(gateway: RunningGateway, method: bytes, target: bytes) -> bytes:
    """Send a request line as it is, and return everything that comes back."""
    token = gateway.tokens["owner"].encode()
    head = b"%b %b HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %b\r\nConnection: close\r\n" % (method, target, token)
    head += b"Content-Length: 0\r\n\r\n"
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=10) as connection:
        connection.sendall(head)
        pieces: list[bytes] = []
        while piece := connection.recv(65536):
            pieces.append(piece)
    return b"".join(pieces)


def target_of(start: bytes, pieces: list[bytes], end: bytes) -> bytes:
    return start + b"/".join(pieces) + end


_LITERALS = sorted(
    {each.encode() for known in OPERATIONS.values() for each in known.path.split("/") if each and "{" not in each}
)
_TRICKS = (b"..", b".", b"", b"%2e%2e", b"%2F", b"stats", b";a=b")
_PIECE = st.one_of(
    st.sampled_from(_LITERALS),
    st.sampled_from([b"acme", b"shop", b"bank", b"42", b"latest", *_TRICKS]),
    st.binary(max_size=8).filter(lambda raw: not set(raw) & set(b" \r\n")),
)
_STARTS = (b"/api/0/", b"/api/0/organizations/acme/", b"/api/0/projects/acme/shop/", b"/", b"//", b"http://x/", b"")
_ENDS = (b"/", b"", b"/?a=b", b"?query=is:unresolved", b"#x", b"/?cursor=")
_TARGET = st.builds(target_of, st.sampled_from(_STARTS), st.lists(_PIECE, max_size=7), st.sampled_from(_ENDS))


def test_a_plain_path_reaches_sentry(gateway_in_thread: RunningGateway) -> None:
    gateway_in_thread.sentry.seen.clear()
    assert send(gateway_in_thread, b"GET", b"/api/0/organizations/acme/issues/").startswith(b"HTTP/1.1 200")
    assert gateway_in_thread.sentry.seen[-1].target == "/api/0/organizations/acme/issues/"


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@example(b"GET", b"/api/0/organizations/acme/../acme/issues/")
@given(st.sampled_from([b"GET", b"PUT", b"POST", b"DELETE"]), _TARGET)
def test_nothing_is_sent_but_the_filled_template_of_a_checked_operation(
    gateway_in_thread: RunningGateway, method: bytes, target: bytes
) -> None:
    seen = gateway_in_thread.sentry.seen
    seen.clear()
    answer = send(gateway_in_thread, method, target)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 "), answer
    for each in seen:
        path = each.target.partition("?")[0]
        found = ROUTES.find(each.method, split_path(path.encode()))
        assert path == fill(found.operation.path, found.parameters)
        assert each.headers["authorization"].startswith("Bearer sntryi_")
        assert gateway_in_thread.tokens["owner"] not in str(each.headers) + each.target
